/**
 * `ts-dns lab sweep` plays an experiment with every combination of values, each with many seeds;
 * `ts-dns lab compare` plays several experiments with the same values and the same fates.
 */

import type { Experiment } from '../../lab/experiment/experiment.ts';
import { printParameter, type ParameterValue } from '../../lab/experiment/parameters.ts';
import { play, type Played, statusOf } from '../../lab/experiment/play.ts';
import { printFigure, printTable } from '../../lab/report/table.ts';
import { givenValues, namedExperiment, namedValues } from './named.ts';
import { Progress } from './progress.ts';
import { readSeeds } from './seeds.ts';
import { UsageError } from './usage-error.ts';
import { writeFile } from './write-file.ts';

export interface SweepOptions {
  readonly seeds: string;
  readonly json?: string;
  readonly yes?: boolean;
}

/** Some minutes of short runs. */
const MAX_RUNS = 10_000;
type Values = Readonly<Record<string, ParameterValue>>;

/** Exit status: the worst of all runs'. */
export function sweepExperiment(
  id: string,
  words: readonly string[],
  { seeds, json, yes = false }: SweepOptions,
): number {
  const experiment = namedExperiment(id);
  const combinations = combinationsOf(words).map((some) => givenValues(experiment, some));
  const { first, last } = readSeeds(seeds);
  const total = combinations.length * (last - first + 1);
  if (total > MAX_RUNS && !yes) {
    throw new UsageError(`these are ${total} runs, more than ${MAX_RUNS}: say --yes to play them`);
  }
  const progress = new Progress();
  const lines: string[] = [];
  const rows: string[][] = [];
  let status = 0;
  for (const given of combinations) {
    const runs: Played[] = [];
    for (let seed = first; seed <= last; seed += 1) {
      const values = { ...namedValues(experiment, []), ...given };
      const run = play(experiment, values, { seed: String(seed) });
      status = statusOf(run) === 1 || status === 1 ? 1 : Math.max(status, statusOf(run));
      runs.push(run);
      lines.push(`${lineOf(run)}\n`);
      progress.tell(`${experiment.id}: ${lines.length} of ${total} runs`);
    }
    rows.push(...rowsOf(experiment, given, runs));
  }
  progress.clear();
  if (json !== undefined && json !== '-') writeFile(json, lines);
  const table = printTable([['values', 'metric', 'measured', 'predicted', 'disagree'], ...rows]);
  process.stdout.write(json === '-' ? lines.join('') : `${table.join('\n')}\n`);
  return status;
}

/** '--loss', '0,10%' and '--timer', '5ms' are two lists of words: one for each value. */
function combinationsOf(words: readonly string[]): readonly (readonly string[])[] {
  return words.reduce<readonly (readonly string[])[]>(
    (lists, word) => {
      const choices = word.startsWith('--') && !word.includes('=') ? [word] : listOf(word);
      return lists.flatMap((list) => choices.map((choice) => [...list, choice]));
    },
    [[]],
  );
}

/** '5,20ms' has the unit of its last one: 5ms and 20ms. '--loss=1,2%' keeps its name. */
function listOf(word: string): readonly string[] {
  const [, name = '', list = ''] = /^(--[^=]*=)?(.*)$/.exec(word) ?? [];
  const unit = /[a-z%]*$/.exec(list)?.[0] ?? '';
  return list.split(',').map((one) => `${name}${/^[\d.]+$/.test(one) ? one + unit : one}`);
}

function rowsOf(experiment: Experiment, given: Values, runs: readonly Played[]): string[][] {
  const told = Object.entries(given).map(([name, value]) => {
    const parameter = experiment.parameters[name];
    return `${name} ${parameter ? printParameter(parameter, value) : String(value)}`;
  });
  const judged = (runs[0]?.comparisons ?? []).filter(({ predicted }) => predicted !== undefined);
  return judged.map(({ metric, measured, predicted }) => {
    const same = runs.flatMap(({ comparisons }) =>
      comparisons.filter((comparison) => comparison.metric === metric),
    );
    const figures = same.flatMap((comparison) => comparison.measured?.value ?? []);
    const mean = figures.reduce((sum, value) => sum + value, 0) / Math.max(1, figures.length);
    const unit = measured?.unit ?? 'count';
    const wrong = same.filter(({ verdict }) => verdict === 'disagrees').length;
    const theory = predicted ? printFigure(predicted.value, unit) : '';
    return [told.join(' '), metric, printFigure(mean, unit), theory, `${wrong} of ${same.length}`];
  });
}

function lineOf({ experiment, values, seed, traceHash, comparisons, violations }: Played): string {
  const metrics = comparisons.map(({ metric, measured }) => [metric, measured?.value ?? null]);
  const found = { metrics: Object.fromEntries(metrics) as object, violations };
  return JSON.stringify({ experiment: experiment.id, params: values, seed, traceHash, ...found });
}

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
