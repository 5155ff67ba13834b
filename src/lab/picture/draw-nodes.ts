/** Draws what happens at nodes: lanes, dots, ticks, hold-back bars, times when they are down. */

import { timeText } from './axis.ts';
import type { Layout } from './layout.ts';
import type { Room } from './room.ts';
import type { Dot, Hold, Span, Story } from './story.ts';
import { LETTER_PX } from './style.ts';
import { element, escapeText } from './svg.ts';

const LOOK_PX = { receive: 5, deliver: 2.8, held: 4, tick: 7, bar: 6, barGap: 2 };
/** Bars one below the other; more would reach into the next lane. */
const MAX_BAR_ROWS = 4;
const SPAN_PX = 15;
/** From dot to dot in a crowd. */
const CROWD_PX = 3;

export function drawLanes(nodes: readonly string[], layout: Layout): string {
  return nodes
    .map((name, node) => {
      const y = layout.y(node);
      const line = { x1: layout.left, y1: y, x2: layout.right, y2: y };
      const text = { class: 'node', x: layout.left - 12, y: y + 4, 'text-anchor': 'end' };
      return (
        element('line', { class: 'lane', ...line }) +
        element('text', { ...text, 'data-node': node }, escapeText(shorten(name)))
      );
    })
    .join('\n');
}

function shorten(name: string): string {
  return name.length > 20 ? `${name.slice(0, 19)}…` : name;
}

export function drawSpans({ spans }: Story, layout: Layout): string {
  const { fromNs, toNs } = layout.window;
  const visible = spans.filter((span) => span.fromNs <= toNs && span.toNs >= fromNs);
  return visible.map((span) => drawSpan(span, layout)).join('\n');
}

const FILLS = { down: 'url(#hatched)', paused: 'url(#speckled)', cut: undefined } as const;

function drawSpan({ kind, node, fromNs, toNs, label, id }: Span, layout: Layout): string {
  const x = Math.max(layout.x(fromNs), layout.left);
  const width = Math.max(Math.min(layout.x(toNs), layout.right) - x, 1);
  const isNetwork = node < 0;
  const y = isNetwork ? layout.top - 34 : layout.y(node) - SPAN_PX;
  const height = isNetwork ? layout.bottom - layout.top + 34 : 2 * SPAN_PX;
  const fill = FILLS[kind];
  const look = fill === undefined ? `${kind} wash` : kind;
  const box = element('rect', { class: look, x, y, width, height, fill, 'data-event': id });
  const fits = label.length * LETTER_PX < width;
  const at = { x: x + width / 2, y: isNetwork ? y + 12 : y - 4 };
  const text = fits ? element('text', { class: 'label', ...at }, escapeText(label)) : '';
  const told = `<title>${escapeText(`${label}, from ${timeText(fromNs)}`)}</title>`;
  return element('g', {}, told, box, text);
}

/** When there is a crowd, only whether a node held anything back, in one row. */
export function drawHolds({ holds }: Story, layout: Layout, isCrowded: boolean): string {
  const { fromNs, toNs } = layout.window;
  const visible = holds.filter((hold) => hold.fromNs <= toNs && hold.toNs >= fromNs);
  if (isCrowded) return drawUnion(visible, layout);
  const rows = new Map<number, number[]>();
  return visible.map((hold) => drawHold(hold, layout, rows)).join('\n');
}

function drawUnion(holds: readonly Hold[], layout: Layout): string {
  const open = new Map<number, { left: number; right: number }>();
  const bars: string[] = [];
  const flush = (node: number): void => {
    const bar = open.get(node);
    if (!bar) return;
    const [x, width] = [bar.left, Math.max(bar.right - bar.left, 0.5)];
    const y = layout.y(node) + 9;
    bars.push(element('rect', { class: 'hold many', x, y, width, height: LOOK_PX.bar }));
  };
  for (const { node, fromNs, toNs } of holds.toSorted((a, b) => a.fromNs - b.fromNs)) {
    const left = Math.max(layout.x(fromNs), layout.left);
    const right = Math.min(layout.x(toNs), layout.right);
    const bar = open.get(node);
    if (bar && left <= bar.right + 1) bar.right = Math.max(bar.right, right);
    else {
      flush(node);
      open.set(node, { left, right });
    }
  }
  for (const node of open.keys()) flush(node);
  return bars.join('');
}

