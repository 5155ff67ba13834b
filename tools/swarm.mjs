/**
 * `npm run swarm`: random topologies with random faults in virtual time, each held against what its
 * zones say (`test/swarm/`), on all cores.
 *
 *   npm run swarm                                seeds 0 to 9999
 *   npm run swarm -- --seeds 500..999            these
 *   npm run swarm -- --seed 4711 --verbose       one, with its topology and every packet
 *   npm run swarm -- --planted                   plants each bug of `test/swarm/bugs.ts`, and says
 *                                                with which seed it is found
 *
 * Exit code 1: a seed failed, or a planted bug was not found.
 */
import { fork } from 'node:child_process';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { createViteServer } from 'vitest/node';

import { checkMutation, mutator } from './mutation.mjs';

/**
 * @typedef {import('./mutation.mjs').Mutation} Mutation
 * @typedef {import('../test/swarm/run.ts').Verdict} Verdict
 * @typedef {{ from: number, to: number, bug?: string | undefined, isVerbose?: boolean }} Batch
 */

const root = fileURLToPath(new URL('..', import.meta.url)).replace(/\/$/, '');
const DEFAULT_SEEDS = '0..9999';
const BATCH_SEEDS = 50;
/** Within so many seeds a planted bug has to be found. */
const PLANTED_SEEDS = 2000;
const FAILURES_SHOWN = 10;

if (process.send) await serve();
else process.exitCode = await conduct();

async function conduct() {
  const { values } = parseArgs({
    options: {
      seeds: { type: 'string', default: DEFAULT_SEEDS },
      seed: { type: 'string' },
      verbose: { type: 'boolean', default: false },
      planted: { type: 'boolean', default: false },
    },
  });
  if (values.planted) return plantBugs();
  const one = values.seed === undefined ? undefined : `${values.seed}..${values.seed}`;
  const range = /^(\d+)\.\.(\d+)$/.exec(one ?? values.seeds);
  if (!range) throw new Error('--seeds FROM..TO, --seed NUMBER');
  const [from, to] = [Number(range[1]), Number(range[2])];
  return runAll({ from, to, isVerbose: values.verbose });
}

/** @param {Batch} all */
async function runAll(all) {
  const started = performance.now();
  const total = { seeds: 0, failed: 0, questions: 0, answered: 0, due: 0, sends: 0, mostSends: 0 };
  let nextReport = 1000;
  await runBatches(all, (verdict) => {
    total.seeds++;
    const { questions, answered, due, sends, mostSends } = verdict.figures;
    total.questions += questions;
    total.answered += answered;
    total.due += due;
    total.sends += sends;
    total.mostSends = Math.max(total.mostSends, mostSends);
    if (verdict.transcript !== '') process.stdout.write(`${verdict.transcript}\n`);
    if (verdict.problems.length > 0) {
      total.failed++;
      if (total.failed <= FAILURES_SHOWN) process.stdout.write(describeFailure(verdict));
    }
    if (total.seeds === nextReport) {
      process.stdout.write(`${total.seeds} seeds, ${total.failed} failed\n`);
      nextReport += 1000;
    }
    return true;
  });
  const seconds = ((performance.now() - started) / 1000).toFixed(0);
  process.stdout.write(
    `${total.seeds} seeds in ${seconds} s, ${total.failed} failed: ${total.questions} questions, ` +
      `${total.answered} answered (${total.due} had to be), ` +
      `${(total.sends / total.questions).toFixed(1)} packets each, ${total.mostSends} at most\n`,
  );
  return total.failed > 0 || total.seeds === 0 ? 1 : 0;
}

/** @param {Verdict} verdict */
function describeFailure({ seed, problems }) {
  const lines = problems.map((problem) => `  ${problem}\n`).join('');
  return `seed ${seed} failed; npm run swarm -- --seed ${seed} --verbose\n${lines}`;
}

