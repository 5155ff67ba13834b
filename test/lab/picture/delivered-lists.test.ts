import { describe, expect, test } from 'vitest';

import { firstDifference } from '../../../src/lab/picture/delivered-lists.ts';
import { drawDiagram } from '../../../src/lab/picture/diagram.ts';
import type { Dot, Story } from '../../../src/lab/picture/story.ts';

const MS = 1_000_000;

/** Each node delivers its messages one after the other, a millisecond apart. */
function storyOf(lists: readonly (readonly number[])[]): Story {
  const dots = lists.flatMap((messages, node) =>
    messages.map((message, place): Dot => {
      const id = node * 100 + place;
      return { id, kind: 'deliver', node, atNs: (place + 1) * MS, label: String(message) };
    }),
  );
  const endNs = Math.max(...dots.map(({ atNs }) => atNs));
  return { flights: [], dots, holds: [], spans: [], tags: [], endNs };
}

function listsOf(lists: readonly (readonly number[])[], untilNs = 1000 * MS): readonly string[] {
  const nodes = lists.map((_, node) => `node ${node}`);
  const window = { fromNs: 0, toNs: untilNs };
  const { markup } = drawDiagram(storyOf(lists), { title: '', nodes, window });
  const lines = [...markup.matchAll(/<text class="list"[^>]*>(.*?)<\/text>/g)];
  return lines.map(([, line = '']) =>
    line.replaceAll(/<tspan class="differs">(.*?)<\/tspan>/g, '[$1]'),
  );
}

describe('what each node has delivered stands to the right of its lane', () => {
  test('in its order, and where two differ first is marked', () => {
    expect(listsOf([[0, 1, 2], [0, 2, 1], [0]])).toEqual(['0 [1] 2', '0 [2] 1', '0']);
  });

  test('a node that is behind is not one that differs', () => {
    expect(listsOf([[0, 1, 2], [0]])).toEqual(['0 1 2', '0']);
    expect(firstDifference([['0', '1', '2'], ['0'], []])).toBe(Infinity);
  });

  test('until the end of the window', () => {
    expect(
      listsOf(
        [
          [0, 1],
          [1, 0],
        ],
        1.5 * MS,
      ),
    ).toEqual(['[0]', '[1]']);
  });

  test('long lists are cut at the front, but never behind the difference', () => {
    const long = Array.from({ length: 90 }, (_, message) => message);
    const cut = listsOf([long, [...long]]);
    expect(cut).toHaveLength(8);
    expect(cut[0]).toMatch(/^… \d/);
    expect(cut[3]).toMatch(/ 89$/);
    const swapped = [...long.slice(0, 40), 41, 40, ...long.slice(42)];
    const [first, ...rest] = listsOf([long, swapped]);
    expect(first).toBe('… 37 38 39 [40] 41 42');
    expect(rest.join('\n')).toContain('[41]');
  });

  test('of a single receiver there is nothing to compare', () => {
    expect(listsOf([[], [0, 1, 2]])).toEqual([]);
  });
});
