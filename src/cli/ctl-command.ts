/** The grammar of `ts-dns ctl`. */

import type { Command } from 'commander';
import { DEFAULT_CONTROL, type CtlOptions, type CtlRequest } from './ctl-options.ts';

/** Each command of the control socket and what stands behind it; `[word]` may be left out. */
const CTL_COMMANDS: readonly (readonly [usage: string, description: string])[] = [
  ['status', 'version, memory, zones, counters, cache'],
  ['lookup <name>', 'everything that the cache has at a name'],
  ['dump [file]', 'the cache as text, to a file of the server or to standard output'],
  ['load <file>', 'put what is still live of a dump into the cache'],
  ['servers', 'what is remembered of the servers asked'],
  ['pending', 'queries that are being resolved, and what they wait for'],
  ['log-level [level]', 'show or change what is logged'],
  ['notify <name>', 'tell the secondaries of a zone that it has changed'],
  ['reload', 'read configuration and zone files again, as SIGHUP does'],
  ['stop', 'answer what is in flight and end, as SIGTERM does'],
];

export function addCtl(program: Command, outcome: { status: number }): void {
  const ctl = program
    .command('ctl')
    .description('look into a running server and tell it what to do')
    .option('--control <PATH>', 'its control socket', DEFAULT_CONTROL)
    .option('--json', 'one object instead of text for people');
  const send = async (request: CtlRequest): Promise<void> => {
    const { ctl: run } = await import('./ctl.ts');
    outcome.status = await run(ctl.opts<CtlOptions>(), request);
  };
  for (const [usage, description] of CTL_COMMANDS) {
    const word = / [<[]([a-z]+)[\]>]$/.exec(usage)?.[1];
    ctl
      .command(usage)
      .description(description)
      .action((...args: unknown[]) => {
        const name = usage.split(' ')[0]!;
        const given = word !== undefined && typeof args[0] === 'string';
        return send({ command: name, ...(given && { [word]: args[0] }) });
      });
  }
  ctl
    .command('zone <action> <name>')
    .description(
      'status: where a zone comes from and when it is checked; refresh: check it now; ' +
        'retransfer: take all of it anew, whatever its serial',
    )
    .action((action: string, name: string) => send({ command: 'zone', action, name }));
  ctl
    .command('flush <name> [type]')
    .description(
      'forget a name: all of it, with what is below (--subtree), or one type (--type); ' +
        '`flush servers [address]`: what is remembered of servers',
    )
    .option('--subtree', 'everything at and below the name')
    .option('--type', 'only the type that stands behind the name')
    .action((name: string, type: string | undefined, options: FlushOptions) => {
      if (name === 'servers' && options.type !== true) {
        if (options.subtree === true) ctl.error('error: servers have nothing below them');
        const one = type === undefined ? {} : { address: type };
        return send({ command: 'flush', scope: 'servers', ...one });
      }
      if (options.type !== (type !== undefined || undefined)) {
        ctl.error('error: a type goes with --type, and --type with a type');
      }
      const scope = options.subtree === true ? 'subtree' : 'name';
      const what = type === undefined ? { scope } : { scope: 'type', type };
      return send({ command: 'flush', name, ...what });
    });
}

interface FlushOptions {
  readonly subtree?: true;
  readonly type?: true;
}
