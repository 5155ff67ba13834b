/**
 * How much CPU a query costs, how many a second and how late, beside the servers that everybody
 * knows, in one interleaved run on this machine's loopback: `npm run bench`.
 *
 *   node bench/run.mjs [--task 'TEXT;TEXT'] [--only NAME,NAME] [--rounds N] [--seconds N]
 *                      [--names N] [--zones N] [--out FILE] [--docs]
 *
 * `--task` takes those whose names hold the text, those of `PROGRAMS` too; `--names` and `--zones` are those of the
 * recursion. `--docs` puts the table into docs/performance.md.
 */
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, loadavg, tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { contestants, nsdCommand } from './contestants.mjs';
import { cpuTimeMs, datagramsRead, eventually, findFreePort, isInstalled, outputOf, residentOctets, run, runLoad, startServer } from './process.mjs'; // prettier-ignore
import { summarise, table } from './report.mjs';
import { ORIGIN, tasksOf, writeQuestions, writeRoot, writeWorld, writeZone } from './tasks.mjs';

/** Programs of their own, whose words stand behind the table. */
const PROGRAMS = [
  { name: 'the load generator, beside dnsperf', file: 'dnsperf.mjs', args: [] },
  { name: 'overload', file: 'overload.mjs', args: [] },
  {
    name: 'reloading a zone of 1,000,000 records under load',
    file: 'reload.mjs',
    args: ['--reloads', '3', '--rate', '20000'],
  },
  { name: 'hit ratios of the caches', file: 'hit-ratio.mjs', args: [] },
];
const HOST = '127.0.0.1';
const UPSTREAM = '127.0.0.2';
const TLD_SERVER = '127.0.0.3';
/** A resolver has few questions open to each, so they are several. */
const ZONE_SERVERS = ['127.0.0.4', '127.0.0.5', '127.0.0.6', '127.0.0.7'];
/** Resolvers ask there: of delegations none knows another port. */
const DNS_PORT = 53;
/** Questions under way: enough to keep a server busy, few enough for its socket buffer. */
const WINDOW = 100;
const WARM_UP_SECONDS = '3';
const LATENCY_SECONDS = '10';
const LATENCY_WARM_UP = ['--warm-up', '1000'];
/** So many are not all asked while it warms up. */
const MANY_NAMES = 100_000;

const { values: options } = parseArgs({
  options: {
    task: { type: 'string', default: '' },
    only: { type: 'string' },
    rounds: { type: 'string', default: '5' },
    seconds: { type: 'string', default: '3' },
    names: { type: 'string', default: '200000' },
    zones: { type: 'string', default: '20000' },
    out: { type: 'string' },
    docs: { type: 'boolean', default: false },
  },
});

/**
 * @typedef {import('./tasks.mjs').Task} Task
 * @typedef {import('./contestants.mjs').Contestant} Contestant
 * @typedef {import('./process.mjs').Server} Server
 * @typedef {import('./report.mjs').Round} Round
 * @typedef {{ pid: number, port: number, contestant: Contestant, server: Server }} Running
 */

const scale = { names: Number(options.names), zones: Number(options.zones) };
const folder = mkdtempSync(join(tmpdir(), 'ts-dns-bench-'));
/** @type {Set<Server>} */
const servers = new Set();
let folders = 0;
/** @type {Map<string, string>} */
const versions = new Map();
try {
  await main();
} catch (error) {
  process.stderr.write(`${error instanceof Error ? error.message : String(error)}\n`);
  process.exitCode = 1;
} finally {
  await Promise.all([...servers].map((server) => server.stop()));
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  for (const program of ['dig', 'nsd']) {
    if (!isInstalled(program)) throw new Error(`the benchmark needs ${program}, not found here`);
  }
  const wanted = options.task.split(';');
  const tasks = tasksOf(scale).filter(({ name }) => wanted.some((text) => name.includes(text)));
  const series = [];
  for (const task of tasks) {
    process.stderr.write(`${task.name}\n`);
    series.push(...(task.kind === 'recursion' ? await measureCold(task) : await measureWarm(task)));
  }
  const texts = PROGRAMS.filter(({ name }) => wanted.some((text) => name.includes(text))).map(
    runProgram,
  );
  report(series, texts);
}

