/**
 * ts-dig without its surroundings: command line in, text and exit status out. Everything of the
 * machine comes in through `DigContext`, so that all of it also runs in the simulation.
 */

import type { Runtime } from '../net/ports.ts';
import type { SecureNetwork } from '../net/secure.ts';
import type { Result } from '../wire/result.ts';
import type { Reply } from './ask.ts';
import { runBatch } from './batch.ts';
import { CommandLine } from './command-line.ts';
import type { ToPacket } from './json.ts';
import type { Streams } from './output.ts';
import { performRead } from './perform.ts';
import { ExitStatus } from './reading.ts';
import { systemConfigurationOf } from './resolv-conf.ts';
import type { Run } from './run.ts';
import type { Settings } from './settings.ts';
import type { TraceStep } from './trace-step.ts';

export interface DigContext extends Streams {
  readonly runtime: Runtime;
  readonly version: string;
  /** Loads what only `+json` needs: `toPacket` of the wire layer. */
  loadToPacket(): Promise<ToPacket>;
  /** Loads what only TLS and HTTPS need. */
  loadSecureNetwork(): Promise<SecureNetwork>;
  /** The text of a file that the user named, or why it cannot be read: 'file not found'. */
  readFile(path: string): Result<string, string>;
  /** The text of `/etc/resolv.conf`; undefined where it cannot be read. */
  readResolvConf(): string | undefined;
  /** The text of `/etc/hosts`; undefined where it cannot be read. */
  readHosts(): string | undefined;
  /** The text of `~/.digrc`; undefined where there is none. */
  readDigrc(): string | undefined;
  /** The lines of a batch file, '-' being standard input; a failure in the system's words. */
  openBatch(path: string): AsyncIterable<string> | Iterable<string> | { readonly problem: string };
  /** Whether names in Unicode may be read and shown. */
  readonly allowsIdn: boolean;
  /** A name in A-labels (RFC 5891); undefined for what is no name of that kind. */
  toAscii(name: string): string | undefined;
  toUnicode(name: string): string;
  /**
   * Hears how many lines of a batch have been asked, and undefined in the end. Absent where nobody
   * wants to know.
   */
  readonly onProgress?: ((asked: number | undefined) => void) | undefined;
  /** Whether a person reads the output at a terminal, and likes colours (NO_COLOR). */
  readonly usesColours?: boolean;
  /** Ends what goes on until somebody ends it (`+watch`). Absent: the system does. */
  readonly interruption?: AbortSignal;
  /** Sees every reply that is the answer to a lookup, before it is printed. */
  readonly onReply?: (reply: Reply, settings: Settings, steps?: readonly TraceStep[]) => void;
  /** Local time as dig prints it: 'Sun Nov 22 10:31:32 UTC 2026'. */
  formatTime(wallMs: number): string;
  /** ISO 8601 as `+yaml` prints it: '2026-11-22T10:31:32.123Z'. */
  formatTimestamp(wallMs: number): string;
}

/** Returns the exit status: that of the last lookup, as with dig. */
export async function dig(context: DigContext, argv: readonly string[]): Promise<number> {
  const [first = '', shell = ''] = argv;
  if (first === '--man' || first === '--completion') return describe(context, first, shell);
  const system = systemConfigurationOf(context.readResolvConf());
  const { allowsIdn } = context;
  const readDigrc = (): string | undefined => context.readDigrc();
  const commandLine = new CommandLine(argv, { system, allowsIdn, readDigrc });
  const run: Run = {
    context,
    system,
    status: undefined,
    shared: { means: undefined, context: undefined, knownAddresses: new Map() },
  };
  try {
    const read = commandLine.read();
    const { globals, batchFile } = commandLine;
    const isOver = await performRead(run, read, { globals, streams: context });
    return isOver || batchFile === undefined
      ? (run.status ?? ExitStatus.reply)
      : await runBatch(run, commandLine, batchFile);
  } finally {
    run.shared.means?.transports.close();
  }
}

/** What is made of the option tables for others: loaded only here. */
async function describe(context: Streams, what: string, shell: string): Promise<number> {
  if (what === '--man') {
    context.write((await import('./man-page.ts')).manPage());
    return ExitStatus.reply;
  }
  const script = (await import('./completion.ts')).completionScript(shell);
  if (script === undefined) {
    context.writeError(`ts-dig: --completion takes bash, zsh or fish, not '${shell}'\n`);
    return ExitStatus.usage;
  }
  context.write(script);
  return ExitStatus.reply;
}
