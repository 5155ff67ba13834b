/**
 * A resolver that is asked for far more than it can do: names that nobody has asked before, at so
 * many times the rate at which it resolves them, from many addresses, while one client goes on
 * asking for what is cached. Says what it still answers, what is lost in its socket's buffer, how
 * late cached answers come, how much memory it takes, and when it is itself again. What is resolved
 * is compared to the higher of two peaks, before and after, lest a busy machine flatter it.
 *
 *   node bench/overload.mjs [--seconds N] [--factor N] [--only ts-dns,unbound]
 *
 * Linux, with NSD on port 53 of 127.0.0.2 (`run.mjs`).
 */
import { spawn } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { contestants, nsdCommand } from './contestants.mjs';
import {
  cpuTimeMs,
  eventually,
  findFreePort,
  loadCommand,
  residentOctets,
  run,
  startServer,
} from './process.mjs';
import { ORIGIN, writeWorld, writeZone } from './tasks.mjs';

const HOST = '127.0.0.1';
const UPSTREAM = '127.0.0.2';
const TLD_SERVER = '127.0.0.3';
const ZONES = 2000;
/** Of name servers, since a resolver has few questions open to each. */
const SERVERS = Array.from({ length: 50 }, (_, i) => `127.0.2.${i + 1}`);
const CACHED = 1000;
/** Cached questions a second while all the others come. */
const CACHED_RATE = 500;
/** As many clients, so that no limit on one of them is what is measured. */
const ADDRESSES = 100;
const PEAK_SECONDS = 5;
const RECOVERY_SECONDS = 10;
/** It is itself again when new names are resolved as usual: all of these in a second. */
const PROBE_RATE = 100;
const PROBE_P99_MS = 100;

const { values: options } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    factor: { type: 'string', default: '4' },
    only: { type: 'string', default: 'ts-dns' },
  },
});

/** @typedef {import('./process.mjs').Server} Server */

const folder = mkdtempSync(join(tmpdir(), 'ts-dns-overload-'));
/** @type {Server[]} */
const servers = [];
try {
  await main();
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const hints = join(folder, 'root.hints');
  writeFileSync(hints, `. 86400 NS ns.root-servers.test.\nns.root-servers.test. 86400 A ${UPSTREAM}\n`); // prettier-ignore
  const addresses = { root: UPSTREAM, tld: TLD_SERVER, zones: SERVERS };
  const world = writeWorld(folder, addresses, { names: ZONES, zones: ZONES });
  const own = [ORIGIN, writeZone(folder, CACHED, UPSTREAM)];
  startUpstream([UPSTREAM], [...world.root, own]);
  startUpstream([TLD_SERVER], world.tlds);
  startUpstream(SERVERS, world.zones);
  await isAnswering(UPSTREAM, 53);
  const names = Array.from({ length: ZONES }, (_, z) => `00000000.z${z}.t${z % 10}. A NOERROR c0000207`); // prettier-ignore
  const cached = Array.from({ length: CACHED }, (_, i) => `h${i}.${ORIGIN} A`);
  const files = { unique: join(folder, 'unique'), cached: join(folder, 'cached') };
  writeFileSync(files.unique, `${names.join('\n')}\n`);
  writeFileSync(files.cached, `${cached.join('\n')}\n`);
  for (const name of options.only.split(',')) await overload(name, files, hints);
}

/** @param {readonly string[]} hosts @param {import('./tasks.mjs').Zones} zones */
function startUpstream([host = '', ...otherHosts], zones) {
  const place = { folder: join(folder, host), host, otherHosts, port: 53, zones, rootHints: '' };
  servers.push(startServer(nsdCommand(place), 1));
}

