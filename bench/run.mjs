/**
 * How many queries a second, and how much CPU for each, beside the servers that everybody knows, in
 * one interleaved run on this machine's loopback: `npm run bench`.
 *
 *   node bench/run.mjs [--rounds N] [--seconds N] [--only NAME,NAME] [--out FILE]
 *
 * dnsperf makes the load: a generator in JavaScript would be slower than what it measures. When it
 * is dnsperf that is at its limit, rates lie close together and CPU per query is the honest figure.
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { parseArgs } from 'node:util';

import {
  HOST,
  NAMES,
  UPSTREAM_HOST,
  contestants,
  nameOf,
  upstreamCommand,
} from './contestants.mjs';
import {
  cpuTimeMs,
  eventually,
  findFreePort,
  isInstalled,
  run,
  runLoad,
  startServer,
} from './process.mjs';
import { summarise, table } from './report.mjs';

/** Outstanding queries: enough to keep a server busy, few enough for its socket buffer. */
const WINDOW = 100;
/** Sockets that dnsperf sends from. */
const CLIENTS = 10;
/** For the compiler of JavaScript, and for the caches to hold every name. */
const WARM_UP_SECONDS = 3;

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '7' },
    seconds: { type: 'string', default: '3' },
    only: { type: 'string' },
    out: { type: 'string' },
  },
});

const folder = mkdtempSync(join(tmpdir(), 'ts-dns-bench-'));
/** @type {import('./process.mjs').Server[]} */
const servers = [];
try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await Promise.all(servers.map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  for (const program of ['dnsperf', 'dig', 'nsd']) {
    if (!isInstalled(program)) throw new Error(`the benchmark needs ${program}, not found here`);
  }
  const entrants = chooseContestants();
  const questions = writeQuestions();
  const upstreamPort = await findFreePort();
  await startReady('upstream', upstreamCommand(join(folder, 'upstream'), upstreamPort), {
    host: UPSTREAM_HOST,
    port: upstreamPort,
  });

  const measured = [];
  for (const [index, contestant] of entrants.entries()) {
    const { name, task, program, versionArguments } = contestant;
    const port = await findFreePort();
    const place = { folder: join(folder, String(index)), port, upstreamPort };
    const server = await startReady(name, contestant.command(place), { host: HOST, port });
    const version = findVersion(run([program, ...versionArguments]));
    measured.push({ server, port, series: { name, task, version, rounds: [] } });
    load(port, questions, WARM_UP_SECONDS);
  }

  const rounds = Number(options.rounds);
  for (let round = 1; round <= rounds; round += 1) {
    for (const { server, port, series } of measured) {
      series.rounds.push(/** @type {never} */ (measure(server.pid, port, questions)));
    }
    process.stderr.write(`round ${round} of ${rounds}\n`);
  }
  report(measured.map(({ series }) => series));
}

function chooseContestants() {
  const only = options.only?.split(',');
  return contestants.filter(({ name, program }) => {
    if (only !== undefined && !only.includes(name)) return false;
    if (isInstalled(program)) return true;
    process.stderr.write(`without ${name}: not installed\n`);
    return false;
  });
}

/** @param {string} name @param {readonly string[]} command @param {{ host: string, port: number }} at */
async function startReady(name, command, { host, port }) {
  const server = startServer(command);
  servers.push(server);
  const question = ['+short', '+time=1', '+tries=1', '+rec', nameOf(7), 'A'];
  const ask = ['dig', `@${host}`, '-p', String(port), ...question];
  await eventually(`${name} answers`, () => run(ask).trim() === '192.0.2.7').catch((error) => {
    throw new Error(`${error.message}\n${server.output()}`, { cause: error });
  });
  return server;
}

function writeQuestions() {
  const path = join(folder, 'questions');
  // 389 and the number of names share no divisor: every name comes, neighbours lie far apart.
  const lines = Array.from({ length: NAMES }, (_, index) => `${nameOf((index * 389) % NAMES)} A`);
  writeFileSync(path, `${lines.join('\n')}\n`);
  return path;
}

/** @param {number} pid @param {number} port @param {string} questions */
function measure(pid, port, questions) {
  const beforeMs = cpuTimeMs(pid);
  const { completed, lost, queriesPerSecond, latencyMs } = load(
    port,
    questions,
    Number(options.seconds),
  );
  const cpuMicroseconds = ((cpuTimeMs(pid) - beforeMs) * 1000) / completed;
  return { queriesPerSecond, cpuMicroseconds, lost, latencyMs };
}

/** @param {number} port @param {string} questions @param {number} seconds */
function load(port, questions, seconds) {
  const args = ['-s', HOST, '-p', String(port), '-d', questions, '-l', String(seconds)];
  const text = runLoad(['dnsperf', ...args, '-c', String(CLIENTS), '-q', String(WINDOW), '-e']);
  const completed = figure(text, /Queries completed:\s+(\d+)/);
  const good = figure(text, /Response codes:\s+NOERROR (\d+)/);
  // A server that refuses quickly must not win.
  if (good !== completed) throw new Error(`not every answer is NOERROR:\n${text}`);
  return {
    completed,
    lost: figure(text, /Queries lost:\s+(\d+)/),
    queriesPerSecond: figure(text, /Queries per second:\s+([\d.]+)/),
    latencyMs: figure(text, /Average Latency \(s\):\s+([\d.]+)/) * 1000,
  };
}

/** @param {string} text @param {RegExp} pattern */
function figure(text, pattern) {
  const found = pattern.exec(text)?.[1];
  if (found === undefined) throw new Error(`dnsperf said something else than expected:\n${text}`);
  return Number(found);
}

/** @param {string} text */
function findVersion(text) {
  return /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? '?';
}

/** @param {readonly import('./report.mjs').Series[]} series */
function report(series) {
  const summaries = summarise(series);
  const result = {
    date: new Date().toISOString().slice(0, 10),
    machine: { cpu: cpus()[0]?.model.trim(), cpus: cpus().length, node: process.version },
    rounds: Number(options.rounds),
    seconds: Number(options.seconds),
    summaries,
  };
  process.stdout.write(`${table(summaries)}\n`);
  if (options.out === undefined) return;
  writeFileSync(options.out, `${JSON.stringify(result, null, 2)}\n`);
}
