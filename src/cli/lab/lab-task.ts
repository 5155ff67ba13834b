/** What a thread of the laboratory can be asked for: a run of a sweep, some seeds of a fuzzer. */

import type { Violation } from '../../lab/experiment/experiment.ts';
import type { ParameterValue } from '../../lab/experiment/parameters.ts';
import { drawTrial } from '../../lab/fuzz/draw-trial.ts';
import { playTrial } from '../../lab/fuzz/trial.ts';
import { namedExperiment } from './named.ts';
import { playScenario, type ScenarioRow, type ScenarioTask } from './ttl/play-scenario.ts';
import { playSeed, type SeedRun, type SeedTask } from './play-seed.ts';

/** `Result` says what it gives; no value has it. */
export type LabTask<Result extends LabResult = LabResult> = Result extends SeedRun
  ? SeedTask & { readonly kind: 'seed' }
  : Result extends ScenarioRow
    ? ScenarioTask & { readonly kind: 'scenario' }
    : FuzzTask & { readonly kind: 'fuzz' };
export type LabResult = SeedRun | FuzzReport | ScenarioRow;

export interface FuzzTask {
  readonly id: string;
  /** The first and the last. */
  readonly seeds: readonly [number, number];
  readonly fixed: Readonly<Record<string, ParameterValue>>;
  readonly mutant?: string;
}

export interface FuzzReport {
  readonly seeds: readonly FuzzedSeed[];
}

export interface FuzzedSeed {
  readonly seed: number;
  readonly eventCount: number;
  readonly traceHash: string;
  /** The first one. */
  readonly violation: Violation | undefined;
}

/** `onShare` is told how much of a long one is over, from 0 to 1. */
export async function performTask(
  task: LabTask,
  onShare?: (share: number) => void,
): Promise<LabResult> {
  switch (task.kind) {
    case 'seed':
      return playSeed(task);
    case 'fuzz':
      return fuzzSeeds(task);
    case 'scenario':
      return playScenario(task, onShare);
  }
}

function fuzzSeeds({ id, seeds: [first, last], fixed, mutant }: FuzzTask): FuzzReport {
  const experiment = namedExperiment(id);
  const broken = mutant === undefined ? {} : { mutant };
  const seeds: FuzzedSeed[] = [];
  for (let seed = first; seed <= last; seed += 1) {
    const run = playTrial(drawTrial(experiment, String(seed), { ...broken, fixed }));
    const { eventCount, traceHash, violations } = run;
    seeds.push({ seed, eventCount, traceHash, violation: violations[0] });
  }
  return { seeds };
}
