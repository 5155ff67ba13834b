/**
 * A plot as a specification of Vega-Lite. The looks of all pictures are decided here: the colours
 * of Okabe and Ito, which people with any colour vision tell apart, and beside each a shape and a
 * dash, so that a print in black and white says the same.
 */

import type { Layer, Plot } from '../../../lab/plot/plot.ts';
import { measure, valuesAlong, type Measure } from './measure.ts';

/** Vega-Lite's own type describes every one that there is, in more time than the rest compiles. */
type Json = string | number | boolean | null | undefined | readonly Json[] | Spec;
export interface Spec {
  readonly [key: string]: Json;
}

const COLORS = ['#0072b2', '#d55e00', '#009e73', '#cc79a7', '#e69f00', '#56b4e9', '#000000'];
/** Of areas, which have no shape and no dash: from light to dark, so that grey says it too. */
const SHADES = ['#a6d3ee', '#e08a1e', '#5a1a4a', '#d9d4c7', '#4c8f6b', '#1f3a5f', '#000000'];
const SHAPES = ['circle', 'square', 'triangle-up', 'diamond', 'cross', 'triangle-down', 'stroke'];
const DASHES = [[], [7, 3], [2, 3], [9, 3, 2, 3], [4, 4], [12, 4], [1, 2]];
const WIDTH_PX = 640;
const HEIGHT_PX = 340;
const LANE_PX = 26;
const CELL_PX = 44;
const CAPTION_LETTERS = 104;
const INK = '#16181d';
const FAINT = '#5b616b';

/** One picture with all plots, one below the other. */
export function vegaSpec(plots: readonly Plot[]): Spec {
  return {
    $schema: 'https://vega.github.io/schema/vega-lite/v6.json',
    background: '#fff',
    padding: 14,
    config: CONFIG,
    spacing: 40,
    resolve: { scale: { color: 'independent', shape: 'independent', strokeDash: 'independent' } },
    vconcat: plots.map(plotSpec),
  };
}

const CONFIG: Spec = {
  font: "system-ui, 'DejaVu Sans', sans-serif",
  view: { stroke: null },
  title: {
    anchor: 'start',
    frame: 'group',
    offset: 14,
    color: INK,
    fontSize: 15,
    fontWeight: 600,
    subtitleColor: FAINT,
    subtitleFontSize: 12,
    subtitleLineHeight: 16,
    subtitlePadding: 6,
  },
  axis: {
    labelColor: INK,
    titleColor: INK,
    labelFontSize: 11,
    titleFontSize: 12,
    titleFontWeight: 'normal',
    gridColor: '#e3e6ea',
    domainColor: FAINT,
    tickColor: FAINT,
    labelOverlap: true,
  },
  legend: {
    labelColor: INK,
    titleColor: INK,
    labelFontSize: 11,
    titleFontSize: 12,
    symbolSize: 70,
    labelLimit: 260,
  },
  text: { color: INK, fontSize: 11 },
};

function plotSpec(plot: Plot): Spec {
  const { title, caption, layers } = plot;
  const series = seriesOf(layers);
  const axes = {
    x: measure(plot.x, valuesAlong('x', plot)),
    y: measure(plot.y, valuesAlong('y', plot)),
  };
  const context: Context = { plot, series, ...axes };
  return {
    title: { text: title, subtitle: wrap(caption) },
    width: widthOf(layers),
    height: heightOf(layers),
    layer: layers.flatMap((layer) => layerSpecs(layer, context)),
  };
}

interface Context {
  readonly plot: Plot;
  /** In the order of their appearance. */
  readonly series: readonly string[];
  readonly x: Measure;
  readonly y: Measure;
}

const DEFAULT_SERIES = '';

function seriesOf(layers: readonly Layer[]): readonly string[] {
  return [...new Set(layers.flatMap((layer) => rowsOf(layer).map(({ series }) => series ?? '')))];
}

