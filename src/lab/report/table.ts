/** A run as a table for a terminal: measured beside predicted, the formula, the verdict. */

import { formatDuration } from '../experiment/duration.ts';
import { printParameter } from '../experiment/parameters.ts';
import type { Played } from '../experiment/play.ts';
import type { RealPlayed } from '../experiment/play-real.ts';
import type { Comparison, Unit, Verdict } from '../experiment/prediction.ts';

const HEADINGS = ['metric', 'measured', 'predicted', 'formula', 'verdict'];
/** Numbers to the right, words to the left. */
const IS_NUMBER = [false, true, true, false, false];

/** What a table needs of a run, whoever played it. */
export type Reported = Pick<
  Played,
  'values' | 'seed' | 'mutant' | 'traceHash' | 'comparisons' | 'violations' | 'end'
> & { readonly experiment: Pick<Played['experiment'], 'id' | 'title' | 'quote' | 'parameters'> };

export function printRun(run: Reported | RealPlayed): string {
  const { experiment, seed, violations, end } = run;
  const where = isReal(run) ? 'real sockets' : 'virtual time';
  const lines = [
    `${experiment.id} ${experiment.title}   seed ${seed} (${where})`,
    `“${experiment.quote}”`,
    '',
    ...printComparisons(run.comparisons),
    '',
    ...(isReal(run) ? [printMachine(run)] : []),
    ...violations.map(({ property, text }) => `violated: ${property}: ${text}`),
    ...(end === 'endless'
      ? ['stopped: more was under way, or happened, than is waited for, or it took too long']
      : []),
    reproLine(run),
  ];
  return lines.join('\n');
}

/** Whether it was played on this machine's sockets. */
export function isReal(run: object): run is RealPlayed {
  return 'timerLag' in run;
}

/** What the machine did to the run. */
function printMachine({ timerLag, missing }: RealPlayed): string {
  const [p50, p99, max] = [timerLag.p50Ns, timerLag.p99Ns, timerLag.maxNs].map((ns) =>
    formatDuration(Math.round(ns / 1000) * 1000),
  );
  const lag = `timers late by ${p50} (p50), ${p99} (p99), ${max} (max) of ${timerLag.count}`;
  return missing === 0 ? lag : `${lag}; ${missing} datagrams lost by the kernel`;
}

export function printComparisons(comparisons: readonly Comparison[]): readonly string[] {
  return printTable(tableOf(comparisons));
}

/** Cells, the headings first. */
export function tableOf(comparisons: readonly Comparison[]): readonly (readonly string[])[] {
  return [HEADINGS, ...comparisons.map(rowOf)];
}

/** The command that gives the same run again, and the hash by which one knows. */
export function reproLine(
  run: Pick<Reported, 'experiment' | 'values' | 'seed' | 'mutant' | 'traceHash'>,
): string {
  const { experiment, values, seed, mutant, traceHash } = run;
  const options = Object.entries(experiment.parameters).map(([name, parameter]) => {
    return `--${name} ${printParameter(parameter, values[name] ?? parameter.default)}`;
  });
  const broken = mutant === undefined ? [] : [`--mutant ${mutant}`];
  const command = ['ts-dns lab run', experiment.id, ...options, ...broken, `--seed ${seed}`];
  // No two real runs have the same times.
  if (isReal(run)) return `repro: ${[...command, '--real'].join(' ')}`;
  return `repro: ${command.join(' ')}  # trace ${traceHash}`;
}

function rowOf({ metric, measured, predicted, verdict }: Comparison): readonly string[] {
  const unit = measured?.unit ?? 'count';
  return [
    metric,
    measured ? printFigure(measured.value, unit) : '–',
    predicted ? printFigure(predicted.value, unit) : '–',
    predicted?.formula ?? '',
    predicted && verdict === 'agrees' ? predicted.kind : verdictWord(verdict),
  ];
}

/** Of an agreement the table says of which kind; of what is not judged, nothing. */
function verdictWord(verdict: Verdict): string {
  return verdict === 'not judged' ? '' : verdict;
}

export function printFigure(value: number, unit: Unit): string {
  if (unit === 'ns') return printTime(value);
  return Number.isInteger(value) ? String(value) : value.toPrecision(5);
}

/** In a unit that leaves something before the point, to a millionth of it. */
function printTime(ns: number): string {
  const [unit, size] = TIME_UNITS.find(([, least]) => Math.abs(ns) >= least) ?? ['ns', 1];
  return `${Number((ns / size).toFixed(6))}${unit}`;
}

const TIME_UNITS = [
  ['s', 1e9],
  ['ms', 1e6],
  ['us', 1e3],
] as const;

/** Columns of equal width, figures to the right. */
export function printTable(rows: readonly (readonly string[])[]): readonly string[] {
  const widths = (rows[0] ?? []).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  );
  return rows.map((row) => {
    const cells = row.map((cell, column) => {
      const width = widths[column] ?? 0;
      return IS_NUMBER[column] === true ? cell.padStart(width) : cell.padEnd(width);
    });
    return `  ${cells.join('   ')}`.trimEnd();
  });
}
