/** Marks in lanes, one a name: bars from time to time, ticks at a time, and lines between ticks. */

import {
  color,
  type Context,
  DEFAULT_SERIES,
  FAINT,
  INK,
  isClipped,
  look,
  type Of,
  places,
  SHADES,
  type Spec,
} from './encodings.ts';

/** So that what went well and what did not are told apart without colour: a dot, a cross. */
const TICK_SHAPES = ['circle', 'cross', 'triangle-up', 'square', 'diamond'];

export function barSpecs({ bars }: Of<'bars'>, context: Context): readonly Spec[] {
  const { x, series } = context;
  const values = bars.map(({ lane: name, from, to, series: one = DEFAULT_SERIES, label }): Spec => {
    const middle = (from + to) / 2 / x.size;
    const rank = series.indexOf(one);
    return { lane: name, x: from / x.size, to: to / x.size, middle, series: one, rank, label };
  });
  const labelled = values.filter(({ label }) => label !== undefined);
  const across = { ...places(context).x, stack: null };
  const y = lane(context);
  // Words are to be read on every colour.
  const opacity = labelled.length === 0 ? 1 : 0.55;
  return [
    {
      data: { values },
      mark: { type: 'bar', height: { band: 0.7 }, stroke: INK, strokeWidth: 0.6, opacity },
      encoding: { x: across, x2: { field: 'to' }, y, color: color(context, SHADES) },
    },
    ...(labelled.length === 0
      ? []
      : [
          {
            data: { values: labelled },
            mark: { type: 'text', color: INK, fontSize: 10 },
            encoding: { x: { ...across, field: 'middle' }, y, text: { field: 'label' } },
          },
        ]),
  ];
}

export function tickSpecs({ ticks }: Of<'ticks'>, context: Context): readonly Spec[] {
  const { size } = context.x;
  const values = ticks.map(({ lane: name, at, series = DEFAULT_SERIES, label }): Spec => {
    return { lane: name, x: at / size, series, ...(label !== undefined && { label }) };
  });
  const labelled = values.filter(({ label }) => label !== undefined);
  const { x } = places(context);
  const y = lane(context);
  return [
    {
      data: { values },
      mark: { type: 'point', filled: true, opacity: 1, size: 62, clip: isClipped(context) },
      encoding: { x, y, color: color(context), shape: look(context, TICK_SHAPES) },
    },
    ...(labelled.length === 0
      ? []
      : [
          {
            data: { values: labelled },
            mark: { type: 'text', align: 'left', dx: 5, dy: -8, fontSize: 9 },
            encoding: { x, y, text: { field: 'label' } },
          },
        ]),
  ];
}

/** Straight lines: two rows of data each, joined by the number of the link. */
export function linkSpec({ links }: Of<'links'>, context: Context): Spec {
  const { size } = context.x;
  const values = links.flatMap((link, number) =>
    [link.from, link.to].map(({ lane: name, at }) => ({ lane: name, x: at / size, link: number })),
  );
  return {
    data: { values },
    mark: { type: 'line', color: FAINT, strokeWidth: 1.2, clip: isClipped(context) },
    encoding: {
      x: places(context).x,
      y: lane(context),
      detail: { field: 'link', type: 'nominal' },
    },
  };
}

function lane({ plot, y }: Context): Spec {
  const { words } = plot.y;
  return {
    field: 'lane',
    type: 'nominal',
    sort: null,
    title: y.title,
    ...(words !== undefined && { scale: { domain: words } }),
  };
}