/** What may have a series. */
function rowsOf(layer: Layer): readonly { readonly series?: string }[] {
  switch (layer.mark) {
    case 'line':
    case 'points':
    case 'band':
    case 'area':
      return layer.points;
    case 'bars':
      return layer.bars;
    case 'columns':
      return layer.columns;
    case 'cells':
    case 'spans':
    case 'rules':
      return [];
  }
}

function heightOf(layers: readonly Layer[]): Json {
  if (layers.some(({ mark }) => mark === 'bars')) return { step: LANE_PX };
  if (layers.some(({ mark }) => mark === 'cells')) return { step: CELL_PX };
  return HEIGHT_PX;
}

function widthOf(layers: readonly Layer[]): Json {
  return layers.some(({ mark }) => mark === 'cells') ? { step: CELL_PX * 1.5 } : WIDTH_PX;
}

function layerSpecs(layer: Layer, context: Context): readonly Spec[] {
  switch (layer.mark) {
    case 'line':
      return [lineSpec(layer, context)];
    case 'points':
      return pointSpecs(layer, context);
    case 'band':
      return [bandSpec(layer, context)];
    case 'area':
      return [areaSpec(layer, context)];
    case 'bars':
      return barSpecs(layer, context);
    case 'columns':
      return [columnSpec(layer, context)];
    case 'cells':
      return cellSpecs(layer, context);
    case 'spans':
      return spanSpecs(layer, context);
    case 'rules':
      return ruleSpecs(layer, context);
  }
}

type Of<Mark extends Layer['mark']> = Extract<Layer, { readonly mark: Mark }>;

function lineSpec({ points, isTheory, isStepped, isPath }: Of<'line'>, context: Context): Spec {
  const { layers } = context.plot;
  const isBeside = layers.some((other) => other.mark === 'line' && other.isTheory !== true);
  const mark = {
    type: 'line',
    strokeWidth: isTheory === true ? 1.4 : 2,
    clip: isClipped(context),
    ...(isStepped === true && { interpolate: 'step-after' }),
    // Beside measured lines, theory is dashed whatever the series.
    ...(isTheory === true && isBeside && { strokeDash: [3, 3] }),
  };
  const dash = isTheory === true && isBeside ? {} : { strokeDash: look(context, DASHES) };
  const order = isPath === true ? { order: { field: 'order', type: 'quantitative' } } : {};
  return {
    data: { values: points.map((point, step) => ({ ...scaled(point, context), order: step })) },
    mark,
    encoding: { ...places(context), color: color(context), ...dash, ...order },
  };
}

function pointSpecs({ points }: Of<'points'>, context: Context): readonly Spec[] {
  const { y } = context;
  const values = points.map(({ low, high, label, ...point }): Spec => {
    return {
      ...scaled(point, context),
      ...(low !== undefined && high !== undefined && { low: low / y.size, high: high / y.size }),
      ...(label !== undefined && { label }),
    };
  });
  const uncertain = values.filter(({ low }) => low !== undefined);
  const labelled = values.filter(({ label }) => label !== undefined);
  const { x: across, y: up } = places(context);
  const look_ = { color: color(context), shape: look(context, SHAPES) };
  return [
    ...(uncertain.length === 0
      ? []
      : [
          {
            data: { values: uncertain },
            mark: { type: 'errorbar', ticks: { size: 7 }, rule: { strokeWidth: 1.4 } },
            encoding: {
              x: across,
              y: { ...up, field: 'low' },
              y2: { field: 'high' },
              color: color(context),
            },
          },
        ]),
    {
      data: { values },
      mark: { type: 'point', filled: true, opacity: 1, size: 58, clip: isClipped(context) },
      encoding: { x: across, y: up, ...look_ },
    },
    ...(labelled.length === 0
      ? []
      : [
          {
            data: { values: labelled },
            mark: { type: 'text', align: 'left', dx: 8, dy: -6 },
            encoding: { x: across, y: up, text: { field: 'label' } },
          },
        ]),
  ];
}

