/**
 * The space-time diagram of a run: linear time to the right, a lane a node, datagrams as slanted
 * lines. Returns one SVG element that needs nothing else, for a file or for a page.
 */

import { ticksOf } from './axis.ts';
import { drawLists, listsWidthPx } from './delivered-lists.ts';
import { drawFlights, MANY_FLIGHTS } from './draw-flights.ts';
import { drawDots, drawHolds, drawLanes, drawSpans } from './draw-nodes.ts';
import { type Layout, layOut } from './layout.ts';
import { legendOf } from './legend.ts';
import { Room } from './room.ts';
import type { Story } from './story.ts';
import { STYLE } from './style.ts';
import { element, escapeText } from './svg.ts';
import type { Window } from './window.ts';

export interface DiagramOptions {
  readonly title: string;
  /** Names, in the order of ids. */
  readonly nodes: readonly string[];
  readonly window: Window;
  /** Pixels. Default 1000. */
  readonly width?: number;
  /** Events to be ringed: those that show a violation. */
  readonly marked?: readonly number[];
  /** A line at the foot: how to get this run again. */
  readonly foot?: string;
}

export interface Diagram {
  readonly markup: string;
  readonly layout: Layout;
}

const WIDTH_PX = 1000;
const FOOT_PX = 22;
const PX_PER_TICK = 90;

export function drawDiagram(story: Story, options: DiagramOptions): Diagram {
  const { title, nodes, window, width = WIDTH_PX, marked = [], foot } = options;
  const legend = legendOf(story, width);
  const footPx = legend.heightPx + (foot === undefined ? 0 : FOOT_PX);
  const layout = layOut(nodes, window, { width, footPx, listsPx: listsWidthPx(story) });
  const room = new Room();
  const flights = drawFlights(story, layout, { nodes, room });
  const isCrowded = flights.total > MANY_FLIGHTS;
  const spared = flights.total - flights.drawn;
  const remark = spared > 0 ? `${spared} of ${flights.total} datagrams fall on others` : '';
  const { height } = layout;
  // Half a letter more on both sides, for labels and dots at the very ends.
  const clip = { x: layout.left - 8, y: 0, width: layout.right - layout.left + 16, height };
  const markup = element(
    'svg',
    {
      xmlns: 'http://www.w3.org/2000/svg',
      class: 'diagram',
      width,
      height,
      viewBox: `0 0 ${width} ${height}`,
      role: 'img',
      'aria-label': title,
    },
    `<style>${STYLE}</style>`,
    element('defs', {}, PATTERNS, element('clipPath', { id: 'inside' }, element('rect', clip))),
    element('rect', { class: 'paper', width, height }),
    element('text', { class: 'title', x: 24, y: 26 }, escapeText(title)),
    element('text', { class: 'faint', x: width - 24, y: 26, 'text-anchor': 'end' }, remark),
    drawAxis(layout),
    element('g', { 'clip-path': 'url(#inside)' }, drawSpans(story, layout)),
    drawLanes(nodes, layout),
    drawLists(story, layout),
    element(
      'g',
      { 'clip-path': 'url(#inside)' },
      drawHolds(story, layout, isCrowded),
      flights.markup,
      drawDots(story, layout, { room, isCrowded }),
      drawMarks(story, layout, marked),
    ),
    legend.draw({ ...layout, height: foot === undefined ? height : height - FOOT_PX }),
    foot === undefined ? '' : drawFoot(foot, layout),
  );
  return { markup, layout };
}

/** Hatching for what is down and specks for what stands still: told apart without colours. */
const PATTERNS =
  '<pattern id="hatched" width="6" height="6" patternUnits="userSpaceOnUse" ' +
  'patternTransform="rotate(45)"><path class="hatch" d="M0 0v6"/></pattern>' +
  '<pattern id="speckled" width="6" height="6" patternUnits="userSpaceOnUse">' +
  '<circle class="specks" cx="3" cy="3" r="1"/></pattern>';

function drawAxis(layout: Layout): string {
  const { left, right, top, bottom, window } = layout;
  const count = Math.max(2, Math.floor((right - left) / PX_PER_TICK));
  return ticksOf(window.fromNs, window.toNs, count)
    .map(({ atNs, label }) => {
      const x = layout.x(atNs);
      return (
        element('line', { class: 'grid', x1: x, y1: top - 34, x2: x, y2: bottom }) +
        element('text', { x, y: bottom + 18, 'text-anchor': 'middle' }, escapeText(label))
      );
    })
    .join('\n');
}

function drawMarks({ dots, flights }: Story, layout: Layout, marked: readonly number[]): string {
  const ids = new Set(marked);
  const places = [
    ...dots.filter(({ id }) => ids.has(id)),
    ...flights
      .filter(({ sendId }) => ids.has(sendId))
      .map(({ from, sentNs }) => ({ node: from, atNs: sentNs })),
  ];
  return places
    .map(({ node, atNs }) =>
      element('circle', { class: 'wrong', cx: layout.x(atNs), cy: layout.y(node), r: 10 }),
    )
    .join('');
}

/** Shortened to the paper's width: the terminal has it whole. */
function drawFoot(foot: string, { width, height }: Layout): string {
  const letters = Math.floor((width - 48) / 6.2);
  const text = foot.length > letters ? `${foot.slice(0, letters - 1)}…` : foot;
  return element('text', { class: 'faint', x: 24, y: height - 8 }, escapeText(text));
}
