/** Plays experiments on total order in tests. */

import { expect } from 'vitest';

import type { Experiment } from '../../../src/lab/experiment/experiment.ts';
import { defaultsOf, type ParameterValue } from '../../../src/lab/experiment/parameters.ts';
import { play, type PlayOptions, type Played } from '../../../src/lab/experiment/play.ts';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';
import type { Fault } from '../../../src/lab/run/fault.ts';

export const MS = 1_000_000;

export interface RunOptions extends Partial<PlayOptions> {
  readonly values?: Readonly<Record<string, ParameterValue>>;
  /** Besides those of the scene. */
  readonly faults?: readonly Fault[];
}

export function run(id: string, options: RunOptions = {}): Played {
  const { values = {}, seed = '1', faults = [], ...rest } = options;
  const experiment = findExperiment(id);
  if (experiment === undefined) throw new Error(`there is no ${id}`);
  const all = { ...defaultsOf(experiment.parameters), ...values };
  return play(withFaults(experiment, faults), all, { seed, ...rest });
}

/** The experiment, in whose scenes `faults` happen too. */
function withFaults(experiment: Experiment, faults: readonly Fault[]): Experiment {
  return {
    ...experiment,
    scene: (values, options) => {
      const scene = experiment.scene(values, options);
      const all = [...(scene.faults ?? []), ...faults].toSorted((a, b) => a.atNs - b.atNs);
      return { ...scene, faults: all, untilNs: scene.untilNs + (faults.at(-1)?.atNs ?? 0) };
    },
  };
}

export function measured(played: Played, metric: string): number | undefined {
  return played.comparisons.find((row) => row.metric === metric)?.measured?.value;
}

/** Every prediction agrees, at least `rows` of them, and nothing is violated. */
export function expectAgreement(played: Played, rows = 1): void {
  const judged = played.comparisons.filter(({ verdict }) => verdict !== 'not judged');
  const wrong = judged.filter(({ verdict }) => verdict !== 'agrees');
  expect(wrong).toEqual([]);
  expect(judged.length).toBeGreaterThanOrEqual(rows);
  expect(played.violations).toEqual([]);
}

export function violatedBy(played: Played): readonly string[] {
  return [...new Set(played.violations.map(({ property }) => property))];
}
