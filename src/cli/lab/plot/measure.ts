/** Values on an axis: in which unit they are drawn, and what the axis is called then. */

import type { Axis, Layer, Plot } from '../../../lab/plot/plot.ts';

export interface Measure {
  /** What a value is divided by. */
  readonly size: number;
  /** Of the axis. */
  readonly title: string;
  /** As d3-format has them; undefined for its own choice. */
  readonly format: string | undefined;
}

const TIMES = [
  ['d', 86_400e9],
  ['h', 3600e9],
  ['min', 60e9],
  ['s', 1e9],
  ['ms', 1e6],
  ['µs', 1e3],
  ['ns', 1],
] as const;

/** Times in the unit in which the largest of `values` is some few. */
export function measure(
  { label, unit, scale }: Pick<Axis, 'label' | 'unit' | 'scale'>,
  values: readonly number[],
): Measure {
  if (unit === 'ns') {
    const [name, size] = TIMES.find(([, ns]) => typical(values, scale) >= 2 * ns) ?? ['ns', 1];
    return { size, title: `${label} (${name})`, format: undefined };
  }
  if (unit === 'share') return { size: 1, title: label, format: '~%' };
  const format = scale === 'log' ? '~g' : undefined;
  return { size: 1, title: `${label}${suffixOf(unit)}`, format };
}

/** The largest; on a logarithmic axis the one in the middle. */
function typical(values: readonly number[], scale: Axis['scale']): number {
  const sizes = values.map(Math.abs).toSorted((a, b) => a - b);
  return sizes[scale === 'log' ? sizes.length >> 1 : sizes.length - 1] ?? 0;
}

function suffixOf(unit: Axis['unit']): string {
  if (unit === 'per second') return ' (/s)';
  return unit === 'ppm' ? ' (ppm)' : '';
}

/** All values of a plot along one axis, but words. */
export function valuesAlong(axis: 'x' | 'y', { layers, ...plot }: Plot): readonly number[] {
  const { from, to } = plot[axis];
  const ends = [from, to].filter((end) => end !== undefined);
  return [...ends, ...layers.flatMap((layer) => valuesOf(axis, layer))];
}

function valuesOf(axis: 'x' | 'y', layer: Layer): readonly number[] {
  switch (layer.mark) {
    case 'line':
    case 'area':
      return layer.points.map((point) => point[axis]);
    case 'points':
      return layer.points.flatMap(({ x, y, low = y, high = y }) =>
        axis === 'x' ? [x] : [low, high],
      );
    case 'band':
      return layer.points.flatMap(({ x, low, high }) => (axis === 'x' ? [x] : [low, high]));
    case 'bars':
    case 'ticks':
    case 'links':
      return axis === 'x' ? timesInLanes(layer) : [];
    case 'columns':
      return axis === 'y' ? layer.columns.map(({ y }) => y) : [];
    case 'spans':
      return axis === 'x' ? layer.spans.flatMap(({ from, to }) => [from, to]) : [];
    case 'rules':
      return layer.rules.flatMap((rule) => rule[axis] ?? []);
    case 'cells':
      return [];
  }
}

function timesInLanes(
  layer: Extract<Layer, { readonly mark: 'bars' | 'ticks' | 'links' }>,
): readonly number[] {
  switch (layer.mark) {
    case 'bars':
      return layer.bars.flatMap(({ from, to }) => [from, to]);
    case 'ticks':
      return layer.ticks.map(({ at }) => at);
    case 'links':
      return layer.links.flatMap(({ from, to }) => [from.at, to.at]);
  }
}
