/**
 * A trial: an experiment with everything decided that could go one way or the other. Which values,
 * which faults, which of the commands. Played again it is the same run; with something taken out it
 * is a smaller one.
 */

import type { Command, Experiment, Scene } from '../experiment/experiment.ts';
import type { Duration } from '../experiment/duration.ts';
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

/** How long a run goes on after the last trouble, when claims do not say. */
export const USUAL_SETTLE: Duration = '10s';
/** Enough of them that a workload without end is not walked through. */
const MAX_COMMANDS = 10_000;
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

/** As the experiment has it: without the trial's faults, with all commands. */
export function sceneOf({ experiment, values, mutant }: Trial): Scene {
  const typed = values as Parameters<Experiment['scene']>[0];
  return experiment.scene(typed, mutant === undefined ? {} : { mutant });
}

export interface Placed {
  readonly command: Command;
  /** In the workload, from 0. */
  readonly place: number;
}

/** The commands that are given. */
export function commandsOf(trial: Trial): readonly Placed[] {
  const kept = trial.commands && new Set(trial.commands);
  const found: Placed[] = [];
  let place = 0;
  for (const command of sceneOf(trial).workload) {
    if (place >= MAX_COMMANDS) break;
    if (!kept || kept.has(place)) found.push({ command, place });
    place += 1;
  }
  return found;
}

/** When the last command is given, or the last fault happens or ends. */
export function lastTroubleNs(trial: Trial): number {
  const faults = [...(sceneOf(trial).faults ?? []), ...trial.mishaps.flat()];
  const ends = faults.map((fault) => fault.atNs + (fault.kind === 'clog' ? fault.forNs : 0));
  return Math.max(0, ...ends, ...commandsOf(trial).map(({ command }) => command.atNs));
}

export interface ScenarioSize {
  /** What applications do. */
  readonly commands: number;
  /** What somebody does to the world: a crash is one, the restart another. */
  readonly faults: number;
}

/**
 * The events of a scenario: what happens to the protocol from outside, until the run ends. What
 * the protocol makes of it (datagrams, timers) follows, and is not counted.
 */
export function sizeOf(trial: Trial): ScenarioSize {
  const { untilNs, mishaps } = trial;
  const faults = [...(sceneOf(trial).faults ?? []), ...mishaps.flat()];
  return {
    commands: commandsOf(trial).filter(({ command }) => command.atNs <= untilNs).length,
    faults: faults.filter(({ atNs }) => atNs <= untilNs).length,
  };
}
