/** The picture of a sweep: points that were measured, lines that are predicted. */

import { defaultsOf, printParameter } from '../experiment/parameters.ts';
import type { Parameter, ParameterSet, ParameterValue } from '../experiment/parameters.ts';
import type { Prediction, Unit } from '../experiment/prediction.ts';
import type { Cell, Figure } from '../sweep/cell.ts';
import type { SweepAxis, SweepPlot } from './plan.ts';
import type { Axis, Layer, Plot, Point } from './plot.ts';

type Values = Readonly<Record<string, ParameterValue>>;

/** Whatever can be swept. */
export interface Swept {
  readonly parameters: ParameterSet;
  /** When theory can be had without playing, its line is drawn between the points as well. */
  predict?(values: never): readonly Prediction[];
}

/** So many points a line of theory has: stairs are to look like stairs. */
const THEORY_POINTS = 300;

/** Undefined when nothing that was played shows what the plan wants to see. */
export function plotSweep(
  experiment: Swept,
  plan: SweepPlot,
  cells: readonly Cell[],
): Plot | undefined {
  const ys = Array.isArray(plan.y) ? (plan.y as readonly SweepAxis[]) : [plan.y as SweepAxis];
  const sketch: Sketch = { experiment, plan, cells };
  const measured = ys.flatMap((y) => pointsOf(y, sketch));
  const [y] = ys;
  if (measured.length === 0 || y === undefined) return undefined;
  const { title, caption, x } = plan;
  return {
    title,
    caption,
    x: axisOf(x, sketch),
    y: { ...axisOf(y, sketch), label: plan.yLabel ?? y.label },
    layers:
      plan.isTradeOff === true
        ? tradeOffLayers(measured)
        : [...ys.flatMap((one) => theoryLayers(one, sketch)), ...measuredLayers(ys, sketch)],
    legend: legendOf(sketch),
  };
}

interface Sketch {
  readonly experiment: Swept;
  readonly plan: SweepPlot;
  readonly cells: readonly Cell[];
}

interface MeasuredPoint extends Point {
  readonly series: string;
  readonly low?: number;
  readonly high?: number;
  readonly label?: string;
}

function pointsOf(y: SweepAxis, sketch: Sketch): readonly MeasuredPoint[] {
  const { plan, cells } = sketch;
  return cells.flatMap((cell) => {
    const x = placeOf(plan.x, cell);
    const up = placeOf(y, cell);
    if (x === undefined || up === undefined || !isDrawable(x, plan.x) || !isDrawable(up, y)) {
      return [];
    }
    const halfWidth = cell.figures.get(y.of)?.halfWidth ?? 0;
    const low = up - halfWidth;
    return [
      {
        x,
        y: up,
        series: seriesOf(y, cell, sketch),
        ...(halfWidth > 0 && isDrawable(low, y) && { low, high: up + halfWidth }),
        ...(plan.isTradeOff === true && { label: wordsOf(cell.given, sketch) }),
      },
    ];
  });
}

function isDrawable(value: number, { scale }: SweepAxis): boolean {
  return Number.isFinite(value) && (scale !== 'log' || value > 0);
}

function placeOf({ of }: SweepAxis, { values, figures }: Cell): number | undefined {
  const value = values[of];
  if (value !== undefined) return Number(value);
  return figures.get(of)?.mean;
}

function axisOf({ of, label, ...rest }: SweepAxis, { experiment, cells }: Sketch): Axis {
  const parameter = experiment.parameters[of];
  const figure = cells.map(({ figures }) => figures.get(of)).find((one) => one !== undefined);
  return { ...rest, label, unit: parameter ? unitOf(parameter) : (figure?.unit ?? 'count') };
}

function unitOf({ kind }: Parameter): Unit | 'share' {
  if (kind === 'duration') return 'ns';
  return kind === 'fraction' ? 'share' : 'count';
}

/** Points alone beside theory; joined where there is none. */
function measuredLayers(ys: readonly SweepAxis[], sketch: Sketch): readonly Layer[] {
  return ys.flatMap((y): readonly Layer[] => {
    const points = pointsOf(y, sketch);
    const isPredicted = sketch.cells.some(({ figures }) => predictedOf(figures.get(y.of)));
    return isPredicted
      ? [{ mark: 'points', points }]
      : [
          { mark: 'line', points },
          { mark: 'points', points },
        ];
  });
}

function predictedOf(figure: Figure | undefined): boolean {
  return figure?.predicted !== undefined;
}

