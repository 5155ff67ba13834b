/** Plays experiments on total order in tests. */

import { expect } from 'vitest';

import { defaultsOf, type ParameterValue } from '../../../src/lab/experiment/parameters.ts';
import { play, type PlayOptions, type Played } from '../../../src/lab/experiment/play.ts';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';

export const MS = 1_000_000;

export interface RunOptions extends Partial<PlayOptions> {
  readonly values?: Readonly<Record<string, ParameterValue>>;
}

export function run(id: string, { values = {}, seed = '1', ...options }: RunOptions = {}): Played {
  const experiment = findExperiment(id);
  if (experiment === undefined) throw new Error(`there is no ${id}`);
  return play(
    experiment,
    { ...defaultsOf(experiment.parameters), ...values },
    { seed, ...options },
  );
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