/** @param {string} name @param {{ unique: string, cached: string }} files @param {string} rootHints */
async function overload(name, files, rootHints) {
  const contestant = contestants.find((one) => one.name === name);
  if (contestant === undefined) throw new Error(`no server is called ${name}`);
  const port = await findFreePort();
  const place = { folder: join(folder, name), host: HOST, port, zones: [], rootHints };
  const server = startServer(contestant.command(place), 0);
  servers.push(server);
  await isAnswering(HOST, port);
  /** @param {string} questions @param {readonly string[]} how */
  const load = (questions, ...how) => ask(port, [...how, '--questions', questions]);
  await load(files.cached, '--once');
  let first = 0;
  /** @param {readonly string[]} how */
  const unique = async (...how) => {
    const from = String(first);
    first += 10_000_000;
    return load(files.unique, '--unique', '--first', from, '--sockets', String(ADDRESSES), '--addresses', String(ADDRESSES), ...how); // prettier-ignore
  };
  await unique('--seconds', String(PEAK_SECONDS));
  const cpuAtFirstMs = cpuTimeMs(server.pid);
  const peakLoad = await unique('--seconds', String(PEAK_SECONDS));
  const peak = goodOf(peakLoad);
  const beforeOctets = residentOctets(server.pid);
  let mostOctets = 0;
  const watching = setInterval(() => {
    mostOctets = Math.max(mostOctets, residentOctets(server.pid));
  }, 500);
  const rate = String(Math.round(peak * Number(options.factor)));
  const droppedBefore = droppedAt(port);
  const cpuBeforeMs = cpuTimeMs(server.pid);
  const peakBusy = (cpuBeforeMs - cpuAtFirstMs) / (1000 * peakLoad.elapsedSeconds);
  const [flood, hits] = await Promise.all([
    unique('--rate', rate, '--pace', '2', '--seconds', options.seconds),
    load(files.cached, '--rate', String(CACHED_RATE), '--pace', '2', '--seconds', options.seconds, '--drain'), // prettier-ignore
  ]);
  const dropped = droppedAt(port) - droppedBefore;
  const busy = (cpuTimeMs(server.pid) - cpuBeforeMs) / (1000 * flood.elapsedSeconds);
  const recoveredAfter = await recover(() => unique('--rate', String(PROBE_RATE), '--pace', '2', '--seconds', '1', '--drain')); // prettier-ignore
  clearInterval(watching);
  const peakAfter = goodOf(await unique('--seconds', String(PEAK_SECONDS)));
  process.stderr.write(`${name}: ${JSON.stringify({ flood, hits })}\n`);
  const good = goodOf(flood);
  const failed = flood.wrong['rcode SERVFAIL'] ?? 0;
  const mb = (/** @type {number} */ octets) => `${Math.round(octets / 1e6)} MB`;
  const cells = [
    name,
    `${Math.round(peak)}/s, ${Math.round(peakAfter)}/s`,
    `${rate}/s`,
    `${Math.round(good)}/s (${Math.round((100 * good) / Math.max(peak, peakAfter))} %)`,
    `${failed} of ${flood.sent}`,
    `${dropped} of ${flood.sent + hits.sent}`,
    `${hits.latencyMs.p50.toFixed(1)}, ${hits.latencyMs.p99.toFixed(1)} ms`,
    `${hits.sent - hits.answered} of ${hits.sent}`,
    [peakBusy / peak, busy / good].map((each) => `${(1e6 * each).toFixed(0)} µs`).join(', '),
    recoveredAfter,
    `${mb(beforeOctets)}, ${mb(mostOctets)}`,
  ];
  process.stdout.write(
    [
      '| server | peak before, after | asked | resolved | failed | lost in the kernel | cached, 50 and 99 % | cached, lost | CPU per name resolved, peak and flood | itself again after | memory before, most |', // prettier-ignore
      `|${' --- |'.repeat(cells.length)}`,
      `| ${cells.join(' | ')} |`,
      '',
    ].join('\n'),
  );
  await server.stop();
}

/**
 * Datagrams that came and found no room in the receive buffers of that port.
 * @param {number} port
 */
function droppedAt(port) {
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`;
  return readFileSync('/proc/net/udp', 'utf8')
    .split('\n')
    .map((line) => line.trim().split(/\s+/))
    .filter(([, local = '']) => local.endsWith(suffix))
    .reduce((sum, fields) => sum + Number(fields.at(-1)), 0);
}

/** @param {() => Promise<Result>} probe */
async function recover(probe) {
  const beganMs = performance.now();
  for (let second = 0; second < RECOVERY_SECONDS; second += 1) {
    const atMs = performance.now() - beganMs;
    const { sent, answered, wrong, latencyMs } = await probe();
    const isWhole = answered === sent && Object.keys(wrong).length === 0;
    if (isWhole && latencyMs.p99 < PROBE_P99_MS) return `${(atMs / 1000).toFixed(1)} s`;
  }
  return `more than ${RECOVERY_SECONDS} s`;
}

/**
 * Of the right answers, how many a second.
 * @typedef {{ sent: number, answered: number, elapsedSeconds: number,
 *   wrong: Record<string, number>, latencyMs: { p99: number } }} Result
 * @param {Result} result
 */
function goodOf({ answered, wrong, elapsedSeconds }) {
  // What came too late was counted as lost before.
  const { 'id that nobody waits for': _late, ...others } = wrong;
  const bad = Object.values(others).reduce((sum, count) => sum + count, 0);
  return (answered - bad) / elapsedSeconds;
}

/** Several at once, so not as `run.mjs` asks. */
/** @param {number} port @param {readonly string[]} how @returns {Promise<Result>} */
function ask(port, how) {
  const load = fileURLToPath(new URL('load.mjs', import.meta.url));
  const command = [process.execPath, load, '--to', `${HOST}:${port}`, '--edns', ...how];
  const [program = '', ...args] = loadCommand(command);
  const child = spawn(program, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.on('data', (/** @type {Buffer} */ chunk) => {
    text += chunk.toString('utf8');
  });
  return new Promise((resolve, reject) => {
    child.once('error', reject);
    child.once('close', () => resolve(JSON.parse(text)));
  });
}

/** @param {string} host @param {number} port */
async function isAnswering(host, port) {
  const question = ['+short', '+time=1', '+tries=1', `h0.${ORIGIN}`, 'A'];
  await eventually(`${host} answers`, () => {
    return run(['dig', `@${host}`, '-p', String(port), ...question]).trim() === '10.0.0.0';
  });
  await pause(100);
}