/** @param {typeof PROGRAMS[number]} program */
function runProgram({ name, file, args }) {
  process.stderr.write(`${name}\n`);
  const path = fileURLToPath(new URL(file, import.meta.url));
  const text = outputOf([process.execPath, path, ...args]).trim();
  const isTable = text.split('\n').some((line) => line.startsWith('|'));
  const command = ['node', `bench/${file}`, ...args].join(' ');
  return `### ${name.replace(/^./, (first) => first.toUpperCase())}\n\n\`${command}\`\n\n${isTable ? text : `\`\`\`text\n${text}\n\`\`\``}`;
}

/** Every server runs all the time; each round asks one after the other. @param {Task} task */
async function measureWarm(task) {
  const asked = writeQuestions(task, join(folder, 'questions'));
  const stage = await startStage(task);
  const measured = [];
  for (const contestant of entrants(task)) {
    const running = await startOrLeave(contestant, task, stage);
    if (running === undefined) continue;
    const series = seriesOf(task, contestant);
    const all = join(folder, 'questions');
    const isCached = task.kind === 'cache' || task.kind === 'latency';
    const emptyOctets = residentOctets(running.pid);
    // Each name once: into the caches of those who have any.
    if (isCached) ask(running, task, all, ['--once', '--window', '30']);
    else if (task.names > MANY_NAMES) ask(running, task, all, ['--once']);
    ask(running, task, asked, ['--seconds', WARM_UP_SECONDS]);
    if (isCached) series.octetsPerEntry = (residentOctets(running.pid) - emptyOctets) / task.names;
    measured.push({ running, series });
  }
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    const full = measured.map(({ running }) =>
      ask(running, task, asked, ['--seconds', options.seconds]),
    );
    const rates = full.map(({ queriesPerSecond }) => queriesPerSecond);
    for (const [index, { running, series }] of measured.entries()) {
      const capacity = task.atLeast === true ? Math.min(...rates) : (rates[index] ?? 0);
      const isLatency = task.kind === 'latency';
      const rate = String(Math.round(capacity / 2));
      const result = isLatency ? atRate(running, task, { asked, rate }) : full[index];
      if (result !== undefined) series.rounds.push(result);
    }
    process.stderr.write(`  round ${round}, load ${loadavg()[0]?.toFixed(1)}\n`);
  }
  for (const { running } of measured) await stop(running.server);
  for (const server of stage.upstream) await stop(server);
  return measured.map(({ series }) => series);
}

/** An open loop, whose code was compiled when it begins to count. */
/** @param {Running} running @param {Task} task @param {{ asked: string, rate: string }} how */
function atRate(running, task, { asked, rate }) {
  return ask(running, task, asked, [
    '--seconds',
    LATENCY_SECONDS,
    '--rate',
    rate,
    ...LATENCY_WARM_UP,
  ]);
}

/** Every round begins with empty caches, so each server is started for it. @param {Task} task */
async function measureCold(task) {
  const asked = writeQuestions(task, join(folder, 'questions'));
  const stage = await startStage(task);
  const all = entrants(task).map((contestant) => ({ contestant, series: seriesOf(task, contestant) })); // prettier-ignore
  for (let round = 1; round <= Number(options.rounds); round += 1) {
    for (const { contestant, series } of all) {
      const running = await startContestant(contestant, task, stage);
      series.rounds.push(ask(running, task, asked, ['--once']));
      await stop(running.server);
    }
    process.stderr.write(`  round ${round}, load ${loadavg()[0]?.toFixed(1)}\n`);
  }
  for (const server of stage.upstream) await stop(server);
  return all.map(({ series }) => series);
}

/** The data, and for resolvers the servers that have them. @param {Task} task */
async function startStage(task) {
  const own = join(folder, `stage${(folders += 1)}`);
  const isAuthority = ['authority', 'npm', 'workers'].includes(task.kind);
  const names = task.kind === 'recursion' ? 1 : Math.min(task.names, 1_000_000) / (task.names > 20_000 ? 1 : 2); // prettier-ignore
  const zone = writeZone(own, names, UPSTREAM);
  const hints = join(own, 'root.hints');
  writeFileSync(hints, `. 86400 NS ns.root-servers.test.\nns.root-servers.test. 86400 A ${UPSTREAM}\n`); // prettier-ignore
  if (isAuthority) return { zones: [[ORIGIN, zone]], hints, upstream: [] };
  const isWorld = task.kind === 'recursion';
  const addresses = { root: UPSTREAM, tld: TLD_SERVER, zones: ZONE_SERVERS };
  const world = isWorld ? writeWorld(own, addresses, scale) : { root: [['.', writeRoot(own, UPSTREAM)]], tlds: [], zones: [] }; // prettier-ignore
  const upstream = [await startUpstream(own, [UPSTREAM], [...world.root, [ORIGIN, zone]])];
  if (isWorld) {
    upstream.push(await startUpstream(own, [TLD_SERVER], world.tlds));
    upstream.push(await startUpstream(own, ZONE_SERVERS, world.zones));
  }
  await isAnswering('the upstream', upstream[0], UPSTREAM, DNS_PORT);
  return { zones: [], hints, upstream };
}

/** An NSD for these zones. */
/** @param {string} own @param {readonly string[]} hosts @param {import('./tasks.mjs').Zones} zones */
async function startUpstream(own, [host = '', ...otherHosts], zones) {
  const place = { folder: join(own, host), host, otherHosts, port: DNS_PORT, zones, rootHints: '' };
  const server = startServer(nsdCommand(place), 1);
  servers.add(server);
  const name = zones.at(-1)?.[0] ?? '';
  const question = ['dig', `@${host}`, '+short', '+time=1', '+tries=1', name, 'SOA'];
  await eventually(`${host} answers`, () => run(question).trim() !== '');
  return server;
}

/** A package of npm may not run here; the others have to. */
/** @param {Contestant} contestant @param {Task} task @param {Parameters<typeof startContestant>[2]} stage */
async function startOrLeave(contestant, task, stage) {
  try {
    return await startContestant(contestant, task, stage);
  } catch (error) {
    if (contestant.prepare === undefined) throw error;
    process.stderr.write(`without ${contestant.name}: ${String(error)}\n`);
    return undefined;
  }
}

/** @param {Contestant} contestant @param {Task} task @param {{ zones: readonly (readonly string[])[], hints: string }} stage */
async function startContestant(contestant, task, { zones, hints }) {
  const port = await findFreePort();
  const own = join(folder, String((folders += 1)));
  const place = { folder: own, host: HOST, port, zones, rootHints: hints };
  const server = startServer(contestant.command(place), cpusOf(contestant));
  servers.add(server);
  if (contestant.isEcho !== true) await isAnswering(contestant.name, server, HOST, port);
  return { pid: server.pid, port, contestant, server };
}

/** One for each worker; those of several share the second with the load. @param {Contestant} contestant */
function cpusOf({ workers = 1 }) {
  return workers === 1 ? 0 : `0-${workers - 1}`;
}

/** @param {string} name @param {Server} server @param {string} host @param {number} port */
async function isAnswering(name, server, host, port) {
  const question = ['+short', '+time=1', '+tries=1', `h0.${ORIGIN}`, 'A'];
  const dig = ['dig', `@${host}`, '-p', String(port), ...question];
  await eventually(`${name} answers`, () => run(dig).trim() === '10.0.0.0').catch((error) => {
    throw new Error(`${error.message}\n${server.output()}`, { cause: error });
  });
}

/** @param {Server} server */
async function stop(server) {
  await server.stop();
  servers.delete(server);
}

/** @param {Task} task */
function entrants({ kind, only: theirs }) {
  const only = options.only?.split(',');
  return contestants.filter(({ name, kinds, program, prepare }) => {
    if (!kinds.includes(kind) || theirs?.includes(name) === false) return false;
    if (only !== undefined && !only.includes(name)) return false;
    if (isInstalled(program) && prepare?.() !== false) return true;
    process.stderr.write(`without ${name}: not installed\n`);
    return false;
  });
}

/** @param {Task} task @param {Contestant} contestant @returns {import('./report.mjs').Series} */
function seriesOf({ name, kind }, contestant) {
  const { program, versionArguments } = contestant;
  if (!versions.has(contestant.name)) {
    const text = versionArguments.length === 0 ? '' : run([program, ...versionArguments]);
    versions.set(contestant.name, /\d+\.\d+(\.\d+)?/.exec(text)?.[0] ?? '');
  }
  return { name: contestant.name, task: name, kind, version: versions.get(contestant.name) ?? '', rounds: [] }; // prettier-ignore
}

/** @param {Running} running @param {Task} task @param {string} questions @param {readonly string[]} how */
function ask({ pid, port, contestant }, task, questions, how) {
  const load = fileURLToPath(new URL('load.mjs', import.meta.url));
  const window = String(WINDOW * (contestant.workers ?? 1));
  const to = ['--to', `${HOST}:${port}`, '--questions', questions, '--window', window];
  const extra = [...(task.edns ? ['--edns'] : []), ...(contestant.isEcho === true ? ['--unchecked'] : [])]; // prettier-ignore
  const beforeMs = cpuTimeMs(pid);
  const readBefore = datagramsRead();
  const text = runLoad([process.execPath, load, ...to, ...how, ...extra]);
  const result = readResult(text);
  // A server that refuses quickly must not win.
  const wrong = Object.entries(result.wrong).map(([what, count]) => `${what} × ${count}`);
  if (wrong.length > 0) process.stderr.write(`  ${contestant.name}: wrong: ${wrong.join(', ')}\n`);
  return {
    queriesPerSecond: result.queriesPerSecond,
    cpuMicroseconds: ((cpuTimeMs(pid) - beforeMs) * 1000) / result.answered,
    p99Ms: result.latencyMs.p99,
    // Beside a question and its reply each, which the server and the load have read.
    upstream: ((datagramsRead() - readBefore) / result.answered - 2) / 2,
    lost: result.lost,
    wrong: wrong.length,
  };
}

/** @param {string} text */
function readResult(text) {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`the load generator failed:\n${text}`, { cause: error });
  }
}

/** @param {readonly import('./report.mjs').Series[]} series @param {readonly string[]} texts */
function report(series, texts) {
  const summaries = summarise(series);
  const machine = { cpu: cpus()[0]?.model.trim(), cpus: cpus().length, node: process.version };
  const { rounds, seconds, out, docs } = options;
  const date = new Date().toISOString().slice(0, 10);
  const result = { date, machine, load: loadavg(), rounds: Number(rounds), seconds: Number(seconds), scale, summaries, texts }; // prettier-ignore
  const text = [...(summaries.length > 0 ? [table(summaries)] : []), ...texts].join('\n\n');
  process.stdout.write(`${text}\n`);
  if (out !== undefined) writeFileSync(out, `${JSON.stringify(result, null, 2)}\n`);
  if (!docs) return;
  const document = new URL('../docs/performance.md', import.meta.url);
  const [before = '', rest = ''] = readFileSync(document, 'utf8').split('<!-- bench -->\n');
  const [, after = ''] = rest.split('<!-- /bench -->\n');
  writeFileSync(document, `${before}<!-- bench -->\n\n${text}\n\n<!-- /bench -->\n${after}`);
}
