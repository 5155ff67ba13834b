/**
 * The lists on the right of a diagram: what each node has delivered until the end of the window, in
 * its order. Where two nodes delivered different things in the same place, the first such place is
 * marked, in red and underlined. Only where several nodes deliver: of one there is nothing to
 * compare.
 */

import type { Layout } from './layout.ts';
import type { Story } from './story.ts';
import { LETTER_PX } from './style.ts';
import { element, escapeText } from './svg.ts';

const WIDTH_PX = 150;
const GAP_PX = 18;
const LINE_PX = 13;
const MAX_LINES = 4;
const LETTERS = Math.floor((WIDTH_PX - GAP_PX) / LETTER_PX);
/** Shown before the difference, when not all fits. */
const BEFORE = 3;

/** How much room the lists of this story take; 0 where there are none. */
export function listsWidthPx({ dots }: Story): number {
  const nodes = new Set(dots.filter(({ kind }) => kind === 'deliver').map(({ node }) => node));
  return nodes.size > 1 ? WIDTH_PX : 0;
}

export function drawLists(story: Story, layout: Layout): string {
  if (listsWidthPx(story) === 0) return '';
  const lists = listsUntil(story, layout.window.toNs);
  const differs = firstDifference([...lists.values()]);
  const x = layout.right + GAP_PX;
  const head = element('text', { class: 'faint', x, y: layout.top - 34 }, 'delivered, in order');
  const drawn = [...lists].map(([node, labels]) => {
    const lines = wrap(labels, differs);
    const y = layout.y(node) + 4 - ((lines.length - 1) * LINE_PX) / 2;
    return lines
      .map((line, row) => element('text', { class: 'list', x, y: y + row * LINE_PX }, ...line))
      .join('');
  });
  return head + drawn.join('\n');
}

/** By node, in the order of delivery. */
function listsUntil({ dots }: Story, untilNs: number): ReadonlyMap<number, readonly string[]> {
  const lists = new Map<number, string[]>();
  for (const { kind, node, atNs, label } of dots) {
    if (kind !== 'deliver' || atNs > untilNs) continue;
    const list = lists.get(node);
    if (list) list.push(label);
    else lists.set(node, [label]);
  }
  return lists;
}

/** The first place in which two lists have different things; Infinity if they only end sooner. */
export function firstDifference(lists: readonly (readonly string[])[]): number {
  const longest = Math.max(0, ...lists.map(({ length }) => length));
  for (let place = 0; place < longest; place += 1) {
    const there = lists.filter(({ length }) => length > place).map((list) => list[place]);
    if (new Set(there).size > 1) return place;
  }
  return Infinity;
}

/** Lines of words as markup; what does not fit is left out at the front, or at the end. */
function wrap(labels: readonly string[], differs: number): readonly (readonly string[])[] {
  const all = linesFrom(labels, 0, differs);
  if (all.length <= MAX_LINES) return all;
  const start = differs < labels.length ? Math.max(0, differs - BEFORE) : labels.length;
  for (let from = Math.min(start, labels.length - 1); ; from -= 1) {
    const lines = linesFrom(labels, from, differs);
    // From the difference on, or as much of the end as there is room for.
    if (differs < labels.length || from === 0) return lines.slice(0, MAX_LINES);
    if (linesFrom(labels, from - 1, differs).length > MAX_LINES) return lines;
  }
}

function linesFrom(labels: readonly string[], from: number, differs: number): string[][] {
  const lines: string[][] = [[]];
  let letters = 0;
  const add = (text: string, markup: string): void => {
    if (letters > 0 && letters + 1 + text.length > LETTERS) {
      lines.push([]);
      letters = 0;
    }
    lines.at(-1)!.push(letters > 0 ? ` ${markup}` : markup);
    letters += text.length + (letters > 0 ? 1 : 0);
  };
  if (from > 0) add('…', '…');
  for (let place = from; place < labels.length; place += 1) {
    const text = labels[place]!;
    const plain = escapeText(text);
    add(text, place === differs ? element('tspan', { class: 'differs' }, plain) : plain);
  }
  return lines;
}
