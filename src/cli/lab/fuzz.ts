/** `ts-dns lab fuzz ID`: many seeds, each with its own values and faults; finds violations. */

import type { Experiment } from '../../lab/experiment/experiment.ts';
import { playTasks } from '../lab-farm.ts';
import type { FuzzedSeed, FuzzReport, FuzzTask, LabTask } from './lab-task.ts';
import { checkMutant, givenValues, namedExperiment } from './named.ts';
import { Progress } from './progress.ts';
import { readSeeds } from './seeds.ts';

export interface FuzzOptions {
  readonly seeds: string;
  readonly mutant?: string;
  readonly stopOnViolation?: boolean;
}

/** More are counted and not printed: they are mostly the same again. */
const MAX_PRINTED = 10;

/** Seeds that a thread plays at a time: some tens of milliseconds. */
const SEEDS_A_TASK = 16;

/** Exit status: 0 when no seed violates anything, 1 otherwise. The same on any number of cores. */
export async function fuzzExperiment(
  id: string,
  parameters: readonly string[],
  { seeds, mutant, stopOnViolation = false }: FuzzOptions,
): Promise<number> {
  const experiment = namedExperiment(id);
  const fixed = givenValues(experiment, parameters);
  checkMutant(experiment, mutant);
  const { first, last } = readSeeds(seeds);
  const task = { id: experiment.id, fixed, ...(mutant !== undefined && { mutant }) };
  const progress = new Progress();
  const total = last - first + 1;
  let [tried, found, events] = [0, 0, 0];
  for await (const { seed, eventCount, traceHash, violation } of fuzzed(task, [first, last])) {
    tried += 1;
    events += eventCount;
    progress.tell(`${experiment.id}: seed ${seed} of ${last}, ${found} violations`);
    if (!violation) continue;
    found += 1;
    progress.clear();
    if (found <= MAX_PRINTED) {
      const again = [experiment.id, `--seed ${seed}`, ...parameters, ...brokenWords(mutant)];
      process.stdout.write(
        `seed ${seed}: violated: ${violation.property}: ${violation.text}\n` +
          `  shrink: ts-dns lab shrink ${again.join(' ')}  # trace ${traceHash}\n`,
      );
    }
    if (stopOnViolation) break;
  }
  progress.clear();
  const seconds = progress.seconds;
  const pace = `${Math.round(tried / seconds)} seeds/s, ${Math.round(events / seconds)} events/s`;
  const verdict = found === 0 ? 'no violation' : `${found} of ${tried} seeds violate something`;
  const claimed = printClaims(experiment);
  process.stdout.write(
    `${experiment.id} ${experiment.title}: ${claimed}\n` +
      `${tried} of ${total} seeds in ${seconds.toFixed(1)} s (${pace}): ${verdict}\n`,
  );
  return found === 0 ? 0 : 1;
}

/** What became of each seed, in their order. */
async function* fuzzed(
  task: Omit<FuzzTask, 'seeds'>,
  [first, last]: FuzzTask['seeds'],
): AsyncGenerator<FuzzedSeed> {
  function* tasks(): Generator<LabTask<FuzzReport>> {
    for (let from = first; from <= last; from += SEEDS_A_TASK) {
      const to = Math.min(last, from + SEEDS_A_TASK - 1);
      yield { kind: 'fuzz', ...task, seeds: [from, to] };
    }
  }
  for await (const { seeds } of playTasks<FuzzReport>(tasks())) yield* seeds;
}

function brokenWords(mutant: string | undefined): readonly string[] {
  return mutant === undefined ? [] : [`--mutant ${mutant}`];
}

function printClaims({ claims }: Experiment): string {
  const { survives = [] } = claims ?? {};
  if (survives.length === 0) return 'claims to survive no faults; only values and seeds vary';
  return `claims to survive ${survives.join(', ')}`;
}
