/**
 * Hours in minutes: a resolver and an authority under half of the load that they can bear, over a
 * network that fails and authorities that are killed, watched for what only time brings out: memory
 * that grows, descriptors that stay, errors, wrong answers.
 *
 *   npm run soak -- [--minutes N] [--rate N] [--seed N] [--out FILE] [--planted]
 *
 *     client ─► ts-dns resolver ─► fault proxy ─┬─► steady authorities (ts-dns; one is watched)
 *        └──────────────────────────────────────┴─► authorities that are killed and started again
 *
 * Memory can be judged once the caches are full, so they are small, and filled first; and by what
 * is left of it after all garbage is collected. `--planted`: the resolver is made to leak an object
 * for every question, and the run fails if that is not seen.
 */
import { fork } from 'node:child_process';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { cpus, tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';

import { findFreePort } from './process.mjs';
import { Client, newTally } from './soak/client.mjs';
import {
  LOWER_ADDRESSES,
  UPPER_ADDRESSES,
  drawQuestion,
  fillingQuestion,
  writeInternet,
} from './soak/internet.mjs';
import { createRandom } from './soak/random.mjs';
import { judge, table } from './soak/verdict.mjs';
import { NODE, Watched } from './soak/watch.mjs';

const { values: options } = parseArgs({
  options: {
    minutes: { type: 'string', default: '30' },
    rate: { type: 'string' },
    seed: { type: 'string', default: '1' },
    out: { type: 'string' },
    planted: { type: 'boolean', default: false },
  },
});

const minutes = Number(options.minutes);
/** From here on a run is long enough to judge the slope of memory. */
const LONG_MINUTES = 10;
const isLong = minutes >= LONG_MINUTES;
/** Entries of the caches that `RESOLVER_YAML` allows, at 450 octets each, and a fourth more. */
const FILLING = 15_000;
const RESOLVER_YAML = 'resolver: { cache: { record-octets: 4 MiB, negative-octets: 1 MiB } }\n';
const WINDOW = 64;
const CAPACITY_QUESTIONS = 5000;
const TICK_MS = 10;
const SAMPLE_MS = isLong ? 5000 : 1000;
const OUTAGE_EVERY_MS = 16_000;
const OUTAGE_MS = 3000;
/** After the load: connections of clients and servers are closed as idle after ten seconds. */
const QUIET_MS = 15_000;
/** For a program to start or a question to end, on a machine that does other things as well. */
const PATIENCE_MS = 120_000;
/** Of a program that ends at once. */
const START_ATTEMPTS = 20;
/** Of the questions, how many go to the authority instead of the resolver. */
const DIRECT = 0.1;

const tsDns = fileURLToPath(new URL('../bin/ts-dns', import.meta.url));
const random = createRandom(Number(options.seed));
const folder = mkdtempSync(join(tmpdir(), 'ts-dns-soak-'));
/** @type {Watched[]} */
const programs = [];
/** @type {import('node:child_process').ChildProcess | undefined} */
let proxy;
// An end from outside takes what was started along.
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));
try {
  await main();
} finally {
  await Promise.all(programs.map((program) => program.end()));
  proxy?.disconnect();
  rmSync(folder, { recursive: true, force: true });
}

