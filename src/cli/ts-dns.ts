/** The command `ts-dns`: its grammar, and how it ends. */

import { Command, CommanderError, Option } from 'commander';
import { fileURLToPath } from 'node:url';
import { DIALECTS } from '../lab/replay/scenario.ts';
import { DnsError } from '../net/errors.ts';
import type { DnsName } from '../wire/name.ts';
import { octetsOf, parseName } from '../wire/name-text.ts';
import {
  endpointOption,
  identityOption,
  listOption,
  logLevelOption,
  portOption,
  prefixOption,
  workersOption,
  zoneOption,
} from './options.ts';
import type { CheckConfigOptions } from './check-config.ts';
import { addCtl } from './ctl-command.ts';
import type { DemoOptions } from './demo.ts';
import { addLab } from './lab/lab-command.ts';
import { UsageError } from './lab/usage-error.ts';
import type { LogLevel } from './logger.ts';
import type { ReplayCommandOptions } from './replay.ts';
import type { ServeOptions } from './serve.ts';
import { packageVersion } from './version.ts';

/** Exit statuses: what the command was told is wrong, or what it found outside is. */
const USAGE_ERROR = 2;
const FAILURE = 1;
/** In the laboratory 1 says that something does not hold: without its files, nobody knows. */
const UNKNOWN = 2;

/** The zones of the embedded internet, in the package. */
const ZONES_FOLDER = fileURLToPath(new URL('../../zones', import.meta.url));

/** Runs `ts-dns` with the arguments behind its name; resolves with the exit status. */
export async function main(argv: readonly string[]): Promise<number> {
  const outcome = { status: 0 };
  const program = createProgram(outcome);
  try {
    await program.parseAsync([...argv], { from: 'user' });
    return outcome.status;
  } catch (error) {
    if (error instanceof CommanderError) return error.exitCode === 0 ? 0 : USAGE_ERROR;
    if (error instanceof UsageError) {
      process.stderr.write(`ts-dns: ${error.message}\n`);
      return USAGE_ERROR;
    }
    if (!(error instanceof DnsError)) throw error;
    process.stderr.write(`ts-dns: ${error.message}\n`);
    return argv[0] === 'lab' ? UNKNOWN : FAILURE;
  }
}

function createProgram(outcome: { status: number }): Command {
  const program = new Command('ts-dns')
    .description('A DNS server: authoritative, recursive, or both.')
    .version(packageVersion())
    .showHelpAfterError('(ts-dns --help explains the commands)')
    .configureHelp({ showGlobalOptions: true })
    .exitOverride();
  addServe(program, outcome);
  addDemo(program, outcome);
  addCheckZone(program, outcome);
  addCheckConfig(program, outcome);
  addPrintZone(program, outcome);
  addReplay(program, outcome);
  addCtl(program, outcome);
  addLab(program, outcome);
  return program;
}

function addServe(program: Command, outcome: { status: number }): void {
  program
    .command('serve')
    .description('answer queries out of zone files, by recursion from the root, or both')
    .option('--config <FILE>', 'the rest of the options, and many more (docs/configuration.md)')
    .option(
      '--listen <ADDR:PORT>',
      'UDP and TCP, repeatable (default: 127.0.0.1:53)',
      endpointOption,
    )
    .option('--zone <[ORIGIN=]FILE>', 'a zone to serve, repeatable', zoneOption)
    .option('--zone-dir <DIR>', 'serve each file NAME.zone there as NAME, repeatable', listOption)
    .option('--recursion', 'resolve other names by asking from the root')
    .option('--no-recursion', 'refuse other names (default)')
    .option('--root-hints <FILE>', 'root servers, instead of those of the internet')
    .option('--upstream-port <N>', 'port of the servers asked, in test networks', portOption)
    .option('--allow <CIDR>', 'who may use recursion, repeatable (default: loopback)', prefixOption)
    .addOption(
      new Option('--any <POLICY>', 'what ANY queries get (RFC 8482; default: minimal-udp)').choices(
        ['full', 'minimal', 'minimal-udp'],
      ),
    )
    .option('--no-minimal-responses', "add the zone's name servers to positive answers")
    .option('--rotate', 'turn the records of answers from query to query (round robin)')
    .option('--id <TEXT>', 'tell who asks for NSID, id.server or hostname.bind', identityOption)
    .option('--version-text <TEXT>', 'tell who asks for version.bind', identityOption)
    .option(
      '--explain-allow <CIDR>',
      'who may ask for explanations, repeatable (default: loopback)',
      prefixOption,
    )
    .option('--control <PATH>', 'open a Unix socket there for ts-dns ctl')
    .option('--cache-file <FILE>', 'load the cache from there at the start, save it at the end')
    .option('--query-log <FILE>', 'write a line on each query there; SIGHUP opens it anew')
    .addOption(
      new Option(
        '--io <HOW>',
        'UDP datagrams one by one or in batches (default: what works)',
      ).choices(['dgram', 'batch']),
    )
    .option('--workers <N>', 'threads that answer, on Linux (default: 1)', workersOption)
    .addOption(logLevel(undefined))
    .action(async (options: ServeOptions) => {
      const { serve } = await import('./serve.ts');
      outcome.status = await serve(options);
    });
}

