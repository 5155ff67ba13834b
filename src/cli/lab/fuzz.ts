/** `ts-dns lab fuzz ID`: many seeds, each with its own values and faults; finds violations. */

import type { Experiment } from '../../lab/experiment/experiment.ts';
import { drawTrial } from '../../lab/fuzz/draw-trial.ts';
import { playTrial } from '../../lab/fuzz/trial.ts';
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

/** Exit status: 0 when no seed violates anything, 1 otherwise. */
export function fuzzExperiment(
  id: string,
  parameters: readonly string[],
  { seeds, mutant, stopOnViolation = false }: FuzzOptions,
): number {
  const experiment = namedExperiment(id);
  const fixed = givenValues(experiment, parameters);
  checkMutant(experiment, mutant);
  const { first, last } = readSeeds(seeds);
  const broken = mutant === undefined ? {} : { mutant };
  const progress = new Progress();
  const total = last - first + 1;
  let [tried, found, events] = [0, 0, 0];
  for (let seed = first; seed <= last; seed += 1) {
    const run = playTrial(drawTrial(experiment, String(seed), { ...broken, fixed }));
    tried += 1;
    events += run.eventCount;
    progress.tell(`${experiment.id}: seed ${seed} of ${last}, ${found} violations`);
    const [violation] = run.violations;
    if (!violation) continue;
    found += 1;
    progress.clear();
    if (found <= MAX_PRINTED) {
      const again = [experiment.id, `--seed ${seed}`, ...parameters, ...brokenWords(mutant)];
      process.stdout.write(
        `seed ${seed}: violated: ${violation.property}: ${violation.text}\n` +
          `  shrink: ts-dns lab shrink ${again.join(' ')}  # trace ${run.traceHash}\n`,
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

function brokenWords(mutant: string | undefined): readonly string[] {
  return mutant === undefined ? [] : [`--mutant ${mutant}`];
}

function printClaims({ claims }: Experiment): string {
  const { survives = [] } = claims ?? {};
  if (survives.length === 0) return 'claims to survive no faults; only values and seeds vary';
  return `claims to survive ${survives.join(', ')}`;
}
