/** `ts-dns lab compare`: several experiments with the same values and the same fates. */

import type { Experiment } from '../../lab/experiment/experiment.ts';
import { play } from '../../lab/experiment/play.ts';
import { ComparedRun, comparedPlots } from '../../lab/plot/compared-runs.ts';
import { printFigure, printTable } from '../../lab/report/table.ts';
import type { TraceEvent } from '../../lab/run/trace-event.ts';
import { checkSeed, namedExperiment, namedValues, pairsOf } from './named.ts';
import { nearest } from './nearest.ts';
import { writePlots } from './plot/plot-files.ts';
import { UsageError } from './usage-error.ts';
import { checkWritable } from './write-file.ts';

export interface CompareOptions {
  readonly seed: string;
  /** A file for pictures. */
  readonly plots?: string;
}

/** A column an experiment. Values that an experiment does not have are not given to it. */
export async function compareExperiments(
  words: readonly string[],
  { seed, plots }: CompareOptions,
): Promise<number> {
  const split = words.findIndex((word) => word.startsWith('--'));
  const ids = split < 0 ? words : words.slice(0, split);
  const given = split < 0 ? [] : words.slice(split);
  if (ids.length < 2) throw new UsageError('name two experiments or more, as A1 A4 A5');
  checkSeed(seed);
  checkWritable(plots);
  const experiments = ids.map(namedExperiment);
  const pairs = pairsOf(given);
  checkNames(experiments, pairs);
  const seen = ids.map((id) => new ComparedRun(id));
  const runs = experiments.map((experiment, at) => {
    const own = pairs.filter(([name]) => name in experiment.parameters);
    const observers = [(event: TraceEvent): void => seen[at]?.observe(event)];
    const how = { seed, ...(plots !== undefined && { observers }) };
    return play(experiment, namedValues(experiment, own.map(wordOf)), how);
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
  if (plots !== undefined) await writePlots(plots, comparedPlots(seen));
  const repro = `repro: ts-dns lab compare ${[...words, '--seed', seed].join(' ')}`;
  process.stdout.write(`${[...lines, ...violated, '', repro].join('\n')}\n`);
  return violated.length > 0 ? 1 : 0;
}

type Pair = ReturnType<typeof pairsOf>[number];

function wordOf([name, text]: Pair): string {
  return text === undefined ? `--${name}` : `--${name}=${text}`;
}

/** Throws `UsageError` for a name that no experiment knows. */
function checkNames(experiments: readonly Experiment[], pairs: readonly Pair[]): void {
  const known = [...new Set(experiments.flatMap(({ parameters }) => Object.keys(parameters)))];
  const wrong = pairs.find(([name]) => !known.includes(name));
  if (!wrong) return;
  const meant = nearest(wrong[0], known);
  throw new UsageError(`none of them has a parameter '${wrong[0]}'${meant}`);
}
