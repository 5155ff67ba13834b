/** The pictures of a scenario: of one run through its time, and of a sweep over its variables. */

import { NS_PER_MS } from '../../sim/units.ts';
import type { ParameterSet } from '../experiment/parameters.ts';
import type { Prediction } from '../experiment/prediction.ts';
import type { SweepAxis, SweepPlot } from '../plot/plan.ts';
import type { Layer, Plot } from '../plot/plot.ts';
import { plotSweep } from '../plot/plot-sweep.ts';
import type { Cell } from '../sweep/cell.ts';
import type { Film } from './film.ts';
import type { TimelinePart } from './scenario-meter.ts';
import type { TtlScenario } from './scenario.ts';

/** So many versions have a colour of their own. */
const COLOURED_VERSIONS = 6;
/** Bars of a chart: lives of the record before its first change, and after it. */
const LIVES_SHOWN = { before: 3, after: 9 };

export interface FilmedRun {
  /** What tells it from other runs, as 'ttl 60'; may be empty. */
  readonly label: string;
  readonly scenario: TtlScenario;
  readonly timeline: readonly TimelinePart[];
  readonly film: Film | undefined;
}

/** Of one run: who lied for how long, what each cache held, and who was answered when. */
export function plotRun({ label, scenario, timeline, film }: FilmedRun): readonly Plot[] {
  const of = label === '' ? '' : `, ${label}`;
  return [
    ...(film ? [sawtooth(film, scenario, of), gantt(film, scenario, of)] : []),
    timelinePlot(timeline, scenario, of),
  ].flatMap((plot) => plot ?? []);
}

function sawtooth(film: Film, { durationMs }: TtlScenario, of: string): Plot | undefined {
  const lines = film.staleness.filter(({ points }) => points.length > 0);
  if (lines.length === 0) return undefined;
  const points = lines.flatMap(({ name, points: own }) =>
    [{ atMs: 0, staleMs: 0 }, ...own].map(({ atMs, staleMs }) => ({
      ...{ x: Math.min(atMs, durationMs) * NS_PER_MS, y: staleMs * NS_PER_MS, series: name },
    })),
  );
  return {
    title: `Staleness of ${film.record}${of}`,
    caption:
      'For how long the answers of each cache have been untrue: from a change on one second a ' +
      'second, until the cache asks again.',
    x: { label: 'time', unit: 'ns', from: 0, to: durationMs * NS_PER_MS },
    y: { label: 'untrue for', unit: 'ns' },
    layers: [{ mark: 'line', points, isPath: true }],
    legend: 'cache',
  };
}

function gantt(film: Film, { durationMs }: TtlScenario, of: string): Plot | undefined {
  const window = ganttWindow(film, durationMs);
  const bars = film.lanes.flatMap(({ name, bars: own }) =>
    own
      .filter(({ fromMs, toMs }) => toMs > window.fromMs && fromMs < window.toMs)
      .map(({ fromMs, toMs, version }) => ({
        lane: name,
        from: Math.max(fromMs, window.fromMs) * NS_PER_MS,
        to: Math.min(toMs, window.toMs) * NS_PER_MS,
        series: `version ${version}`,
        ...(toMs - fromMs > (window.toMs - window.fromMs) / 50 && { label: String(version) }),
      })),
  );
  if (bars.length === 0) return undefined;
  return {
    title: `What caches hold of ${film.record}${of}`,
    caption:
      'A bar is one life in a cache, as long as the TTL that came with the record; its colour is ' +
      'the version. Where the authority has another one at that time, the cache lies.',
    x: {
      label: 'time',
      unit: 'ns',
      from: window.fromMs * NS_PER_MS,
      to: window.toMs * NS_PER_MS,
    },
    y: { label: '' },
    layers: [{ mark: 'bars', bars }],
  };
}

/** Around the first change, so that single lives can be seen, and versions have colours. */
function ganttWindow(film: Film, durationMs: number): { fromMs: number; toMs: number } {
  const [authority, ...caches] = film.lanes;
  const lives = caches.flatMap(({ bars }) => bars.map(({ fromMs, toMs }) => toMs - fromMs));
  const lifeMs = Math.max(1000, ...lives);
  const [first, second, ...later] = authority?.bars ?? [];
  const changeMs = second?.fromMs ?? first?.fromMs ?? 0;
  const uncoloured = later[COLOURED_VERSIONS - 2]?.fromMs ?? durationMs;
  const fromMs = Math.max(0, changeMs - LIVES_SHOWN.before * lifeMs);
  const toMs = Math.min(durationMs, changeMs + LIVES_SHOWN.after * lifeMs, uncoloured);
  return { fromMs, toMs: Math.max(toMs, fromMs + 1) };
}

