/**
 * A place for one test file to start programs in: a temporary folder, optionally a network
 * namespace of its own (with its own loopback, ports and resolv.conf), and the promise that nothing
 * which was started in it survives `close`, nor the test process itself.
 */
import { type ChildProcess, spawn, spawnSync } from 'node:child_process';
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';

/** How long a program may take to come up or to end before the test calls it broken. */
const PATIENCE_MS = 40_000;
const ATTEMPT_PAUSE_MS = 50;
const RUN_TIMEOUT_MS = 30_000;
const MAX_OUTPUT_CHARACTERS = 1_000_000;
/** Of programs beside the one that a test waits for. */
const MAX_OUTPUT_SHOWN = 4000;

export interface RunResult {
  readonly status: number;
  readonly stdout: string;
  readonly stderr: string;
}

export interface LabOptions {
  /** Own network namespace; needs root. Its resolv.conf names 127.0.0.1 as the only server. */
  readonly namespace?: boolean;
  /** Addresses added to the loopback of the namespace, with prefix length. */
  readonly addresses?: readonly string[];
}

let labsMade = 0;

export class Lab {
  readonly #namespace: string | undefined;
  readonly #programs: Program[] = [];
  #folder: string | undefined;
  readonly #atExit = (): void => this.#abandon();

  constructor({ namespace = false, addresses = [] }: LabOptions = {}) {
    process.once('exit', this.#atExit);
    if (!namespace) return;
    labsMade += 1;
    this.#namespace = `ts-dns-${process.pid}-${labsMade}`;
    ip('netns', 'add', this.#namespace);
    this.must('ip', 'link', 'set', 'lo', 'up');
    for (const address of addresses) this.must('ip', 'addr', 'add', address, 'dev', 'lo', 'nodad');
    const etc = join('/etc/netns', this.#namespace);
    mkdirSync(etc, { recursive: true });
    writeFileSync(join(etc, 'resolv.conf'), 'nameserver 127.0.0.1\noptions timeout:2 attempts:2\n');
    // Whatever caching daemon or extra module this machine has, the test wants plain glibc and DNS.
    writeFileSync(join(etc, 'nsswitch.conf'), 'hosts: files dns\n');
  }

  /** Made when it is first needed, so that skipped tests leave none behind. */
  get folder(): string {
    this.#folder ??= mkdtempSync(join(tmpdir(), 'ts-dns-interop-'));
    return this.#folder;
  }

  /** Writes a file below the folder and returns its path. */
  write(name: string, content: string): string {
    const path = join(this.folder, name);
    mkdirSync(dirname(path), { recursive: true });
    writeFileSync(path, content);
    return path;
  }

  /** Runs a command to its end; a status of -1 means that it did not end by itself. */
  run(command: string, ...args: readonly string[]): RunResult {
    const [program, ...rest] = this.#inside(command, args);
    const { status, stdout, stderr } = spawnSync(program, rest, {
      encoding: 'utf8',
      timeout: RUN_TIMEOUT_MS,
    });
    return { status: status ?? -1, stdout: stdout ?? '', stderr: stderr ?? '' };
  }

  /** Runs a command that must succeed and returns what it printed. */
  must(command: string, ...args: readonly string[]): string {
    const { status, stdout, stderr } = this.run(command, ...args);
    if (status === 0) return stdout;
    throw new Error(`${command} ${args.join(' ')}: exit ${status}\n${stdout}${stderr}`);
  }

  start(command: string, ...args: readonly string[]): Program {
    const [file, ...rest] = this.#inside(command, args);
    const program = new Program(
      `${command} ${args.join(' ')}`,
      spawn(file, rest, { stdio: ['ignore', 'pipe', 'pipe'], cwd: this.folder }),
      () => this.#programs,
    );
    this.#programs.push(program);
    return program;
  }

  async close(): Promise<void> {
    await Promise.all(this.#programs.toReversed().map((program) => program.stop()));
    process.off('exit', this.#atExit);
    this.#abandon();
  }

  /** Without waiting, for a test process that ends early. */
  #abandon(): void {
    this.#programs.forEach((program) => program.kill());
    if (this.#namespace !== undefined) {
      ip('netns', 'del', this.#namespace);
      rmSync(join('/etc/netns', this.#namespace), { recursive: true, force: true });
    }
    if (this.#folder !== undefined) rmSync(this.#folder, { recursive: true, force: true });
  }

  #inside(command: string, args: readonly string[]): [string, ...string[]] {
    if (this.#namespace === undefined) return [command, ...args];
    return ['ip', 'netns', 'exec', this.#namespace, command, ...args];
  }
}

/** A running program and what it has printed so far. */
export class Program {
  readonly #title: string;
  readonly #child: ChildProcess;
  readonly #ended: Promise<number | NodeJS.Signals>;
  /** Of the same lab: what they say tells why this one waits in vain. */
  readonly #all: () => readonly Program[];
  #output = '';
  #hasEnded = false;

  constructor(title: string, child: ChildProcess, all: () => readonly Program[]) {
    this.#title = title;
    this.#all = all;
    this.#child = child;
    const collect = (chunk: Buffer): void => {
      this.#output = (this.#output + chunk.toString('utf8')).slice(-MAX_OUTPUT_CHARACTERS);
    };
    child.stdout?.on('data', collect);
    child.stderr?.on('data', collect);
    this.#ended = new Promise((resolve) => {
      child.once('error', (error) => {
        this.#output += error.message;
        this.#hasEnded = true;
        resolve(-1);
      });
      child.once('close', (code, signal) => {
        this.#hasEnded = true;
        resolve(code ?? signal ?? -1);
      });
    });
  }

  get pid(): number {
    return this.#child.pid ?? -1;
  }

  get output(): string {
    return this.#output;
  }

  get hasEnded(): boolean {
    return this.#hasEnded;
  }

  signal(name: NodeJS.Signals): void {
    this.#child.kill(name);
  }

  /** The exit code, or the signal that ended it. */
  async exit(): Promise<number | NodeJS.Signals> {
    const late = new AbortController();
    const outcome = await Promise.race([
      this.#ended,
      pause(PATIENCE_MS, 'late' as const, { signal: late.signal }),
    ]);
    late.abort();
    if (outcome !== 'late') return outcome;
    throw new Error(`${this.#title} does not end\n${this.#output}`);
  }

  /** Asks `check` again and again until it holds; fails at once when the program has ended. */
  async until(what: string, check: () => boolean): Promise<void> {
    await eventually(`${this.#title}: ${what}`, () => {
      if (this.#hasEnded) throw new Error(`${this.#title} has ended:\n${this.#output}`);
      return check();
    }).catch((error: unknown) => {
      const said = this.#all()
        .filter((one) => one !== this)
        .map((one) => `\n${one.#title}:\n${one.#output.slice(-MAX_OUTPUT_SHOWN)}`);
      throw new Error(`${String(error)}\n${this.#output}${said.join('')}`, { cause: error });
    });
  }

  async stop(): Promise<void> {
    if (this.#hasEnded) return;
    this.#child.kill('SIGTERM');
    await this.exit().catch(() => this.kill());
  }

  kill(): void {
    if (!this.#hasEnded) this.#child.kill('SIGKILL');
  }
}

/** Bounded retry: the only way in which these tests wait. */
export async function eventually(what: string, check: () => boolean): Promise<void> {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!check()) {
    if (performance.now() > deadlineMs) throw new Error(`did not happen: ${what}`);
    await pause(ATTEMPT_PAUSE_MS);
  }
}

/** A TCP port that was free on every address a moment ago; its UDP twin almost surely is too. */
export async function findFreePort(): Promise<number> {
  const server = createServer();
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '0.0.0.0', resolve);
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function ip(...args: readonly string[]): void {
  const { status, stderr } = spawnSync('ip', args, { encoding: 'utf8' });
  if (status !== 0) throw new Error(`ip ${args.join(' ')}: ${stderr}`);
}
