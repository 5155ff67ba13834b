/**
 * A plot as a specification of Vega-Lite. The looks of all pictures are decided here: the colours
 * of Okabe and Ito, which people with any colour vision tell apart, and beside each a shape and a
 * dash, so that a print in black and white says the same.
 */

import type { Layer, Plot } from '../../../lab/plot/plot.ts';
import {
  color,
  type Context,
  DASHES,
  DEFAULT_SERIES,
  FAINT,
  INK,
  isClipped,
  type Json,
  look,
  type Of,
  places,
  scaled,
  SHADES,
  SHAPES,
  type Spec,
} from './encodings.ts';
import { barSpecs, linkSpec, tickSpecs } from './lane-specs.ts';
import { measure, valuesAlong } from './measure.ts';

const WIDTH_PX = 640;
const HEIGHT_PX = 340;
const LANE_PX = 26;
const CELL_PX = 44;
const CAPTION_LETTERS = 104;

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
  const series = plot.series ?? seriesOf(layers);
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
    case 'ticks':
      return layer.ticks;
    case 'cells':
    case 'links':
    case 'spans':
    case 'rules':
      return [];
  }
}

function heightOf(layers: readonly Layer[]): Json {
  if (layers.some(({ mark }) => mark === 'bars' || mark === 'ticks')) return { step: LANE_PX };
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
    case 'ticks':
      return tickSpecs(layer, context);
    case 'links':
      return [linkSpec(layer, context)];
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
  const values = points.map(({ low, high, label, slope = 0, ...point }): Spec => {
    return {
      ...scaled(point, context),
      slope,
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
            encoding: { x: across, y: up, text: { field: 'label' }, angle: SLOPE },
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

/** Degrees, as they are. */
const SLOPE: Spec = { field: 'slope', type: 'quantitative', scale: null };

/** Vega-Lite stacks by the alphabet unless it is told. */
const stackOrder: Spec = { field: 'rank', type: 'quantitative' };

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
  // In lanes there are bars; the word stands above them.
  const above = { baseline: 'bottom', dx: 0, dy: -3 };
  const inside = { baseline: 'top', dx: 4, dy: 4 };
  const spot = context.plot.y.words === undefined ? inside : above;
  return [
    {
      data: { values },
      mark: { type: 'rect', color: FAINT, opacity: 0.16 },
      encoding: { x, x2: { field: 'to' } },
    },
    {
      data: { values },
      mark: { type: 'text', align: 'left', color: FAINT, ...spot },
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