/** In the first row below the lane that is free again. */
function drawHold(hold: Hold, layout: Layout, rows: Map<number, number[]>): string {
  const { node, fromNs, toNs, message, receiveId, deliverId } = hold;
  const busyUntil = rows.get(node) ?? [];
  rows.set(node, busyUntil);
  const free = busyUntil.findIndex((untilNs) => untilNs <= fromNs);
  const row = free < 0 ? busyUntil.length : free;
  busyUntil[row] = toNs;
  const step = LOOK_PX.bar + LOOK_PX.barGap;
  const y = layout.y(node) + 9 + Math.min(row, MAX_BAR_ROWS - 1) * step;
  const x = Math.max(layout.x(fromNs), layout.left);
  const width = Math.max(Math.min(layout.x(toNs), layout.right) - x, 0.5);
  const lasts = timeText(toNs - fromNs);
  const told = `<title>${escapeText(`message ${message} is held back for ${lasts}`)}</title>`;
  const ids = { 'data-event': deliverId, 'data-receive': receiveId };
  return element('rect', { class: 'hold', x, y, width, height: LOOK_PX.bar, ...ids }, told);
}

/** Dots in the window; when there is a crowd, of each kind at each node one where it fits. */
export function drawDots(
  { dots, holds }: Story,
  layout: Layout,
  { room, isCrowded }: { readonly room: Room; readonly isCrowded: boolean },
): string {
  const { fromNs, toNs } = layout.window;
  const visible = dots.filter(({ atNs }) => atNs >= fromNs && atNs <= toNs);
  const held = new Set(holds.map(({ deliverId }) => deliverId));
  const seen = new Set<string>();
  // Rings first, so that what they lead to is drawn on them.
  const ordered = visible.toSorted((a, b) => rankOf(a) - rankOf(b));
  return ordered
    .map((dot) => {
      if (isCrowded) {
        const look = `${Math.round(layout.x(dot.atNs) / CROWD_PX)} ${dot.kind} ${dot.node}`;
        if (seen.has(look)) return '';
        seen.add(look);
      }
      const shape = drawDot(dot, layout, held.has(dot.id));
      if (isCrowded) return shape;
      const told = `<title>${escapeText(tell(dot))}</title>`;
      const text = drawDotLabel(dot, layout, room);
      return element('g', { class: 'dot', 'data-event': dot.id }, told, shape, text);
    })
    .join('\n');
}

const RANKS: Readonly<Record<Dot['kind'], number>> = {
  timer: 0,
  note: 1,
  submit: 2,
  receive: 3,
  deliver: 4,
};

function rankOf({ kind }: Dot): number {
  return RANKS[kind];
}

function tell({ kind, label, atNs, id }: Dot): string {
  return `${kind} ${label} at ${timeText(atNs)} (event ${id})`;
}

function drawDot(dot: Dot, layout: Layout, isHeld: boolean): string {
  const [cx, cy] = [layout.x(dot.atNs), layout.y(dot.node)];
  switch (dot.kind) {
    case 'receive':
      return element('circle', { class: 'receive', cx, cy, r: LOOK_PX.receive });
    case 'deliver':
      return element('circle', {
        class: 'deliver',
        cx,
        cy,
        r: isHeld ? LOOK_PX.held : LOOK_PX.deliver,
      });
    case 'timer':
      return element('line', { class: 'timer', x1: cx, y1: cy, x2: cx, y2: cy + LOOK_PX.tick });
    case 'note':
      return element('path', { class: 'note', d: `M${cx.toFixed(1)} ${cy.toFixed(1)}v-22` });
    case 'submit':
      return drawTriangle(cx, cy);
  }
}

/** Pointing down on the lane: from the application to the protocol. */
export function drawTriangle(x: number, y: number): string {
  return element('path', {
    class: 'submit',
    d: `M${x.toFixed(1)} ${(y - 1).toFixed(1)}l-4.5 -9h9z`,
  });
}

/** Notes are for reading; the number of a message, where there is room. */
function drawDotLabel({ kind, label, atNs, node }: Dot, layout: Layout, room: Room): string {
  if (kind === 'receive' || kind === 'timer') return '';
  const [x, lane] = [layout.x(atNs), layout.y(node)];
  const y = lane - LABEL_UP_PX[kind];
  const half = (label.length * LETTER_PX) / 2 + 1;
  if (!room.take({ left: x - half, right: x + half, top: y - 9, bottom: y + 3 })) return '';
  return element('text', { class: 'label', x, y }, escapeText(label));
}

const LABEL_UP_PX = { submit: 14, deliver: 9, note: 26 } as const;
