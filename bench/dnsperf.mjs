/**
 * Whether our load generator measures what dnsperf measures: the same questions to the same server,
 * by one and the other in turns. What counts is the server's processor time for each answer; how
 * many a second come depends on which of the two takes more of the processor for itself. From 100
 * ports, each with one question under way, there is next to nothing that answers could share.
 *
 * Then what our generator can do itself: against the echo, from few ports.
 *
 *   node bench/dnsperf.mjs [--rounds N] [--seconds N]
 */
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { contestants } from './contestants.mjs';
import { cpuTimeMs, eventually, findFreePort, isInstalled, run, runLoad, startServer } from './process.mjs'; // prettier-ignore
import { ORIGIN, tasksOf, writeQuestions, writeZone } from './tasks.mjs';

const HOST = '127.0.0.1';
const WINDOW = '100';
const PORTS = '10';
const MANY_PORTS = '100';
/** Of the generator alone: as few wake-ups as there can be. */
const ALONE = ['--window', '400', '--sockets', '4', '--unchecked'];

const { values: options } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    seconds: { type: 'string', default: '3' },
  },
});
const folder = mkdtempSync(join(tmpdir(), 'ts-dns-dnsperf-'));
const load = fileURLToPath(new URL('load.mjs', import.meta.url));
try {
  if (isInstalled('dnsperf')) await main();
  else process.stdout.write('without dnsperf: not installed\n');
} finally {
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const [task] = tasksOf({ names: 1, zones: 1 });
  if (task === undefined) throw new Error('no task');
  const ours = writeQuestions(task, join(folder, 'questions'));
  const theirs = join(folder, 'dnsperf');
  const lines = Array.from({ length: task.names }, (_, i) => task.question(i).split(' ').slice(0, 2).join(' ')); // prettier-ignore
  writeFileSync(theirs, `${lines.join('\n')}\n`);
  const zone = writeZone(folder, task.names / 2, HOST);
  const rows = [];
  for (const name of ['ts-dns', 'nsd']) {
    const contestant = contestants.find((one) => one.name === name);
    if (contestant === undefined || !isInstalled(contestant.program)) continue;
    const port = await findFreePort();
    const place = { folder: join(folder, name), host: HOST, port, zones: [[ORIGIN, zone]], rootHints: '' }; // prettier-ignore
    const server = startServer(contestant.command(place), 0);
    const dig = ['dig', `@${HOST}`, '-p', String(port), '+short', '+time=1', '+tries=1', `h0.${ORIGIN}`]; // prettier-ignore
    await eventually(`${name} answers`, () => run(dig).trim() === '10.0.0.0');
    const { seconds } = options;
    /** @param {string} ports */
    const dnsperf = (ports) => ['dnsperf', '-s', HOST, '-p', String(port), '-d', theirs, '-q', WINDOW, '-c', ports, '-l', seconds]; // prettier-ignore
    const generators = {
      [`load.mjs, ${PORTS} ports`]: loadOf(port, ours, ['--window', WINDOW, '--sockets', PORTS]),
      [`dnsperf, ${PORTS} ports`]: dnsperf(PORTS),
      [`dnsperf, ${MANY_PORTS} ports`]: dnsperf(MANY_PORTS),
    };
    rows.push(...measure({ name, pid: server.pid }, generators));
    await server.stop();
  }
  const head = ['| server | load | CPU/query | queries/s |', '| ------ | ---- | --------: | --------: |']; // prettier-ignore
  process.stdout.write(`${[...head, ...rows].join('\n')}\n\n${await measureAlone(ours)}\n`);
}

/** What a question and its answer cost the generator. @param {string} questions */
async function measureAlone(questions) {
  const port = await findFreePort();
  const echo = contestants.find(({ name }) => name === 'echo');
  const place = { folder, host: HOST, port, zones: [], rootHints: '' };
  const server = startServer(echo?.command(place) ?? [], 0);
  const found = [];
  for (let round = 0; round <= Number(options.rounds); round += 1) {
    const text = runLoad(loadOf(port, questions, ALONE));
    if (round > 0) found.push(JSON.parse(text));
  }
  await server.stop();
  const cpu = middle(found.map(({ cpuMicrosecondsPerQuery }) => cpuMicrosecondsPerQuery));
  const rate = Math.round(middle(found.map(({ queriesPerSecond }) => queriesPerSecond)));
  return `The generator against the echo, ${ALONE.join(' ')}: ${cpu.toFixed(1)} µs of its own, ${rate} a second.`;
}

/** @param {number} port @param {string} questions @param {readonly string[]} how */
function loadOf(port, questions, how) {
  return [process.execPath, load, '--to', `${HOST}:${port}`, '--questions', questions, '--seconds', options.seconds, ...how]; // prettier-ignore
}

/** @param {number[]} values */
function middle(values) {
  return values.toSorted((a, b) => a - b)[Math.floor(values.length / 2)] ?? 0;
}

/** @param {{ name: string, pid: number }} server @param {Readonly<Record<string, readonly string[]>>} generators */
function measure({ name, pid }, generators) {
  /** @type {Map<string, { cpu: number, rate: number }[]>} */
  const found = new Map(Object.keys(generators).map((generator) => [generator, []]));
  for (let round = 0; round <= Number(options.rounds); round += 1) {
    for (const [generator, command] of Object.entries(generators)) {
      const beforeMs = cpuTimeMs(pid);
      const text = runLoad(command);
      const { answered, rate } = generator.startsWith('dnsperf')
        ? readDnsperf(text)
        : readOurs(text);
      // The first round warms up.
      const cpu = ((cpuTimeMs(pid) - beforeMs) * 1000) / answered;
      if (round > 0) found.get(generator)?.push({ cpu, rate });
    }
  }
  return [...found].map(([generator, rounds]) => {
    const cpu = middle(rounds.map((round) => round.cpu)).toFixed(1);
    return `| ${name} | ${generator} | ${cpu} µs | ${Math.round(middle(rounds.map(({ rate }) => rate)))} |`;
  });
}

/** @param {string} text */
function readOurs(text) {
  const { answered, queriesPerSecond } = JSON.parse(text);
  return { answered, rate: queriesPerSecond };
}

/** @param {string} text */
function readDnsperf(text) {
  const number = (/** @type {RegExp} */ pattern) => Number(pattern.exec(text)?.[1]);
  return {
    answered: number(/Queries completed:\s+(\d+)/),
    rate: number(/Queries per second:\s+([\d.]+)/),
  };
}
