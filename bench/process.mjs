/** Starting, pinning, watching and ending the processes of a benchmark. Linux only (/proc). */
import { spawn, spawnSync } from 'node:child_process';
import { readFileSync, readdirSync } from 'node:fs';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { setTimeout as pause } from 'node:timers/promises';

const READY_ATTEMPTS = 200;
const ATTEMPT_PAUSE_MS = 50;
/** Linux reports CPU time in ticks of 1/100 s on every architecture that Node runs on. */
const TICK_MS = 10;
const PAGE_OCTETS = 4096;

/** Servers get the first CPU and the load the second, so that neither takes from the other. */
const LOAD_CPU = 1;
const canPin = availableParallelism() > 1 && isInstalled('taskset');

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.once('exit', () => {
  for (const child of running) child.kill('SIGKILL');
});

/** @typedef {{ pid: number, stop: () => Promise<void>, output: () => string }} Server */

/** `cpu`: which one, or several as taskset lists them. */
/** @param {readonly string[]} command @param {number | string} cpu @returns {Server} */
export function startServer(command, cpu) {
  const [program, ...args] = pinned(cpu, command);
  const child = spawn(program ?? '', args, { stdio: ['ignore', 'pipe', 'pipe'] });
  running.add(child);
  let output = '';
  const collect = (/** @type {Buffer} */ chunk) => {
    output = (output + chunk.toString('utf8')).slice(-10_000);
  };
  child.stdout.on('data', collect);
  child.stderr.on('data', collect);
  const ended = new Promise((resolve) => {
    child.once('error', resolve);
    child.once('close', resolve);
  });
  return {
    pid: child.pid ?? -1,
    output: () => output,
    stop: async () => {
      child.kill('SIGTERM');
      await ended;
      running.delete(child);
    },
  };
}

/** Asks until `check` holds; the number of attempts is bounded. */
/** @param {string} what @param {() => boolean} check */
export async function eventually(what, check) {
  for (let attempt = 0; attempt < READY_ATTEMPTS; attempt += 1) {
    if (check()) return;
    await pause(ATTEMPT_PAUSE_MS);
  }
  throw new Error(`did not happen: ${what}`);
}

/** @param {readonly string[]} command */
export function runLoad(command) {
  return run(loadCommand(command));
}

/** Where the load runs. */
/** @param {readonly string[]} command */
export function loadCommand(command) {
  return pinned(LOAD_CPU, command);
}

/** @param {readonly string[]} command */
export function run([program, ...args]) {
  const { stdout, stderr } = spawnSync(program ?? '', args, { encoding: 'utf8' });
  return `${stdout ?? ''}${stderr ?? ''}`;
}

/** What it prints; what it says beside that goes to whoever watches. */
/** @param {readonly string[]} command */
export function outputOf([program, ...args]) {
  const stdio = /** @type {const} */ (['ignore', 'pipe', 'inherit']);
  return spawnSync(program ?? '', args, { encoding: 'utf8', stdio }).stdout;
}

/** @param {string} program */
export function isInstalled(program) {
  return spawnSync('sh', ['-c', 'command -v "$0"', program]).status === 0;
}

/** User and system CPU time of a process and all its descendants, in milliseconds. */
/** @param {number} pid */
export function cpuTimeMs(pid) {
  const family = new Set([pid]);
  let ticks = 0;
  for (const stat of readStats()) {
    // A child has a higher process id than its parent, short of wrapping round.
    if (!family.has(stat.pid) && !family.has(stat.parent)) continue;
    family.add(stat.pid);
    ticks += stat.ticks;
  }
  return ticks * TICK_MS;
}

/** Resident memory of a process and all its descendants, in octets. */
/** @param {number} pid */
export function residentOctets(pid) {
  const family = new Set([pid]);
  let octets = 0;
  for (const stat of readStats()) {
    if (!family.has(stat.pid) && !family.has(stat.parent)) continue;
    family.add(stat.pid);
    octets += stat.residentPages * PAGE_OCTETS;
  }
  return octets;
}

/**
 * UDP datagrams that programs of this network namespace have read since it began: in one of its own
 * (`ip netns`) they are those of the benchmark alone. Of those sent the kernel counts messages, and
 * one may be cut into many.
 */
export function datagramsRead() {
  const [names = '', values = ''] = readFileSync('/proc/self/net/snmp', 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('Udp:'));
  return Number(values.split(' ')[names.split(' ').indexOf('InDatagrams')]);
}

export async function findFreePort() {
  const server = createServer();
  await new Promise((resolve, reject) => {
    server.once('error', reject);
    server.listen(0, '0.0.0.0', () => resolve(undefined));
  });
  const address = server.address();
  await new Promise((resolve) => server.close(resolve));
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

function readStats() {
  return readdirSync('/proc')
    .filter((name) => /^\d+$/.test(name))
    .map(Number)
    .toSorted((a, b) => a - b)
    .flatMap((pid) => {
      try {
        return [parseStat(pid, readFileSync(`/proc/${pid}/stat`, 'utf8'))];
      } catch {
        return []; // It ended while we looked.
      }
    });
}

/** The name in parentheses may hold anything; fields are counted from behind it (proc(5)). */
/** @param {number} pid @param {string} text */
function parseStat(pid, text) {
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ');
  const ticks = Number(fields[11]) + Number(fields[12]);
  return { pid, parent: Number(fields[1]), ticks, residentPages: Number(fields[21]) };
}

/** @param {number | string} cpu @param {readonly string[]} command */
function pinned(cpu, command) {
  return canPin && cpu !== undefined
    ? ['taskset', '--cpu-list', String(cpu), ...command]
    : [...command];
}