function addDemo(program: Command, outcome: { status: number }): void {
  program
    .command('demo')
    .description('run an internet of its own on loopback addresses, with a resolver')
    .option('--zones <DIR>', 'folder of zone files and internet.json', ZONES_FOLDER)
    .option('--port <N>', 'port of every server, instead of 1053', portOption)
    .addOption(logLevel('info'))
    .action(async (options: DemoOptions) => {
      const { demo } = await import('./demo.ts');
      outcome.status = await demo(options);
    });
}

function addCheckZone(program: Command, outcome: { status: number }): void {
  program
    .command('check-zone')
    .description('say everything that is wrong with zone files')
    .argument('<[ORIGIN] FILE...>', 'an origin ends with a dot; without one the SOA says it')
    .option('--json', 'one array of problems: file, line, column, severity, code, message')
    .allowExcessArguments()
    .action(async (...args: unknown[]) => {
      const command = args.at(-1) as Command;
      const { origin, files } = zoneArguments(command.args);
      const { json = false } = command.opts<{ readonly json?: boolean }>();
      const { checkZones } = await import('./check-zone.ts');
      outcome.status = await checkZones(files, { origin, json });
    });
}

function addCheckConfig(program: Command, outcome: { status: number }): void {
  program
    .command('check-config')
    .description('say everything that is wrong with a configuration file')
    .argument('<FILE>')
    .option('--json', 'one array of problems: file, line, column, severity, code, message')
    .action(async (file: string, options: CheckConfigOptions) => {
      const { checkConfig } = await import('./check-config.ts');
      outcome.status = await checkConfig(file, options);
    });
}

function addPrintZone(program: Command, outcome: { status: number }): void {
  program
    .command('print-zone')
    .description('print a zone as a master file: aligned, names relative to its origin')
    .argument('<[ORIGIN] FILE>', 'an origin ends with a dot; without one the SOA says it')
    .option('--canonical', 'absolute names in lower case, sorted (RFC 4034 §6), for comparing')
    .allowExcessArguments()
    .action(async (...args: unknown[]) => {
      const command = args.at(-1) as Command;
      const { origin, files } = zoneArguments(command.args);
      const [file, extra] = files;
      if (file === undefined || extra !== undefined) {
        return command.error('error: print-zone takes one file');
      }
      const { canonical = false } = command.opts<{ readonly canonical?: boolean }>();
      const { printZoneFile } = await import('./print-zone.ts');
      outcome.status = await printZoneFile(file, { origin, canonical });
    });
}

function addReplay(program: Command, outcome: { status: number }): void {
  program
    .command('replay')
    .description('play scenarios (.rpl) of testbound or Deckard in a simulated world')
    .argument('<FILE...>')
    .addOption(new Option('--dialect <D>', 'instead of what the file looks like').choices(DIALECTS))
    .option('--strict', 'compare every section, and EDNS whole')
    .option('--json', 'one object: scenarios, passed, failed, skipped, unusable')
    .option('--verbose', 'what was said in every scenario, and what the resolver thought')
    .action(async (files: readonly string[], options: ReplayCommandOptions) => {
      const { replayFiles } = await import('./replay.ts');
      outcome.status = await replayFiles(files, options);
    });
}

function logLevel(fallback: LogLevel | undefined): Option {
  return new Option('--log-level <L>', 'debug shows each step of a resolution')
    .argParser(logLevelOption)
    .default(fallback);
}

/** `[ORIGIN] FILE...`: a first word that ends with a dot, with others behind it, is the origin. */
function zoneArguments(words: readonly string[]): {
  readonly origin: DnsName | undefined;
  readonly files: readonly string[];
} {
  const origin = words.length > 1 ? originFrom(words[0]!) : undefined;
  return { origin, files: origin ? words.slice(1) : words };
}

function originFrom(word: string): DnsName | undefined {
  if (!word.endsWith('.')) return undefined;
  const name = parseName(octetsOf(word));
  return name.ok ? name.value : undefined;
}