async function plantBugs() {
  const vite = await openVite(() => undefined);
  const { bugs } = /** @type {{ bugs: readonly Mutation[] }} */ (
    await vite.ssrLoadModule('/test/swarm/bugs.ts')
  );
  await vite.close();
  let missed = 0;
  for (const bug of bugs) {
    const misfit = checkMutation(root, bug);
    /** @type {Verdict | undefined} */
    let found;
    if (misfit === undefined) {
      await runBatches({ from: 0, to: PLANTED_SEEDS - 1, bug: bug.name }, (verdict) => {
        if (verdict.problems.length > 0 && (!found || verdict.seed < found.seed)) found = verdict;
        return found === undefined;
      });
    }
    if (!found) missed++;
    const what = found ? `found with seed ${found.seed}: ${found.problems[0]}` : 'not found';
    process.stdout.write(`${found ? 'ok  ' : 'FAIL'} ${bug.name}: ${misfit ?? what}\n`);
  }
  process.stdout.write(`${bugs.length - missed} of ${bugs.length} planted bugs found\n`);
  return missed === 0 && bugs.length > 0 ? 0 : 1;
}

/**
 * Hands batches to one child per core until `take` says that it has enough.
 *
 * @param {Batch} all
 * @param {(verdict: Verdict) => boolean} take
 */
async function runBatches({ from, to, ...options }, take) {
  let next = from;
  let isEnough = false;
  const work = async () => {
    const child = fork(fileURLToPath(import.meta.url), { stdio: 'inherit' });
    try {
      while (next <= to && !isEnough) {
        const batch = { ...options, from: next, to: Math.min(to, next + BATCH_SEEDS - 1) };
        next = batch.to + 1;
        for (const verdict of await ask(child, batch)) isEnough = !take(verdict) || isEnough;
      }
    } finally {
      child.disconnect();
    }
  };
  const batches = Math.ceil((to - from + 1) / BATCH_SEEDS);
  const children = Math.min(availableParallelism(), batches);
  await Promise.all(Array.from({ length: children }, work));
}

/**
 * @param {import('node:child_process').ChildProcess} child
 * @param {Batch} batch
 * @returns {Promise<readonly Verdict[]>}
 */
function ask(child, batch) {
  return new Promise((resolve, reject) => {
    const onExit = () => reject(new Error(`seeds ${batch.from}..${batch.to}: the child died`));
    child.once('exit', onExit);
    child.once('message', (verdicts) => {
      child.off('exit', onExit);
      resolve(/** @type {readonly Verdict[]} */ (verdicts));
    });
    child.send(batch);
  });
}

async function serve() {
  /** @type {Mutation | undefined} */
  let current;
  const vite = await openVite(() => current);
  process.on('disconnect', () => void vite.close().finally(() => process.exit()));
  process.on('message', (batch) => {
    void runBatch(/** @type {Batch} */ (batch)).then((verdicts) => process.send?.(verdicts));
  });

  /** @param {Batch} batch */
  async function runBatch({ from, to, bug, isVerbose = false }) {
    if (bug !== undefined) {
      const { bugs } = /** @type {{ bugs: readonly Mutation[] }} */ (
        await vite.ssrLoadModule('/test/swarm/bugs.ts')
      );
      // A child lives for one bug only, so nothing of it has been loaded before.
      current = bugs.find(({ name }) => name === bug);
    }
    const { runSeed } = /** @type {typeof import('../test/swarm/run.ts')} */ (
      await vite.ssrLoadModule('/test/swarm/run.ts')
    );
    const verdicts = [];
    for (let seed = from; seed <= to; seed++) {
      verdicts.push(await runOne(seed, () => runSeed(seed, isVerbose)));
    }
    return verdicts;
  }
}

/**
 * What a seed throws is a failure of it, not of the swarm.
 *
 * @param {number} seed
 * @param {() => Promise<Verdict>} run
 * @returns {Promise<Verdict>}
 */
async function runOne(seed, run) {
  try {
    return await run();
  } catch (error) {
    const figures = { questions: 0, answered: 0, due: 0, sends: 0, mostSends: 0 };
    const text = error instanceof Error ? (error.stack ?? error.message) : String(error);
    return { seed, problems: [text], figures, transcript: '' };
  }
}

/** @param {() => Mutation | undefined} current */
function openVite(current) {
  return createViteServer({
    root,
    configFile: false,
    appType: 'custom',
    logLevel: 'error',
    server: { middlewareMode: true, ws: false, watch: null },
    optimizeDeps: { noDiscovery: true, include: [] },
    plugins: [mutator(root, current)],
  });
}
