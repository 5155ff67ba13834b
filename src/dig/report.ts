/** One reply as the user wants it: dig's layout, `+short`, or JSON. */

import type { TransferSize } from '../client/transfer.ts';
import type { Clock } from '../net/ports.ts';
import type { Message } from '../wire/message.ts';
import { typeText } from '../wire/iana.ts';
import type { Reply } from './ask.ts';
import { placeOf } from './failures.ts';
import type { Output } from './output.ts';
import { explanationJson, printExplanation, withoutExplanation } from './print-explanation.ts';
import { printMessage } from './print-message.ts';
import { printData } from './print-record.ts';
import type { Globals, Settings } from './settings.ts';

export interface ReportContext {
  readonly output: Output;
  readonly clock: Clock;
  readonly globals: Pick<Globals, 'short' | 'json' | 'yaml' | 'showsCommand'>;
  /** The message in dns-packet's shape, for `+json`. */
  readonly toPacket: (message: Message) => object;
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
  output.releaseBanner(globals.showsCommand && !globals.short);
  if (globals.json) {
    output.print(`${asciiJson(jsonOf(context, reply, settings))}\n`);
  } else if (globals.short) {
    output.print(shortOf(reply, settings));
    if (isExplained(settings)) output.print(printExplanation(reply.message));
  } else {
    output.print(printMessage(reply.message, settings));
    if (isExplained(settings)) output.print(printExplanation(reply.message));
  }
}

/** How the reply came, where statistics are wanted. */
export function reportTrailer(context: ReportContext, reply: Reply, settings: Settings): void {
  const { short, json, yaml } = context.globals;
  if (!short && !json && !yaml) context.output.print(trailerOf(context, reply, settings));
}

/** The reply in dns-packet's shape, with how it was got. */
function jsonOf({ toPacket }: ReportContext, reply: Reply, settings: Settings): object {
  const { address, port } = reply.from.endpoint;
  const { message } = reply;
  return {
    ...toPacket(isExplained(settings) ? withoutExplanation(message) : message),
    ...(isExplained(settings) && { explanation: explanationJson(message) }),
    server: { address, port, name: reply.from.label },
    transport: reply.via,
    rttMs: Math.round(reply.rttMs * 1000) / 1000,
    size: reply.octets.length,
  };
}

function isExplained({ explains, trace }: Settings): boolean {
  return explains && !trace;
}

/** JSON leaves control characters above ASCII as they are, and terminals act upon them. */
function asciiJson(value: object): string {
  return JSON.stringify(value).replaceAll(/[^\x20-\x7e]/g, (unit) => {
    return `\\u${unit.charCodeAt(0).toString(16).padStart(4, '0')}`;
  });
}

function shortOf(reply: Reply, settings: Settings): string {
  const { showsAnswer, trace, identifies } = settings;
  if (!showsAnswer) return '';
  const { address } = reply.from.endpoint;
  const took = timeText(reply.rttMs, settings).short;
  const suffix = identifies ? ` from server ${address} in ${took}.` : '';
  return reply.message.answers
    .map((record) => `${trace ? `${typeText(record.type)} ` : ''}${printData(record)}${suffix}\n`)
    .join('');
}

function trailerOf(
  { clock, formatTime }: ReportContext,
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
    '\n',
  ].join('');
}

/** What there is to say of a transfer at its end. */
export function reportTransferSize(
  { clock, formatTime, output, globals }: ReportContext,
  transfer: Pick<Reply, 'from' | 'via' | 'method'> & {
    readonly size: TransferSize;
    readonly isSigned: boolean;
  },
  { showsStats, microseconds }: Settings,
): void {
  const { size, from, isSigned } = transfer;
  if (!showsStats || globals.short || globals.json || globals.yaml) return;
  output.print(
    [
      `;; Query time: ${timeText(size.tookMs, { microseconds }).long}\n`,
      `;; SERVER: ${placeOf(from)}(${from.label}) (${viaText(transfer)})\n`,
      `;; WHEN: ${formatTime(clock.wall())}\n`,
      `;; XFR size: ${size.records} records (messages ${size.messages}, bytes ${size.octets})\n`,
      isSigned && !size.isVerified ? UNVERIFIED : '',
      '\n',
    ].join(''),
  );
}

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
