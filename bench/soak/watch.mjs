/** A running program as `/proc` shows it, and what it writes to its log. Linux only. */
import { spawn } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';

const KEPT_LINES = 20;

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/**
 * `liveMb`: the heap after a collection of all garbage.
 *
 * @typedef {{ rssMb: number, liveMb: number, descriptors: number }} Sample
 */

/** Node as it runs a program that can be asked for its live memory. */
export const NODE = /** @type {const} */ ([
  process.execPath,
  '--expose-gc',
  '--import',
  new URL('heap-probe.mjs', import.meta.url).href,
]);
const MIB = 2 ** 20;

export class Watched {
  /** Lines of level error or worse, and warnings. */
  errors = 0;
  warnings = 0;
  /** @type {string[]} */
  lines = [];
  /** Set before an end that is wanted. */
  mayEnd = false;
  /** @type {string | undefined} */
  unexpectedEnd;
  /** @readonly */
  #child;
  /** @readonly */
  #ended;
  /** @type {((finding: import('./heap-probe.mjs').Finding) => void) | undefined} */
  #hear;

  /** @param {string} name @param {readonly string[]} command */
  constructor(name, command) {
    const [program = '', ...args] = command;
    this.name = name;
    this.#child = spawn(program, args, { stdio: ['ignore', 'ignore', 'pipe', 'ipc'] });
    let rest = '';
    this.#child.on('message', (/** @type {import('./heap-probe.mjs').Finding} */ finding) => {
      this.#hear?.(finding);
    });
    this.#child.stderr?.setEncoding('utf8').on('data', (/** @type {string} */ text) => {
      const lines = (rest + text).split('\n');
      rest = lines.pop() ?? '';
      for (const line of lines) this.#read(line);
    });
    this.#ended = new Promise((resolve) => {
      this.#child.once('close', (code, signal) => {
        running.delete(this.#child);
        if (!this.mayEnd) this.unexpectedEnd = `${name} ended: ${code ?? signal}`;
        resolve(code);
      });
    });
    running.add(this.#child);
  }

  /** @param {string} line */
  #read(line) {
    if (line.includes('"level":"warn"')) this.warnings += 1;
    // What is not a line of the log is a crash telling its reason.
    else if (!/"level":"(?:info|debug)"/.test(line)) this.errors += 1;
    else if (!line.includes('ready')) return;
    this.lines = [...this.lines, line].slice(-KEPT_LINES);
  }

  get isReady() {
    return this.lines.some((line) => line.includes('"msg":"ready"'));
  }

  /**
   * Of a program that `NODE` runs. It is to keep `leak` objects more for ever.
   *
   * @returns {Promise<Sample>}
   */
  async sample(leak = 0) {
    const { liveOctets } = await new Promise((resolve, reject) => {
      this.#hear = resolve;
      this.#child.send({ leak }, (error) => error && reject(error));
    });
    const status = readFileSync(`/proc/${this.#child.pid}/status`, 'utf8');
    const kib = Number(/VmRSS:\s+(\d+)/.exec(status)?.[1]);
    const descriptors = readdirSync(`/proc/${this.#child.pid}/fd`).length;
    return { rssMb: kib / 1024, liveMb: liveOctets / MIB, descriptors };
  }

  /** The exit code. @param {NodeJS.Signals} signal */
  async end(signal = 'SIGTERM') {
    this.mayEnd = true;
    this.#child.kill(signal);
    return this.#ended;
  }
}
