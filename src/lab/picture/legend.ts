/** Says what the signs of a diagram mean: those that are in it, and no others. */

import { drawCross } from './draw-flights.ts';
import { drawTriangle } from './draw-nodes.ts';
import type { Layout } from './layout.ts';
import type { Story } from './story.ts';
import { LETTER_PX, tagColor } from './style.ts';
import { element, escapeText } from './svg.ts';

interface Entry {
  readonly text: string;
  /** Drawn around (0, 0), 24 pixels wide. */
  readonly sign: string;
}

const SIGN_PX = 34;
const GAP_PX = 18;
const ROW_PX = 20;

export interface Legend {
  readonly heightPx: number;
  draw(layout: Layout): string;
}

export function legendOf(story: Story, width: number): Legend {
  const left = 24;
  let [x, row] = [left, 0];
  const placed = entriesOf(story).map(({ text, sign }) => {
    const needed = SIGN_PX + text.length * LETTER_PX;
    if (x > left && x + needed > width - left) [x, row] = [left, row + 1];
    const place = { x, row, text, sign };
    x += needed + GAP_PX;
    return place;
  });
  const heightPx = (row + 1) * ROW_PX + 8;
  return {
    heightPx,
    draw: ({ height }) => {
      const top = height - heightPx + 12;
      return placed
        .map((place) => {
          const move = `translate(${place.x + 12} ${top + place.row * ROW_PX})`;
          const text = element('text', { x: 20, y: 4 }, escapeText(place.text));
          return element('g', { transform: move }, place.sign, text);
        })
        .join('\n');
    },
  };
}

function entriesOf({ flights, dots, holds, spans, tags }: Story): readonly Entry[] {
  const has = (kind: string): boolean => dots.some((dot) => dot.kind === kind);
  const spanned = (kind: string): boolean => spans.some((span) => span.kind === kind);
  const line = (look: string, color?: string): string => {
    const style = color === undefined ? 'stroke:currentColor' : `stroke:${color}`;
    return element('line', { class: `flight ${look}`, style, x1: -12, y1: -5, x2: 12, y2: 5 });
  };
  const dot = (look: string, r: number): string => element('circle', { class: look, r });
  const box = (look: string, fill?: string): string =>
    element('rect', { class: look, fill, x: -12, y: -6, width: 24, height: 12 });
  const all: readonly (readonly [boolean, string, string])[] = [
    ...tags.map(
      (tag, index) => [true, tag, line(index > 0 ? 'second' : '', tagColor(index))] as const,
    ),
    [flights.some(({ fate }) => fate === 'lost'), 'lost', line('') + drawCross(12, 5)],
    [flights.some(({ isAgain }) => isAgain), 'sent again or doubled', line('again')],
    [flights.some(({ fate }) => fate === 'under way'), 'under way at the end', line('away')],
    [has('submit'), 'handed down', drawTriangle(0, 5)],
    [has('receive'), 'receive', dot('receive', 5)],
    [has('deliver'), 'deliver', dot('deliver', 4)],
    [
      holds.length > 0,
      'held back',
      element('rect', { class: 'hold', x: -12, y: -3, width: 24, height: 6 }),
    ],
    [has('timer'), 'timer', element('line', { class: 'timer', x1: 0, y1: -4, x2: 0, y2: 4 })],
    [has('note'), 'remark', element('path', { class: 'note', d: 'M0 6v-12' })],
    [spanned('down'), 'down', box('down', 'url(#hatched)')],
    [spanned('paused'), 'paused', box('paused', 'url(#speckled)')],
    [spanned('cut'), 'network cut', box('cut wash')],
  ];
  return all.filter(([isThere]) => isThere).map(([, text, sign]) => ({ text, sign }));
}