async function main() {
  const world = await startWorld();
  const { resolver, authority, viaResolver, direct } = world;
  const before = { resolver: await resolver.sample(), authority: await authority.sample() };
  say(`filling the caches with ${FILLING} names`);
  await askClosedLoop(viaResolver, FILLING, () => fillingQuestion(random));
  say('measuring what it can bear');
  const capacity = await askClosedLoop(viaResolver, CAPACITY_QUESTIONS, () => drawQuestion(random));
  const rate = options.rate === undefined ? Math.floor(capacity / 2) : Number(options.rate);
  say(`${Math.round(capacity)} questions a second; soaking at ${rate} for ${minutes} minutes`);
  for (const client of [viaResolver, direct]) client.tally = newTally();
  world.order({ faults: true });
  const samples = await soak(world, rate);
  world.order({ faults: false });
  viaResolver.close();
  direct.close();
  await pause(QUIET_MS);
  const after = { resolver: await resolver.sample(), authority: await authority.sample() };
  const exits = { resolver: await resolver.end(), authority: await authority.end() };
  const run = { minutes, rate, capacity, isLong, seed: Number(options.seed), samples, exits };
  const clients = { resolver: viaResolver.tally, authority: direct.tally };
  const verdict = judge({ ...run, before, after, clients, programs: { resolver, authority } });
  process.stdout.write(`${table(verdict)}\n`);
  if (options.out)
    writeFileSync(options.out, `${JSON.stringify({ ...machine(), ...verdict, samples })}\n`);
  if (verdict.problems.length > 0) process.stdout.write(`${verdict.problems.join('\n')}\n`);
  const isLeakSeen = verdict.reports.some(({ memory }) => memory.problems.length > 0);
  const isWell = options.planted ? isLeakSeen : verdict.problems.length === 0;
  if (options.planted)
    process.stdout.write(`the planted leak was ${isLeakSeen ? '' : 'not '}seen\n`);
  process.exitCode = isWell ? 0 : 1;
}

async function startWorld() {
  const files = writeInternet(folder);
  const upstreamPort = await findFreePort();
  const serve = async (/** @type {string} */ name, /** @type {string} */ zones) => {
    const port = await findFreePort();
    const restart = () => start(name, ['--listen', `127.0.0.1:${port}`, '--zone-dir', zones]);
    return { port, restart, program: await restart() };
  };
  const steadyUpper = await serve('steady upper', files.upper);
  const killedUpper = await serve('killed upper', files.upper);
  const steadyLower = await serve('steady lower', files.lower);
  const killedLower = await serve('killed lower', files.lower);
  const order = await startProxy(upstreamPort, [
    ...UPPER_ADDRESSES.map((address, i) => ({ address, of: i === 0 ? steadyUpper : killedUpper })),
    ...LOWER_ADDRESSES.map((address, i) => ({
      address,
      of: i % 2 === 0 ? steadyLower : killedLower,
    })),
  ]);
  const port = await findFreePort();
  const configuration = join(folder, 'resolver.yaml');
  writeFileSync(configuration, RESOLVER_YAML);
  const resolver = await start('resolver', [
    ...['--config', configuration, '--recursion', '--listen', `127.0.0.1:${port}`],
    ...['--root-hints', files.hints, '--upstream-port', String(upstreamPort)],
  ]);
  const viaResolver = new Client(port);
  const direct = new Client(steadyLower.port);
  await Promise.all([viaResolver.open(), direct.open()]);
  const victims = [killedUpper, killedLower];
  return { resolver, authority: steadyLower.program, viaResolver, direct, victims, order };
}

/** @param {string} name @param {readonly string[]} args */
async function start(name, args) {
  for (let attempt = 1; ; attempt += 1) {
    const program = new Watched(name, [...NODE, tsDns, 'serve', ...args]);
    programs.push(program);
    await until(`${name} is ready`, () => program.isReady || program.unexpectedEnd !== undefined);
    if (program.isReady) return program;
    const end = `${program.unexpectedEnd}: ${program.lines.at(-1)}`;
    if (attempt === START_ATTEMPTS) throw new Error(end);
    // While it was dead, the resolver or another program may have drawn its port for a question.
    say(`${end}; again in a second`);
    programs.splice(programs.indexOf(program), 1);
    await pause(1000);
  }
}

/**
 * @param {number} port
 * @param {readonly { address: string, of: { port: number } }[]} paths
 */
async function startProxy(port, paths) {
  const network = fork(fileURLToPath(new URL('fault-proxy.mjs', import.meta.url)));
  const ready = new Promise((resolve) => network.once('message', resolve));
  proxy = network;
  network.send({
    paths: paths.map(({ address, of }) => ({ address, port, backPort: of.port })),
    seed: Number(options.seed),
  });
  await ready;
  return (/** @type {{ faults?: boolean, silent?: string }} */ text) => void network.send(text);
}