function bandSpec({ points }: Of<'band'>, context: Context): Spec {
  const { x, y } = context;
  const values = points.map(({ x: at, low, high, series = DEFAULT_SERIES }) => {
    return { x: at / x.size, low: low / y.size, high: high / y.size, series };
  });
  const { x: across, y: up } = places(context);
  return {
    data: { values },
    mark: { type: 'area', opacity: 0.22, line: { strokeWidth: 0.8 }, clip: isClipped(context) },
    encoding: {
      x: across,
      y: { ...up, field: 'low' },
      y2: { field: 'high' },
      color: color(context),
    },
  };
}

function areaSpec({ points }: Of<'area'>, context: Context): Spec {
  const { x, y } = places(context);
  return {
    data: { values: points.map((point) => scaled(point, context)) },
    mark: { type: 'area', line: { color: INK, strokeWidth: 0.7 }, opacity: 0.85 },
    encoding: { x, y: { ...y, stack: 'zero' }, color: color(context, SHADES), order: stackOrder },
  };
}

/** Vega-Lite stacks by the alphabet unless it is told. */
const stackOrder: Spec = { field: 'rank', type: 'quantitative' };

function barSpecs({ bars }: Of<'bars'>, context: Context): readonly Spec[] {
  const { x, series } = context;
  const values = bars.map(({ lane, from, to, series: one = DEFAULT_SERIES, label }): Spec => {
    const middle = (from + to) / 2 / x.size;
    const rank = series.indexOf(one);
    return { lane, x: from / x.size, to: to / x.size, middle, series: one, rank, label };
  });
  const labelled = values.filter(({ label }) => label !== undefined);
  const across = { ...places(context).x, stack: null };
  const lane = { field: 'lane', type: 'nominal', sort: null, title: context.y.title };
  // Words are to be read on every colour.
  const opacity = labelled.length === 0 ? 1 : 0.55;
  return [
    {
      data: { values },
      mark: { type: 'bar', height: { band: 0.7 }, stroke: INK, strokeWidth: 0.6, opacity },
      encoding: { x: across, x2: { field: 'to' }, y: lane, color: color(context) },
    },
    ...(labelled.length === 0
      ? []
      : [
          {
            data: { values: labelled },
            mark: { type: 'text', color: INK, fontSize: 10 },
            encoding: { x: { ...across, field: 'middle' }, y: lane, text: { field: 'label' } },
          },
        ]),
  ];
}

function columnSpec({ columns }: Of<'columns'>, context: Context): Spec {
  const { y, series } = context;
  const values = columns.map(({ x, y: up, series: one = DEFAULT_SERIES }) => {
    return { x, y: up / y.size, series: one, rank: series.indexOf(one) };
  });
  return {
    data: { values },
    mark: { type: 'bar', width: { band: 0.6 }, stroke: INK, strokeWidth: 0.6 },
    encoding: {
      x: {
        field: 'x',
        type: 'nominal',
        sort: null,
        title: context.plot.x.label,
        axis: { labelAngle: 0 },
      },
      y: { ...places(context).y, stack: 'zero' },
      color: color(context),
      order: stackOrder,
    },
  };
}

function cellSpecs({ cells, unit, label }: Of<'cells'>, { plot }: Context): readonly Spec[] {
  const all = cells.map(({ value }) => value);
  const { size, title, format } = measure({ label, unit }, all);
  const values = cells.map(({ x, y, value }) => ({ x, y, value: value / size }));
  const middle = (Math.min(...all) + Math.max(...all)) / 2 / size;
  const category = (field: string, of: Plot['x']): Spec => {
    return { field, type: 'ordinal', sort: null, title: of.label, axis: { labelAngle: 0 } };
  };
  const encoding = { x: category('x', plot.x), y: category('y', plot.y) };
  const value = { field: 'value', type: 'quantitative' };
  return [
    {
      data: { values },
      mark: { type: 'rect', stroke: '#fff' },
      encoding: {
        ...encoding,
        color: { ...value, title, scale: { scheme: 'cividis' }, legend: legendFormat(format) },
      },
    },
    {
      data: { values },
      mark: { type: 'text', fontSize: 11 },
      encoding: {
        ...encoding,
        text: { ...value, format: format ?? '.3~g' },
        color: {
          condition: { test: `datum.value > ${middle}`, value: INK },
          value: '#fff',
        },
      },
    },
  ];
}

