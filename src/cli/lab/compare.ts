/** `ts-dns lab compare`: several experiments with the same values and the same fates. */

import { play } from '../../lab/experiment/play.ts';
import { printFigure, printTable } from '../../lab/report/table.ts';
import { namedExperiment, namedValues } from './named.ts';
import { UsageError } from './usage-error.ts';

/** A column an experiment. Values that an experiment does not have are not given to it. */
export function compareExperiments(words: readonly string[], seed: string): number {
  const split = words.findIndex((word) => word.startsWith('--'));
  const ids = split < 0 ? words : words.slice(0, split);
  const given = split < 0 ? [] : words.slice(split);
  if (ids.length < 2) throw new UsageError('name two experiments or more, as A1 A4 A5');
  const runs = ids.map((id) => {
    const experiment = namedExperiment(id);
    return play(experiment, namedValues(experiment, given), { seed });
  });
  const metrics = [...new Set(runs.flatMap((run) => run.comparisons.map(({ metric }) => metric)))];
  const rows = metrics.map((metric) => [
    metric,
    ...runs.map(({ comparisons }) => {
      const measured = comparisons.find((comparison) => comparison.metric === metric)?.measured;
      return measured ? printFigure(measured.value, measured.unit) : '–';
    }),
  ]);
  const heads = ['metric', ...runs.map(({ experiment }) => experiment.id)];
  const names = runs.map(({ experiment }) => `${experiment.id} ${experiment.title}`).join(', ');
  const lines = [`${names}   seed ${seed}, the same fates`, '', ...printTable([heads, ...rows])];
  const violated = runs.flatMap(({ experiment, violations }) =>
    violations.map(({ property, text }) => `violated by ${experiment.id}: ${property}: ${text}`),
  );
  process.stdout.write(`${[...lines, ...violated].join('\n')}\n`);
  return violated.length > 0 ? 1 : 0;
}
