/** Draws datagrams: slanted lines with a head, or a cross where they were lost. */

import { timeText } from './axis.ts';
import type { Layout } from './layout.ts';
import type { Room } from './room.ts';
import type { Flight, Story } from './story.ts';
import { LETTER_PX, tagColor } from './style.ts';
import { element, escapeText } from './svg.ts';

/** Of the way, for those who were lost at nobody knows where. */
const LOST_AT = 0.6;
const HEAD_PX = 7;
const CROSS_PX = 4.5;
/** Lines beyond this are merged when they would fall on one another. */
export const MANY_FLIGHTS = 2000;

interface Line {
  readonly x1: number;
  readonly y1: number;
  readonly x2: number;
  readonly y2: number;
}

export interface FlightDrawing {
  readonly markup: string;
  readonly drawn: number;
  readonly total: number;
}

export function drawFlights(
  { flights, tags }: Story,
  layout: Layout,
  { nodes, room }: { readonly nodes: readonly string[]; readonly room: Room },
): FlightDrawing {
  const { fromNs, toNs } = layout.window;
  const visible = flights.filter(({ sentNs, endNs }) => sentNs <= toNs && endNs >= fromNs);
  const isCrowded = visible.length > MANY_FLIGHTS;
  const chosen = isCrowded ? thin(visible, layout) : visible;
  const markup = chosen.map((flight) => {
    const tag = tags.indexOf(flight.tag);
    const line = lineOf(flight, layout);
    const shapes = [drawLine(flight, line, tag), drawEnd(flight, line, tag)];
    if (isCrowded) return shapes.join('');
    const label = drawLabel(flight, labelSpot(flight, line, layout), room);
    const told = `<title>${escapeText(tell(flight, nodes))}</title>`;
    const ids = { 'data-send': flight.sendId, 'data-end': flight.endId };
    return element('g', { class: 'message', ...ids }, told, ...shapes, label);
  });
  return { markup: markup.join('\n'), drawn: chosen.length, total: visible.length };
}

/** One of all lines that look the same at ever coarser looks, until they are few enough. */
function thin(flights: readonly Flight[], layout: Layout): readonly Flight[] {
  for (let grainPx = 1; ; grainPx *= 2) {
    const seen = new Map<string, Flight>();
    for (const flight of flights) {
      const [start, end] = [flight.sentNs, flight.endNs].map((atNs) =>
        Math.round(layout.x(atNs) / grainPx),
      );
      const { from, to, fate, isAgain, tag } = flight;
      const look = `${start} ${end} ${from} ${to} ${fate} ${isAgain} ${tag}`;
      if (!seen.has(look)) seen.set(look, flight);
    }
    // A lane is not wider than this many pixels, so it ends.
    if (seen.size <= MANY_FLIGHTS || grainPx > layout.width) return [...seen.values()];
  }
}

/** What a pointer that rests on it is told. */
function tell(flight: Flight, nodes: readonly string[]): string {
  const { label, from, to, fate, reason, sentNs, endNs, isAgain } = flight;
  const way = `${label}: ${nodes[from] ?? from} → ${nodes[to] ?? to}`;
  const sent = `sent at ${timeText(sentNs)}`;
  const again = isAgain ? ', again' : '';
  if (fate === 'lost') return `${way}, ${sent}${again}, lost (${reason ?? 'loss'})`;
  if (fate === 'under way') return `${way}, ${sent}${again}, still under way at the end`;
  return `${way}, ${sent}${again}, arrives at ${timeText(endNs)}`;
}

/** From lane to lane, or as far as it came. To itself, a short way to the right and up. */
function lineOf(flight: Flight, layout: Layout): Line {
  const { from, to, sentNs, endNs, fate, reason } = flight;
  const [x1, y1] = [layout.x(sentNs), layout.y(from)];
  const [x2, y2] = [layout.x(endNs), from === to ? layout.y(from) - 18 : layout.y(to)];
  if (fate !== 'lost' || reason === 'down') return { x1, y1, x2, y2 };
  return { x1, y1, x2: x1 + (x2 - x1) * LOST_AT, y2: y1 + (y2 - y1) * LOST_AT };
}

function drawLine({ isAgain, fate }: Flight, { x1, y1, x2, y2 }: Line, tag: number): string {
  const look = ['flight', tag > 0 && 'second', isAgain && 'again', fate === 'under way' && 'away'];
  const style = `stroke:${tagColor(tag)}`;
  return element('line', { class: look.filter(Boolean).join(' '), style, x1, y1, x2, y2 });
}

function drawEnd({ fate }: Flight, line: Line, tag: number): string {
  if (fate === 'under way') return '';
  return fate === 'lost' ? drawCross(line.x2, line.y2) : drawHead(line, tagColor(tag));
}

export function drawCross(x: number, y: number): string {
  const c = CROSS_PX;
  const start = `M${(x - c).toFixed(1)} ${(y - c).toFixed(1)}`;
  const d = `${start}l${2 * c} ${2 * c}m0 ${-2 * c}l${-2 * c} ${2 * c}`;
  return element('path', { class: 'cross', d });
}

function drawHead({ x1, y1, x2, y2 }: Line, color: string): string {
  const length = Math.hypot(x2 - x1, y2 - y1);
  if (length < 2 * HEAD_PX) return '';
  const [ux, uy] = [(x2 - x1) / length, (y2 - y1) / length];
  // Short of the dot that marks the arrival.
  const [tipX, tipY] = [x2 - ux * 5, y2 - uy * 5];
  const corners = [-1, 1].map((side) => {
    const x = tipX - ux * HEAD_PX - side * uy * HEAD_PX * 0.4;
    const y = tipY - uy * HEAD_PX + side * ux * HEAD_PX * 0.4;
    return `${x.toFixed(1)},${y.toFixed(1)}`;
  });
  const points = [`${tipX.toFixed(1)},${tipY.toFixed(1)}`, ...corners].join(' ');
  return element('polygon', { class: 'head', points, style: `fill:${color}` });
}

/** A third of the way along, where lines of the two directions seldom cross. */
const LABEL_AT = 0.3;

type Spot = readonly [number, number];

/** Where the middle of the label is: all of it in the picture, or nothing. */
function labelSpot(
  { label }: Flight,
  { x1, y1, x2, y2 }: Line,
  { left, right }: Layout,
): Spot | undefined {
  const x = x1 + (x2 - x1) * LABEL_AT;
  const half = widthOf(label) / 2;
  if (x < left || x > right) return undefined;
  return [
    Math.min(Math.max(x, left - EDGE_PX + half), right + EDGE_PX - half),
    y1 + (y2 - y1) * LABEL_AT,
  ];
}

/** Outside of what is left and right, and not cut off. */
const EDGE_PX = 6;

function widthOf(label: string): number {
  return label.length * LETTER_PX;
}

/** Nothing where there is no spot, or no room. */
function drawLabel({ label }: Flight, spot: Spot | undefined, room: Room): string {
  if (spot === undefined) return '';
  const [x, y] = spot;
  const half = widthOf(label) / 2 + 2;
  const isFree = room.take({ left: x - half, right: x + half, top: y - 8, bottom: y + 8 });
  return isFree ? element('text', { class: 'label', x, y: y + 4 }, escapeText(label)) : '';
}