function legendFormat(format: string | undefined): Json {
  return format === undefined ? {} : { format };
}

function spanSpecs({ spans }: Of<'spans'>, context: Context): readonly Spec[] {
  const { size } = context.x;
  const values = spans.map(({ from, to, label }) => ({ x: from / size, to: to / size, label }));
  const x = places(context).x;
  return [
    {
      data: { values },
      mark: { type: 'rect', color: FAINT, opacity: 0.16 },
      encoding: { x, x2: { field: 'to' } },
    },
    {
      data: { values },
      mark: { type: 'text', align: 'left', baseline: 'top', dx: 4, dy: 4, color: FAINT },
      encoding: { x, y: { value: 0 }, text: { field: 'label' } },
    },
  ];
}

function ruleSpecs({ rules }: Of<'rules'>, context: Context): readonly Spec[] {
  const { x: across, y: up } = places(context);
  const upright = rules.flatMap(({ x, label }) =>
    x === undefined ? [] : [{ x: x / context.x.size, label }],
  );
  const level = rules.flatMap(({ y, label }) =>
    y === undefined ? [] : [{ y: y / context.y.size, label }],
  );
  const mark = { type: 'rule', color: INK, strokeWidth: 1, strokeDash: [5, 3] };
  const word = { type: 'text', align: 'left', color: INK };
  const text = { field: 'label' };
  return [
    ...(upright.length === 0
      ? []
      : [
          { data: { values: upright }, mark, encoding: { x: across } },
          {
            data: { values: upright },
            mark: { ...word, baseline: 'top', dx: 4, dy: 2 },
            encoding: { x: across, y: { value: 0 }, text },
          },
        ]),
    ...(level.length === 0
      ? []
      : [
          { data: { values: level }, mark, encoding: { y: up } },
          {
            data: { values: level },
            mark: { ...word, baseline: 'bottom', dx: 4, dy: -3 },
            encoding: { x: { value: 0 }, y: up, text },
          },
        ]),
  ];
}

function scaled(
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

function places(context: Context): { readonly x: Spec; readonly y: Spec } {
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

function isClipped({ plot: { x, y } }: Context): boolean {
  return [x.from, x.to, y.from, y.to].some((end) => end !== undefined);
}

function color({ plot, series }: Context, range: readonly string[] = COLORS): Spec {
  return {
    field: 'series',
    type: 'nominal',
    title: plot.legend ?? null,
    scale: { domain: series, range: series.map((_, index) => range[index % range.length]) },
    ...(series.length < 2 && { legend: null }),
  };
}

/** Shapes or dashes, whose legend joins that of the colours. */
function look({ plot, series }: Context, range: readonly (string | readonly number[])[]): Spec {
  return {
    field: 'series',
    type: 'nominal',
    title: plot.legend ?? null,
    scale: { domain: series, range: series.map((_, index) => range[index % range.length] as Json) },
    ...(series.length < 2 && { legend: null }),
  };
}

/** Lines of a caption. */
function wrap(text: string): readonly string[] {
  const lines: string[] = [];
  let line = '';
  for (const word of text.split(' ')) {
    if (line !== '' && line.length + word.length >= CAPTION_LETTERS) {
      lines.push(line);
      line = word;
    } else line = line === '' ? word : `${line} ${word}`;
  }
  return [...lines, line];
}
