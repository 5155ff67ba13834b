/**
 * A trial: an experiment with everything decided that could go one way or the other. Which values,
 * which faults, which of the commands. Played again it is the same run; with something taken out it
 * is a smaller one.
 */

import type { Experiment, Scene } from '../experiment/experiment.ts';
import type { ParameterValue } from '../experiment/parameters.ts';
import { play, type Played } from '../experiment/play.ts';
import type { Fault } from '../run/fault.ts';
import type { Observer } from '../run/trace-event.ts';

/** Faults that only make sense together: a crash and its restart, a partition and its end. */
export type Mishap = readonly Fault[];

export interface Trial {
  readonly experiment: Experiment;
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly seed: string;
  readonly mutant?: string;
  readonly mishaps: readonly Mishap[];
  /** Places in the workload of the commands that are given; undefined for all. */
  readonly commands?: readonly number[];
  readonly untilNs: number;
}

/** A trial is a short run: one that has more events than this goes in circles. */
const MAX_EVENTS = 300_000;

export function playTrial(
  trial: Trial,
  {
    observers = [],
    keepsStates = false,
  }: {
    readonly observers?: readonly Observer[];
    readonly keepsStates?: boolean;
  } = {},
): Played {
  const { experiment, values, seed, mutant } = trial;
  const run = play(experiment, values, {
    seed,
    ...(mutant !== undefined && { mutant }),
    observers,
    keepsStates,
    maxEvents: MAX_EVENTS,
    adjust: (scene) => adjusted(scene, trial),
  });
  if (run.end !== 'endless') return run;
  const text = `it was stopped after ${MAX_EVENTS} events`;
  return { ...run, violations: [...run.violations, { property: 'ends', text, events: [] }] };
}

function adjusted(scene: Scene, { mishaps, commands, untilNs }: Trial): Scene {
  const kept = commands && new Set(commands);
  return {
    ...scene,
    // Faults of one instant stay in the order of the list.
    faults: [...(scene.faults ?? []), ...mishaps.flat()].toSorted((a, b) => a.atNs - b.atNs),
    workload: kept ? [...scene.workload].filter((_, place) => kept.has(place)) : scene.workload,
    untilNs,
  };
}