/**
 * So many questions, each as soon as another is done; returns how many were done a second.
 *
 * @param {Client} client @param {number} count
 * @param {() => import('./soak/internet.mjs').Question} draw
 */
async function askClosedLoop(client, count, draw) {
  const startedMs = performance.now();
  let left = count;
  const work = async () => {
    while (left > 0) {
      left -= 1;
      await new Promise((resolve) => client.ask(draw(), () => resolve(undefined)));
    }
  };
  await Promise.all(Array.from({ length: WINDOW }, work));
  return (count * 1000) / (performance.now() - startedMs);
}

/** @param {Awaited<ReturnType<typeof startWorld>>} world @param {number} rate */
async function soak({ resolver, authority, viaResolver, direct, victims, order }, rate) {
  /** @type {import('./soak/verdict.mjs').Moment[]} */
  const samples = [];
  const startedMs = performance.now();
  const endMs = startedMs + minutes * 60_000;
  const take = async (/** @type {number} */ leak) => {
    const seconds = (performance.now() - startedMs) / 1000;
    const waiting = viaResolver.waiting;
    const ofAuthority = await authority.sample();
    samples.push({
      seconds,
      resolver: await resolver.sample(leak),
      authority: ofAuthority,
      waiting,
    });
  };
  const breaking = breakThings({ victims, order }, endMs);
  let sent = 0;
  let leaked = 0;
  let sampling = Promise.resolve();
  let nextSampleMs = startedMs;
  for (let now = startedMs; now < endMs; now = performance.now()) {
    // Open loop: whoever asks does not know how the resolver fares.
    for (const due = ((now - startedMs) / 1000) * rate; sent < due; sent += 1) {
      (random() < DIRECT ? direct : viaResolver).ask(drawQuestion(random));
    }
    if (now >= nextSampleMs) {
      nextSampleMs += SAMPLE_MS;
      const leak = options.planted ? sent - leaked : 0;
      leaked = sent;
      // Nobody waits for it: questions go on, whatever a collection takes.
      sampling = sampling.then(() => take(leak));
    }
    await pause(TICK_MS);
  }
  await Promise.all([breaking, sampling]);
  await until('the last answers', () => viaResolver.waiting + direct.waiting === 0);
  return samples;
}

/**
 * One outage after the other, and never two: each zone keeps a server that can be reached.
 *
 * @param {Pick<Awaited<ReturnType<typeof startWorld>>, 'victims' | 'order'>} world
 * @param {number} endMs
 */
async function breakThings({ victims, order }, endMs) {
  const addresses = [...UPPER_ADDRESSES, ...LOWER_ADDRESSES];
  for (let turn = 0; performance.now() + OUTAGE_EVERY_MS < endMs; turn += 1) {
    order({ silent: addresses[turn % addresses.length] ?? '' });
    await pause(OUTAGE_MS);
    order({ silent: '' });
    await pause(OUTAGE_EVERY_MS / 2 - OUTAGE_MS);
    const victim = victims[turn % victims.length];
    if (victim === undefined) return;
    await victim.program.end('SIGKILL');
    programs.splice(programs.indexOf(victim.program), 1);
    await pause(OUTAGE_MS);
    victim.program = await victim.restart();
    await pause(OUTAGE_EVERY_MS / 2 - OUTAGE_MS);
  }
}

function machine() {
  const date = new Date().toISOString().slice(0, 10);
  return {
    date,
    machine: { cpu: cpus()[0]?.model.trim(), cpus: cpus().length, node: process.version },
  };
}

/** @param {string} what @param {() => boolean} check */
async function until(what, check) {
  const deadlineMs = performance.now() + PATIENCE_MS;
  while (!check()) {
    if (performance.now() > deadlineMs) throw new Error(`did not happen: ${what}`);
    await pause(TICK_MS);
  }
}

/** @param {string} text */
function say(text) {
  process.stderr.write(`${text}\n`);
}
