/**
 * What all marks of a plot share: how values become places, and series become colours, shapes and
 * dashes.
 */

import type { Layer, Plot } from '../../../lab/plot/plot.ts';
import type { Measure } from './measure.ts';

/** Vega-Lite's own type describes every one that there is, in more time than the rest compiles. */
export type Json = string | number | boolean | null | undefined | readonly Json[] | Spec;
export interface Spec {
  readonly [key: string]: Json;
}

const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
/**
 * Of areas and bars, which have no shape and no dash: from light to dark, so that grey says it too.
 */
export const SHADES: readonly string[] = [
  ...['#a6d3ee', '#e08a1e', '#5a1a4a', '#d9d4c7'],
  ...['#4c8f6b', '#1f3a5f', '#000000'],
];
export const SHAPES: readonly string[] = [
  'circle',
  'square',
  'triangle-up',
  'diamond',
  'cross',
  'triangle-down',
  'stroke',
];
export const DASHES: readonly (readonly number[])[] = [
  [],
  [7, 3],
  [2, 3],
  [9, 3, 2, 3],
  [4, 4],
  [12, 4],
  [1, 2],
];
export const INK = '#16181d';
export const FAINT = '#5b616b';

export interface Context {
  readonly plot: Plot;
  /** In the order of their appearance. */
  readonly series: readonly string[];
  readonly x: Measure;
  readonly y: Measure;
}

export const DEFAULT_SERIES = '';

export type Of<Mark extends Layer['mark']> = Extract<Layer, { readonly mark: Mark }>;

export function scaled(
  {
    x,
    y,
    series = DEFAULT_SERIES,
  }: { readonly x: number; readonly y: number; readonly series?: string },
  context: Context,
): Spec {
  const rank = context.series.indexOf(series);
  return { x: x / context.x.size, y: y / context.y.size, series, rank };
}

export function places(context: Context): { readonly x: Spec; readonly y: Spec } {
  return { x: place('x', context), y: place('y', context) };
}

function place(field: 'x' | 'y', context: Context): Spec {
  const { size, title, format } = context[field];
  const { scale = 'linear', from, to } = context.plot[field];
  return {
    field,
    type: 'quantitative',
    title,
    scale: {
      type: scale,
      ...(scale === 'log' && { nice: false }),
      ...(from !== undefined && { domainMin: from / size }),
      ...(to !== undefined && { domainMax: to / size }),
      // An axis of time that begins anywhere is cut there; a figure is seen against 0.
      ...(scale === 'linear' && from === undefined && { zero: true }),
    },
    axis: format === undefined ? {} : { format },
  };
}

export function isClipped({ plot: { x, y } }: Context): boolean {
  return [x.from, x.to, y.from, y.to].some((end) => end !== undefined);
}

export function color({ plot, series }: Context, range: readonly string[] = COLORS): Spec {
  return {
    field: 'series',
    type: 'nominal',
    title: plot.legend ?? null,
    scale: { domain: series, range: series.map((_, index) => range[index % range.length]) },
    ...(series.length < 2 && { legend: null }),
  };
}

/** Shapes or dashes, whose legend joins that of the colours. */
export function look(
  { plot, series }: Context,
  range: readonly (string | readonly number[])[],
): Spec {
  return {
    field: 'series',
    type: 'nominal',
    title: plot.legend ?? null,
    scale: { domain: series, range: series.map((_, index) => range[index % range.length] as Json) },
    ...(series.length < 2 && { legend: null }),
  };
}