/** By series, what theory says at many values between the first and the last that was played. */
function theoryLayers(y: SweepAxis, sketch: Sketch): readonly Layer[] {
  const { plan, cells } = sketch;
  const all = new Set(cells.map((cell) => seriesOf(y, cell, sketch)));
  const points = [...all].flatMap((series) => {
    const own = cells.filter((cell) => seriesOf(y, cell, sketch) === series);
    const dense = densePoints(y, own, sketch);
    const played = own.flatMap((cell) => {
      const x = placeOf(plan.x, cell);
      const value = cell.figures.get(y.of)?.predicted;
      return x === undefined || value === undefined ? [] : [{ x, y: value }];
    });
    return (dense.length > 0 ? dense : played)
      .filter((point) => isDrawable(point.x, plan.x) && isDrawable(point.y, y))
      .toSorted((a, b) => a.x - b.x)
      .map((point) => ({ ...point, series }));
  });
  return points.length === 0 ? [] : [{ mark: 'line', points, isTheory: true }];
}

function densePoints(
  y: SweepAxis,
  cells: readonly Cell[],
  { experiment, plan }: Sketch,
): readonly Point[] {
  const { parameters } = experiment;
  const parameter = parameters[plan.x.of];
  const [first] = cells;
  if (parameter === undefined || first === undefined || !isNumeric(parameter)) return [];
  if (experiment.predict === undefined) return [];
  const xs = cells.map(({ values }) => Number(values[plan.x.of]));
  const [from, to] = [Math.min(...xs), Math.max(...xs)];
  return between(from, to, plan.x.scale === 'log').flatMap((exact) => {
    const x = isWhole(parameter) ? Math.round(exact) : exact;
    const values = { ...first.values, [plan.x.of]: x };
    const found = experiment.predict?.(values as never).find(({ metric }) => metric === y.of);
    return found === undefined || isForeign(found) ? [] : [{ x, y: found.value }];
  });
}

/** A figure of somebody else, measured under other conditions, is no theory. */
function isForeign({ kind, cite }: Prediction): boolean {
  return kind === 'published' && cite !== undefined;
}

function isNumeric({ kind }: Parameter): boolean {
  return kind !== 'flag' && kind !== 'choice';
}

function isWhole({ kind }: Parameter): boolean {
  return kind === 'count' || kind === 'duration';
}

function between(from: number, to: number, isLog: boolean): readonly number[] {
  return Array.from({ length: THEORY_POINTS + 1 }, (_, index) => {
    const part = index / THEORY_POINTS;
    return isLog && from > 0 ? from * (to / from) ** part : from + (to - from) * part;
  });
}

function seriesOf(y: SweepAxis, { given, values }: Cell, sketch: Sketch): string {
  const { plan } = sketch;
  const names = plan.series ?? Object.keys(given).filter((name) => name !== plan.x.of);
  const varied = names.filter((name) => isVaried(name, sketch));
  const own = Object.fromEntries(varied.map((name) => [name, values[name] ?? '']));
  const words = plan.isTradeOff === true && plan.series === undefined ? '' : wordsOf(own, sketch);
  return [Array.isArray(plan.y) ? y.label : '', words].filter((part) => part !== '').join(', ');
}

function isVaried(name: string, { cells }: Sketch): boolean {
  return new Set(cells.map(({ values }) => values[name])).size > 1;
}

/** 'loss 10%, timer 5ms'; of a single parameter only its value, as the legend names it. */
function wordsOf(values: Values, { experiment }: Sketch): string {
  const defaults = defaultsOf(experiment.parameters) as Values;
  const entries = Object.entries(values).map(([name, value]) => {
    const parameter = experiment.parameters[name];
    const text = parameter ? shownValue(parameter, value) : String(value ?? defaults[name]);
    return [name, text] as const;
  });
  if (entries.length === 1) return entries[0]?.[1] ?? '';
  return entries.map(([name, text]) => `${name} ${text}`).join(', ');
}

function shownValue(parameter: Parameter, value: ParameterValue): string {
  if (parameter.kind === 'fraction') return `${Number((Number(value) * 100).toPrecision(6))}%`;
  return printParameter(parameter, value);
}

function legendOf(sketch: Sketch): string {
  const { plan, cells } = sketch;
  const given = Object.keys(cells[0]?.given ?? {}).filter((name) => name !== plan.x.of);
  const varied = (plan.series ?? given).filter((name) => isVaried(name, sketch));
  return !Array.isArray(plan.y) && varied.length === 1 ? (varied[0] ?? '') : '';
}

/** The points, and a line through those that no other is below on both axes. */
function tradeOffLayers(points: readonly MeasuredPoint[]): readonly Layer[] {
  const front = points
    .filter((one) => !points.some((other) => isBetter(other, one)))
    .toSorted((a, b) => a.x - b.x)
    .map(({ x, y }) => ({ x, y, series: 'none is better on both' }));
  const named = points.map((point) => ({ ...point, series: point.series || 'measured' }));
  return [
    { mark: 'line', points: front, isTheory: true },
    { mark: 'points', points: named },
  ];
}

function isBetter(a: Point, b: Point): boolean {
  return a.x <= b.x && a.y <= b.y && (a.x < b.x || a.y < b.y);
}
