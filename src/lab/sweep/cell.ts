/** What many seeds of the same values measured: means with their uncertainty beside theory. */

import type { ParameterValue } from '../experiment/parameters.ts';
import type { Comparison, Measurement, Unit } from '../experiment/prediction.ts';

export interface Cell {
  /** What was swept, and nothing else. */
  readonly given: Values;
  /** What was played. */
  readonly values: Values;
  /** By metric, in the order of the report. */
  readonly figures: ReadonlyMap<string, Figure>;
}
type Values = Readonly<Record<string, ParameterValue>>;

export interface Figure {
  readonly unit: Unit;
  /** Undefined when no run measured it. */
  readonly mean: number | undefined;
  /** Half of the 95 % interval of the mean; undefined when one run alone cannot tell. */
  readonly halfWidth: number | undefined;
  readonly predicted: number | undefined;
  /** Of `runs` runs, how many disagree with the prediction. */
  readonly disagreeing: number;
  readonly runs: number;
}

/** `comparisons` of each run, at least one. */
export function cellOf(
  { given, values }: Pick<Cell, 'given' | 'values'>,
  runs: readonly (readonly Comparison[])[],
): Cell {
  const metrics = new Set(runs.flatMap((run) => run.map(({ metric }) => metric)));
  const figures = [...metrics].map((metric) => {
    const same = runs.flatMap((run) => run.filter((comparison) => comparison.metric === metric));
    return [metric, figureOf(same)] as const;
  });
  return { given, values, figures: new Map(figures) };
}

function figureOf(same: readonly Comparison[]): Figure {
  const measured = same.flatMap((comparison) => comparison.measured ?? []);
  const samples = measured.map(({ value }) => value);
  const mean = samples.reduce((sum, value) => sum + value, 0) / samples.length;
  const [only] = measured;
  return {
    unit: only?.unit ?? 'count',
    mean: only === undefined ? undefined : mean,
    halfWidth: halfWidthOf(measured, mean),
    predicted: same.find(({ predicted }) => predicted !== undefined)?.predicted?.value,
    disagreeing: same.filter(({ verdict }) => verdict === 'disagrees').length,
    runs: same.length,
  };
}

/** Runs that know their own error are better judges of it than how few runs differ. */
function halfWidthOf(measured: readonly Measurement[], mean: number): number | undefined {
  const { length } = measured;
  const own = measured.flatMap(({ standardError }) => standardError ?? []);
  if (length > 0 && own.length === length) {
    return (NORMAL * Math.sqrt(own.reduce((sum, one) => sum + one ** 2, 0))) / length;
  }
  if (length < 2) return undefined;
  const squares = measured.reduce((sum, { value }) => sum + (value - mean) ** 2, 0);
  return studentQuantile(length - 1) * Math.sqrt(squares / (length - 1) / length);
}

/** Two-sided 95 % points of Student's distribution with 1, 2, 3… degrees of freedom. */
const STUDENT = [
  ...[12.706, 4.303, 3.182, 2.776, 2.571, 2.447, 2.365, 2.306, 2.262, 2.228],
  ...[2.201, 2.179, 2.16, 2.145, 2.131, 2.12, 2.11, 2.101, 2.093, 2.086],
];
const NORMAL = 1.96;

function studentQuantile(degrees: number): number {
  // From 20 degrees on the point falls to the normal one as 2.4/degrees.
  return STUDENT[degrees - 1] ?? NORMAL + 2.4 / degrees;
}
