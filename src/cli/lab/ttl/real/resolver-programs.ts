/**
 * Resolvers that people run, started over root hints of ours: no validation, no prefetching, TTLs
 * as they come. Each program writes what it needs into a folder of its own.
 */

import { type ChildProcess, spawn } from 'node:child_process';
import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { CommandError, failureReason } from '../../../failure.ts';

export const RESOLVER_PROGRAMS = ['ts-dns', 'unbound', 'bind'] as const;
export type ResolverProgram = (typeof RESOLVER_PROGRAMS)[number];

export interface ProgramPlace {
  /** Where it listens, on port 53. */
  readonly address: string;
  readonly folder: string;
  readonly rootHints: string;
}

/** A program, and what it has said so far. */
export class RunningProgram {
  readonly #name: string;
  readonly #child: ChildProcess;
  #said = '';
  #end: string | undefined;

  constructor(name: string, command: readonly [string, ...string[]]) {
    this.#name = name;
    const [program, ...args] = command;
    this.#child = spawn(program, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    const listen = (chunk: Buffer): void => {
      this.#said = (this.#said + chunk.toString('utf8')).slice(-MAX_SAID);
    };
    this.#child.stdout?.on('data', listen);
    this.#child.stderr?.on('data', listen);
    this.#child.once('error', (error) => (this.#end = failureReason(error)));
    this.#child.once('exit', (status) => (this.#end ??= `it ended with status ${status}`));
  }

  /** Throws `CommandError` when it has ended already. */
  mustRun(): void {
    if (this.#end === undefined) return;
    throw new CommandError(`${this.#name} does not run: ${this.#end}\n${this.#said}`.trimEnd());
  }

  stop(): void {
    if (this.#end === undefined) this.#child.kill('SIGKILL');
  }
}

const MAX_SAID = 4000;

export function startProgram(name: ResolverProgram, place: ProgramPlace): RunningProgram {
  const folder = join(place.folder, name);
  mkdirSync(folder);
  const inFolder = { ...place, folder };
  switch (name) {
    case 'ts-dns':
      return new RunningProgram(name, tsDnsCommand(inFolder));
    case 'unbound':
      return new RunningProgram(name, unboundCommand(inFolder));
    case 'bind':
      return new RunningProgram(name, bindCommand(inFolder));
  }
}

function tsDnsCommand({ address, rootHints }: ProgramPlace): readonly [string, ...string[]] {
  const program = process.argv[1] ?? '';
  const listen = ['--listen', `${address}:53`, '--allow', '0.0.0.0/0', '--root-hints', rootHints];
  const serve = ['serve', '--recursion', ...listen, '--log-level', 'warn'];
  return [process.execPath, program, ...serve];
}

function unboundCommand({ address, folder, rootHints }: ProgramPlace): [string, ...string[]] {
  const file = write(folder, 'unbound.conf', [
    'server:',
    `  interface: ${address}`,
    '  access-control: 0.0.0.0/0 allow',
    '  username: ""',
    '  chroot: ""',
    `  directory: "${folder}"`,
    `  pidfile: "${folder}/pid"`,
    '  use-syslog: no',
    '  num-threads: 1',
    '  module-config: "iterator"',
    '  do-ip6: no',
    `  root-hints: "${rootHints}"`,
    'remote-control:',
    '  control-enable: no',
  ]);
  return ['unbound', '-d', '-c', file];
}

function bindCommand({ address, folder, rootHints }: ProgramPlace): [string, ...string[]] {
  const file = write(folder, 'named.conf', [
    'options {',
    `  directory "${folder}";`,
    `  pid-file "${folder}/pid";`,
    `  session-keyfile "${folder}/session.key";`,
    `  listen-on { ${address}; };`,
    '  listen-on-v6 { none; };',
    '  recursion yes;',
    '  allow-query { any; };',
    '  allow-recursion { any; };',
    '  dnssec-validation no;',
    '  empty-zones-enable no;',
    '  prefetch 0;',
    '};',
    'controls { };',
    `zone "." { type hint; file "${rootHints}"; };`,
  ]);
  return ['named', '-g', '-4', '-n', '1', '-c', file];
}

function write(folder: string, name: string, lines: readonly string[]): string {
  const file = join(folder, name);
  writeFileSync(file, `${lines.join('\n')}\n`);
  return file;
}
