/**
 * `npm run test:canaries [-- PART-OF-NAME...]`: takes each defence of `test/attacks/defences.ts` away
 * and sees the tests fail that guard it. A defence whose tests stay green is one that nobody would miss;
 * that, and a list that no longer fits the source, are failures here. One line per defence.
 *
 *     parent ─► a queue ─► one child per core: vitest, kept running, with one module changed
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { createVitest } from 'vitest/node';

import { checkMutation, mutator } from './mutation.mjs';

/**
 * @typedef {import('./mutation.mjs').Mutation & { tests: readonly (readonly [file: string, title: string])[] }} Defence
 * @typedef {{ name: string, isRed: boolean, why: string }} Verdict
 */

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const LIST = join(root, 'test/attacks/defences.ts');
/** A test that never ends without its defence has noticed as well. */
const HANG_MS = 180_000;
/** As in `vitest.config.ts`. */
const FUZZ_RUNS = '20000';

/** @type {Set<import('node:child_process').ChildProcess>} */
const running = new Set();
process.once('exit', () => running.forEach(end));
for (const signal of ['SIGINT', 'SIGTERM']) process.once(signal, () => process.exit(1));

if (process.send) await serve();
else process.exitCode = await conduct(process.argv.slice(2));

/** @param {readonly string[]} wanted */
async function conduct(wanted) {
  const vitest = await openVitest(() => undefined);
  const all = await readDefences(vitest);
  await vitest.close();
  const chosen =
    wanted.length === 0
      ? all
      : all.filter(({ name }) => wanted.some((part) => name.includes(part)));
  const misfits = all.flatMap((defence) => checkMutation(root, defence) ?? []);
  for (const misfit of misfits) process.stdout.write(`FAIL ${misfit}\n`);
  if (misfits.length > 0) return 1;
  const queue = chosen.map(({ name }) => name);
  /** @type {Verdict[]} */
  const verdicts = [];
  const report = (/** @type {Verdict} */ verdict) => {
    verdicts.push(verdict);
    const mark = verdict.isRed ? 'ok  ' : 'FAIL';
    process.stdout.write(`${mark} ${verdict.name}: ${verdict.why}\n`);
  };
  const children = Math.min(availableParallelism(), queue.length);
  await Promise.all(Array.from({ length: children }, () => work(queue, report)));
  const missed = verdicts.filter(({ isRed }) => !isRed).length;
  process.stdout.write(`${verdicts.length - missed} of ${verdicts.length} defences are guarded\n`);
  return missed === 0 && verdicts.length > 0 ? 0 : 1;
}

/**
 * One child after the other, until the queue is empty: one that hangs is replaced.
 *
 * @param {string[]} queue
 * @param {(verdict: Verdict) => void} report
 */
async function work(queue, report) {
  let child = start();
  for (let name = queue.shift(); name !== undefined; name = queue.shift()) {
    const verdict = await ask(child, name);
    report(verdict ?? { name, isRed: true, why: 'the tests did not end' });
    if (verdict) continue;
    end(child);
    child = start();
  }
  child.disconnect();
}

/** A group of its own, for the tests run in children of it, which would go on alone. */
function start() {
  const stdio = /** @type {import('node:child_process').StdioOptions} */ ([
    'ignore',
    'ignore',
    'inherit',
    'ipc',
  ]);
  const child = fork(fileURLToPath(import.meta.url), { stdio, detached: true });
  running.add(child);
  child.once('exit', () => running.delete(child));
  return child;
}

/** @param {import('node:child_process').ChildProcess} child */
function end(child) {
  running.delete(child);
  if (child.pid !== undefined) process.kill(-child.pid, 'SIGKILL');
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {string} name
 * @returns {Promise<Verdict | undefined>}
 */
function ask(child, name) {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(undefined), HANG_MS);
    child.once('message', (verdict) => {
      clearTimeout(timer);
      resolve(/** @type {Verdict} */ (verdict));
    });
    child.send(name);
  });
}

async function serve() {
  /** @type {Defence | undefined} */
  let current;
  const vitest = await openVitest(() => current);
  const all = await readDefences(vitest);
  process.on('disconnect', () => void vitest.close().finally(() => process.exit()));
  process.on('message', (name) => {
    const defence = all.find((one) => one.name === name);
    if (!defence) throw new Error(`there is no defence ${String(name)}`);
    // What the last run changed has to be read again, as has what this one does.
    for (const { file } of [current ?? defence, defence]) vitest.invalidateFile(join(root, file));
    current = defence;
    void judge(vitest, defence).then((verdict) => process.send?.(verdict));
  });
}

/** @param {() => Defence | undefined} current */
function openVitest(current) {
  const options = {
    root,
    watch: false,
    config: /** @type {const} */ (false),
    include: ['test/**/*.test.ts'],
    pool: /** @type {const} */ ('forks'),
    env: { FUZZ_RUNS, TSDNS_CANARY: '1' },
    testTimeout: HANG_MS / 2,
    reporters: [{}],
    maxWorkers: 1,
    bail: 1,
  };
  return createVitest('test', options, { plugins: [mutator(root, current)] });
}

/** @param {import('vitest/node').Vitest} vitest @returns {Promise<readonly Defence[]>} */
async function readDefences(vitest) {
  const module = await vitest.import(LIST);
  return /** @type {{ defences: readonly Defence[] }} */ (module).defences;
}

/** @param {import('vitest/node').Vitest} vitest @param {Defence} defence @returns {Promise<Verdict>} */
async function judge(vitest, defence) {
  const { name, tests } = defence;
  const green = [];
  for (const [file, title] of tests) {
    vitest.setGlobalTestNamePattern(new RegExp(title.replaceAll(/[.*+?^${}()|[\]\\]/g, '\\$&')));
    const project = vitest.getRootProject();
    const specification = project.createSpecification(join(root, file));
    const { testModules } = await vitest.runTestSpecifications([specification]);
    const states = testModules.flatMap((module) =>
      [...module.children.allTests()].map((test) => test.result().state),
    );
    if (states.includes('failed')) return { name, isRed: true, why: `${title} fails` };
    const errors = testModules.flatMap((module) => module.errors().map(({ message }) => message));
    if (errors.length > 0) return { name, isRed: false, why: `${file}: ${errors[0]}` };
    if (!states.includes('passed')) {
      return { name, isRed: false, why: `${file} has no test named ${title}` };
    }
    green.push(title);
  }
  return { name, isRed: false, why: `nobody misses it: ${green.join(', ')}` };
}
