/** One reply as the user wants it: dig's layout, `+short`, or JSON. */

import type { TransferSize } from '../client/transfer.ts';
import type { Clock } from '../net/ports.ts';
import { typeText } from '../wire/iana.ts';
import type { Reply } from './ask.ts';
import { placeOf } from './failures.ts';
import type { Output } from './output.ts';
import { printJson, replyJson, type ToPacket } from './json.ts';
import { nat64Prefixes } from './nat64.ts';
import { printExplanation } from './print-explanation.ts';
import { printMessage } from './print-message.ts';
import { printData } from './print-data.ts';
import { shortDataStyle } from './print-style.ts';
import { printYaml } from './print-yaml.ts';
import type { Settings } from './settings.ts';
import { TtlBars } from './ttl-bars.ts';
import { journeyOf, judgeReply, viewOf, type ViewContext } from './view.ts';

export interface ReportContext extends ViewContext {
  readonly output: Output;
  readonly clock: Clock;
  /** The user's key could not be made use of. */
  readonly isKeyUnused: boolean;
  /** For `+json`, and there only. */
  readonly toPacket: ToPacket | undefined;
  /** Local time as dig prints it: 'Sun Nov 22 10:31:32 UTC 2026'. */
  readonly formatTime: (wallMs: number) => string;
}

export function report(context: ReportContext, reply: Reply, settings: Settings): void {
  reportMessage(context, reply, settings);
  reportTrailer(context, reply, settings);
}

/** The reply without how it came. */
export function reportMessage(context: ReportContext, reply: Reply, settings: Settings): void {
  const { output, globals } = context;
  const judged = judgeReply(reply, settings);
  for (const warning of judged.warnings) output.remark(warning);
  output.releaseBanner(globals.showsCommand && !globals.short);
  const view = viewOf(context, settings, { cookie: judged.verdict, leniency: reply.leniency });
  if (context.toPacket) {
    output.print(printJson(replyJson(reply, settings, { toPacket: context.toPacket })));
  } else if (settings.dns64Prefix) {
    output.print(
      nat64Prefixes(reply.message.answers)
        .map((prefix) => `${prefix}\n`)
        .join(''),
    );
  } else if (globals.short) {
    output.print(shortOf(context, reply, settings));
    if (isExplained(settings)) output.print(printExplanation(reply.message));
  } else if (globals.yaml) {
    const journey = journeyOf(context, reply, settings);
    output.print(printYaml(reply.message, settings, { ...view, journey }));
  } else {
    output.print(printMessage(reply.message, settings, view));
    if (isExplained(settings)) output.print(printExplanation(reply.message));
  }
}

/** How the reply came, where statistics are wanted. */
export function reportTrailer(context: ReportContext, reply: Reply, settings: Settings): void {
  const { short, json, yaml } = context.globals;
  if (short || json || yaml) return;
  context.output.print(`${ttlBarsOf(reply, settings)}${trailerOf(context, reply, settings)}`);
}

function ttlBarsOf({ message }: Reply, { ttlBars, watchSeconds }: Settings): string {
  // Watching has bars of its own, which remember how long the TTL was.
  return ttlBars && watchSeconds === undefined ? new TtlBars().print(message) : '';
}

function isExplained({ explains, trace }: Settings): boolean {
  return explains && !trace;
}

function shortOf(context: ReportContext, reply: Reply, settings: Settings): string {
  const { showsAnswer, trace, nsSearch, identifies } = settings;
  if (!showsAnswer) return '';
  const { address } = reply.from.endpoint;
  const took = timeText(reply.rttMs, settings).short;
  const suffix = identifies ? ` from server ${address} in ${took}.` : '';
  const style = shortDataStyle(settings, viewOf(context, settings));
  const typeWord = (type: number): string => (trace || nsSearch ? `${typeText(type)} ` : '');
  return reply.message.answers
    .map((record) => `${typeWord(record.type)}${printData(record, style)}${suffix}\n`)
    .join('');
}

function trailerOf(
  { clock, formatTime, isKeyUnused }: ReportContext,
  reply: Reply,
  { showsStats, identifies, microseconds }: Settings,
): string {
  const server = `${placeOf(reply.from)}(${reply.from.label})`;
  const size = reply.octets.length;
  const tookTime = timeText(reply.rttMs, { microseconds });
  if (!showsStats) {
    return identifies ? `;; Received ${size} bytes from ${server} in ${tookTime.short}\n\n` : '';
  }
  const isDoubted = reply.signature !== undefined && reply.signature.kind !== 'valid';
  return [
    `;; Query time: ${tookTime.long}\n`,
    `;; SERVER: ${server} (${viaText(reply)})\n`,
    `;; WHEN: ${formatTime(clock.wall())}\n`,
    `;; MSG SIZE  rcvd: ${size}\n`,
    isDoubted ? UNVERIFIED : '',
    isKeyUnused ? UNUSED : '',
    '\n',
  ].join('');
}

/** What there is to say of a transfer at its end. */
export function reportTransferSize(
  { clock, formatTime, isKeyUnused, output, globals }: ReportContext,
  transfer: Pick<Reply, 'from' | 'via' | 'method'> & {
    readonly size: TransferSize;
    readonly isSigned: boolean;
  },
  { showsStats, identifies, microseconds }: Settings,
): void {
  const { size, from, isSigned } = transfer;
  const place = `${placeOf(from)}(${from.label})`;
  const took = timeText(size.tookMs, { microseconds });
  if (!showsStats && identifies) {
    output.print(`;; Received ${size.octets} bytes from ${place} in ${took.short}\n\n`);
  }
  if (!showsStats || globals.short || globals.json || globals.yaml) return;
  output.print(
    [
      `;; Query time: ${took.long}\n`,
      `;; SERVER: ${place} (${viaText(transfer)})\n`,
      `;; WHEN: ${formatTime(clock.wall())}\n`,
      `;; XFR size: ${size.records} records (messages ${size.messages}, bytes ${size.octets})\n`,
      isSigned && !size.isVerified ? UNVERIFIED : '',
      isKeyUnused ? UNUSED : '',
      '\n',
    ].join(''),
  );
}

const UNUSED = ';; WARNING -- TSIG key was not used.\n';
const UNVERIFIED = ';; WARNING -- Some TSIG could not be validated\n';

/** As dig names it. */
function viaText({ via, method }: Pick<Reply, 'via' | 'method'>): string {
  const isGet = (via === 'https' || via === 'http') && method === 'GET';
  return `${via.toUpperCase()}${isGet ? '-GET' : ''}`;
}

/** Whole units, as dig prints them: with the long name in statistics, else with the short one. */
function timeText(
  tookMs: number,
  { microseconds }: Pick<Settings, 'microseconds'>,
): { readonly long: string; readonly short: string } {
  if (!microseconds) {
    const ms = Math.floor(tookMs);
    return { long: `${ms} msec`, short: `${ms} ms` };
  }
  const us = Math.floor(tookMs * 1000);
  return { long: `${us} usec`, short: `${us} us` };
}
