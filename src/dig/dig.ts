/**
 * ts-dig without its surroundings: command line in, text and exit status out. Everything of the
 * machine comes in through `DigContext`, so that all of it also runs in the simulation.
 */

import type { Runtime } from '../net/ports.ts';
import type { Message } from '../wire/message.ts';
import { ask, isReply, type Failure, type Server } from './ask.ts';
import { parseCommandLine, type Greeting, type Invocation } from './command-line.ts';
import { Output, type Streams } from './output.ts';
import { report } from './report.ts';
import { nameServersOf } from './resolv-conf.ts';
import { findServers } from './servers.ts';
import type { Lookup } from './settings.ts';
import { trace, type TraceContext } from './trace.ts';
import { usageHint, usageText } from './usage.ts';

/** dig's, which has one for bad values and bugs; 8 is for batch files that cannot be opened. */
export const ExitStatus = { reply: 0, usage: 1, noReply: 9, badValue: 10, internal: 10 } as const;

export interface DigContext extends Streams {
  readonly runtime: Runtime;
  readonly version: string;
  /** Loads what only `+json` needs: `toPacket` of the wire layer. */
  loadToPacket(): Promise<(message: Message) => object>;
  /** The text of `/etc/resolv.conf`; undefined where it cannot be read. */
  readResolvConf(): string | undefined;
  /** Local time as dig prints it: 'Sun Nov 22 10:31:32 UTC 2026'. */
  formatTime(wallMs: number): string;
}

/** Returns the exit status: 0 when no lookup remained without a reply, whatever the reply says. */
export async function dig(context: DigContext, argv: readonly string[]): Promise<number> {
  const parsed = parseCommandLine(argv);
  if (!parsed.ok) {
    const { kind, problem } = parsed.error;
    const isUnknown = kind === 'unknown option';
    context.writeError(isUnknown ? `${problem}\n${usageHint()}` : `ts-dig: ${problem}\n`);
    return kind === 'bad value' ? ExitStatus.badValue : ExitStatus.usage;
  }
  const invocation = parsed.value;
  if (invocation.kind === 'lookups') return runLookups(context, argv, invocation);
  const isHelp = invocation.kind === 'help';
  context.write(isHelp ? usageText() : `ts-dig ${context.version}\n`);
  return ExitStatus.reply;
}

async function runLookups(
  context: DigContext,
  argv: readonly string[],
  invocation: Extract<Invocation, { kind: 'lookups' }>,
): Promise<number> {
  const { globals, greeting, lookups, warnings } = invocation;
  const output = new Output(context, globals.json);
  for (const warning of warnings) output.warn(warning);
  const { runtime } = context;
  const tracing: TraceContext = {
    runtime,
    clock: runtime.clock,
    output,
    globals,
    nameServers: nameServersOf(context.readResolvConf()),
    toPacket: globals.json ? await context.loadToPacket() : (message) => message,
    formatTime: (wallMs) => context.formatTime(wallMs),
  };
  let status: number = ExitStatus.reply;
  for (const [index, lookup] of lookups.entries()) {
    const servers = await findServers(tracing, lookup.settings.servers);
    if (!servers.ok) {
      output.complain(servers.error);
      return ExitStatus.usage;
    }
    if (index === 0) {
      const { version } = context;
      const found = servers.value.filter(({ label }) => label === greeting.server);
      // None is left of a server that was named twice, by name and by address.
      const serverCount = Math.max(1, found.length);
      output.holdBanner(bannerOf(greeting, argv, { version, serverCount }));
    }
    if (servers.value.length === 0) {
      // Nobody was asked, so nobody was silent: dig's exit status is 0.
      output.remark('No acceptable nameservers');
      continue;
    }
    const failure = await runLookup(tracing, lookup, servers.value);
    if (failure === undefined) continue;
    status = ExitStatus.noReply;
    if (failure.kind === 'no connection') continue;
    output.releaseBanner(true);
    output.remark('no servers could be reached');
  }
  return status;
}

async function runLookup(
  context: TraceContext,
  lookup: Lookup,
  servers: readonly Server[],
): Promise<Failure | undefined> {
  const { name, settings } = lookup;
  if (settings.trace) {
    return (await trace(context, lookup, servers)) ? undefined : { kind: 'no reply' };
  }
  const question = { name, type: settings.type, class: settings.class };
  const outcome = await ask(context, question, { servers, settings });
  if (!isReply(outcome)) return outcome;
  report(context, outcome, settings);
  return undefined;
}

function bannerOf(
  { isShown, isShort, server }: Greeting,
  argv: readonly string[],
  { version, serverCount }: { readonly version: string; readonly serverCount: number },
): string {
  if (!isShown) return '';
  const words = argv.map((argument) => ` ${argument}`).join('');
  const found = `; (${serverCount} server${serverCount === 1 ? '' : 's'} found)\n`;
  return [
    `\n; <<>> ts-dig ${version} <<>>${words}\n`,
    server === undefined ? '' : found,
    `;; global options:${isShort ? ' +short' : ''} +cmd\n`,
  ].join('');
}
