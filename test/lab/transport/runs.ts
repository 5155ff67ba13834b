/** Runs experiments for tests, with parameters as people write them. */
import { expect } from 'vitest';

import type { Experiment } from '../../../src/lab/experiment/experiment.ts';
import { defaultsOf, readParameter } from '../../../src/lab/experiment/parameters.ts';
import { play, type Played, statusOf } from '../../../src/lab/experiment/play.ts';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';

export interface RunOptions {
  readonly seed?: string;
}

/** `text` as on the command line: 'A1 --rtt 4ms --loss 10%'. */
export function runOf(text: string, { seed = '1' }: RunOptions = {}): Played {
  const [id = '', ...words] = text.split(' ');
  const experiment = findExperiment(id) as Experiment;
  const values: Record<string, string | number | boolean> = defaultsOf(experiment.parameters);
  for (let index = 0; index < words.length; index += 2) {
    const name = words[index]?.slice(2) ?? '';
    const parameter = experiment.parameters[name];
    if (parameter === undefined) throw new Error(`${id} has no parameter ${name}`);
    values[name] = readParameter(name, parameter, words[index + 1] ?? '');
  }
  return play(experiment, values, { seed });
}

/** What was measured, by metric. */
export function measured({ comparisons }: Played): Readonly<Record<string, number | undefined>> {
  return Object.fromEntries(comparisons.map((one) => [one.metric, one.measured?.value]));
}

/** What theory and the run do not agree on; empty when all is well. */
function disagreements({ comparisons }: Played): readonly string[] {
  return comparisons
    .filter(({ verdict }) => verdict === 'disagrees' || verdict === 'not measured')
    .map(({ metric, measured: m, predicted: p }) => {
      return `${metric}: ${m?.value} ± ${m?.standardError}, predicted ${p?.value}`;
    });
}

/** Everything agrees and holds, and the predictions are about `metrics` at least. */
export function expectAgreement(run: Played, metrics: readonly string[]): void {
  expect(disagreements(run)).toEqual([]);
  expect(run.violations).toEqual([]);
  expect(statusOf(run)).toBe(0);
  const judged = run.comparisons.filter(({ verdict }) => verdict === 'agrees');
  expect(judged.map(({ metric }) => metric)).toEqual(expect.arrayContaining([...metrics]));
}