function timelinePlot(
  timeline: readonly TimelinePart[],
  { durationMs, events }: TtlScenario,
  of: string,
): Plot {
  const partNs = (durationMs / timeline.length) * NS_PER_MS;
  const kinds = ['fresh', 'stale', 'failed'] as const;
  const points = kinds.flatMap((series) =>
    timeline.map((part, index) => ({ x: (index + 0.5) * partNs, y: part[series], series })),
  );
  const troubles = events.flatMap(({ kind, atMs, forMs = durationMs - atMs }) =>
    kind === 'zone' || kind === 'churn'
      ? []
      : [{ from: atMs * NS_PER_MS, to: (atMs + forMs) * NS_PER_MS, label: kind }],
  );
  const changes = events.flatMap(({ kind, atMs }) =>
    kind === 'zone' ? [{ x: atMs * NS_PER_MS, label: 'change' }] : [],
  );
  return {
    title: `Answers over time${of}`,
    caption:
      `Of each ${timeline.length}th part of the time: answered truly, with what was over, ` +
      'not at all.',
    x: { label: 'time', unit: 'ns', from: 0, to: durationMs * NS_PER_MS },
    y: { label: 'answers', unit: 'count' },
    layers: [
      { mark: 'area', points },
      ...(troubles.length > 0 ? [{ mark: 'spans', spans: troubles } as const] : []),
      ...(changes.length > 0 ? [{ mark: 'rules', rules: changes } as const] : []),
    ],
  };
}

export interface ScenarioSweep {
  /** The variable along x, which has only numbers. */
  readonly variable: string;
  readonly parameters: ParameterSet;
  readonly cells: readonly Cell[];
  /** Of the model, for other values of the variables. */
  readonly predict: (values: Readonly<Record<string, number | string>>) => readonly Prediction[];
  /** In seconds; where theory knows it. */
  readonly cheapestTtl: number | undefined;
}

/** Of many runs: hits and costs against the variable, and what load buys of truth. */
export function plotScenarioSweep(sweep: ScenarioSweep): readonly Plot[] {
  const { variable, cells } = sweep;
  const label = variable === 'ttl' ? 'TTL in seconds' : variable;
  const x = { of: variable, label, ...roomFor(valuesOf(variable, cells)) };
  const draw = (plan: SweepPlot): Plot | undefined => plotSweep(sweep, plan, cells);
  const hits = draw({
    title: `Hit ratio against ${variable}`,
    caption: 'Of all questions, those answered out of the cache. Points: measured. Line: theory.',
    sweep: {},
    x,
    y: { of: 'hitRatio', label: 'hit ratio', from: 0, to: 1 },
  });
  const plane = draw({
    title: 'What load buys of truth',
    caption:
      `A point for each ${variable}. Left is less load for the authority, below is less ` +
      'staleness for clients; the line joins those that no other is better than on both.',
    sweep: {},
    x: {
      of: 'upstream.qps',
      label: 'questions to authorities',
      ...scaleFor(figuresOf('upstream.qps', cells)),
    },
    y: {
      of: 'staleness.mean',
      label: 'mean staleness of an answer',
      ...scaleFor(figuresOf('staleness.mean', cells)),
    },
    isTradeOff: true,
  });
  const cost = draw({
    title: `Cost against ${variable}`,
    caption: 'Of questions to authorities and stale answers together, a second. Line: theory.',
    sweep: {},
    x,
    y: { of: 'cost', label: 'cost' },
  });
  return [
    hits,
    plane && { ...plane, layers: [...plane.layers, ...cheapestLayers(sweep)] },
    cost && withBest(cost, sweep),
  ].flatMap((plot) => plot ?? []);
}

function valuesOf(variable: string, cells: readonly Cell[]): readonly number[] {
  return cells.map(({ values }) => Number(values[variable]));
}

function figuresOf(metric: string, cells: readonly Cell[]): readonly number[] {
  return cells.map(({ figures }) => figures.get(metric)?.mean ?? 0);
}

/** The same, with room for whole marks at both ends. */
function roomFor(values: readonly number[]): Pick<SweepAxis, 'scale' | 'from' | 'to'> {
  if (scaleFor(values).scale === undefined) return {};
  return { scale: 'log', from: Math.min(...values) / 1.2, to: Math.max(...values) * 1.2 };
}

/** Over more than an order of magnitude and a half, and never where something is 0. */
function scaleFor(values: readonly number[]): { readonly scale?: 'log' } {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least > 0 && most / least >= 30 ? { scale: 'log' } : {};
}

/** What costs least, of what was played. */
function cheapestLayers({ cells }: ScenarioSweep): readonly Layer[] {
  const best = cheapestCell(cells);
  const [x, y] = ['upstream.qps', 'staleness.mean'].map((name) => best?.figures.get(name)?.mean);
  if (x === undefined || y === undefined) return [];
  return [{ mark: 'points', points: [{ x, y, series: 'costs least' }] }];
}

export function cheapestCell(cells: readonly Cell[]): Cell | undefined {
  const costOf = (cell: Cell): number => cell.figures.get('cost')?.mean ?? Infinity;
  const best = cells.toSorted((a, b) => costOf(a) - costOf(b))[0];
  return best && costOf(best) < Infinity ? best : undefined;
}

/** A rule at T*, where it lies within the picture. */
function withBest(plot: Plot, { cheapestTtl, variable, cells }: ScenarioSweep): Plot {
  const values = valuesOf(variable, cells);
  const isShown =
    variable === 'ttl' &&
    cheapestTtl !== undefined &&
    cheapestTtl >= Math.min(...values) &&
    cheapestTtl <= Math.max(...values);
  if (!isShown) return plot;
  const label = `T* = √(2c_q/(c_sλμ)) = ${Math.round(cheapestTtl)} s`;
  return {
    ...plot,
    layers: [...plot.layers, { mark: 'rules', rules: [{ x: cheapestTtl, label }] }],
  };
}
