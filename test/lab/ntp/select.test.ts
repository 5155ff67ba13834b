import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { intersection, isTruechimer, smallestInterval } from '../../../src/lab/ntp/select.ts';

type Pair = readonly [number, number];
const intervals = (pairs: readonly Pair[]) => pairs.map(([lowNs, highNs]) => ({ lowNs, highNs }));

describe('the smallest interval that most clocks agree on', () => {
  test.each<[string, readonly Pair[], Pair, number]>([
    [
      'all three',
      [
        [11, 13],
        [10, 12],
        [8, 12],
      ],
      [11, 12],
      3,
    ],
    [
      'two of three',
      [
        [8, 12],
        [11, 13],
        [14, 15],
      ],
      [11, 12],
      2,
    ],
    [
      'a point',
      [
        [8, 12],
        [10, 11],
        [8, 10],
      ],
      [10, 10],
      3,
    ],
    [
      'the shorter of two, which is first',
      [
        [8, 12],
        [10, 12],
        [8, 9],
      ],
      [8, 9],
      2,
    ],
    [
      'the shorter of two, which is last',
      [
        [7, 9],
        [7, 12],
        [10, 11],
      ],
      [10, 11],
      2,
    ],
    ['one alone', [[1, 5]], [1, 5], 1],
  ])('is that of %s', (_, pairs, [lowNs, highNs], truechimers) => {
    expect(smallestInterval(intervals(pairs))).toEqual({ lowNs, highNs, truechimers });
  });

  test('is nothing without clocks', () => {
    expect(smallestInterval([])).toBeUndefined();
    expect(intersection([])).toBeUndefined();
  });
});

/** Around a truth of 0, and liars elsewhere. */
const honest = fc
  .tuple(fc.integer({ min: 0, max: 50 }), fc.integer({ min: 0, max: 50 }))
  .map(([below, above]): Pair => [-below, above]);
const liar = fc
  .tuple(fc.integer({ min: -200, max: 200 }), fc.integer({ min: 0, max: 100 }))
  .map(([low, length]): Pair => [low, low + length]);

describe('with fewer liars than half', () => {
  const clocks = fc
    .integer({ min: 1, max: 6 })
    .chain((honestCount) =>
      fc.tuple(
        fc.array(honest, { minLength: honestCount, maxLength: honestCount }),
        fc.array(liar, { maxLength: honestCount - 1 }),
      ),
    );

  test('RFC 5905 §11.2.1 finds an interval that overlaps an honest one, or none', () => {
    fc.assert(
      fc.property(clocks, ([truthful, lying]) => {
        const found = intersection(intervals([...lying, ...truthful]));
        if (found === undefined) return;
        expect(truthful.some(([low, high]) => low <= found.highNs && found.lowNs <= high)).toBe(
          true,
        );
      }),
    );
  });

  test('and finds one when the honest ones’ best guesses are within each other’s bounds', () => {
    const near = fc
      .tuple(fc.integer({ min: -10, max: 10 }), fc.integer({ min: 20, max: 60 }))
      .map(([mid, half]): Pair => [mid - half, mid + half]);
    const sets = fc
      .integer({ min: 1, max: 6 })
      .chain((count) =>
        fc.tuple(
          fc.array(near, { minLength: count, maxLength: count }),
          fc.array(liar, { maxLength: count - 1 }),
        ),
      );
    fc.assert(
      fc.property(sets, ([truthful, lying]) => {
        const found = intersection(intervals([...lying, ...truthful]));
        expect(found).toBeDefined();
        const believed = intervals(truthful).filter((clock) => isTruechimer(clock, found!));
        const least = truthful.length - lying.length;
        expect(believed.length).toBeGreaterThanOrEqual(least);
        expect(found!.lowNs).toBeLessThanOrEqual(10);
        expect(found!.highNs).toBeGreaterThanOrEqual(-10);
      }),
    );
  });

  test('Marzullo’s interval overlaps that of an honest clock', () => {
    fc.assert(
      fc.property(clocks, ([truthful, lying]) => {
        const found = smallestInterval(intervals([...lying, ...truthful]))!;
        expect(found.truechimers).toBeGreaterThanOrEqual(truthful.length);
        expect(truthful.some(([low, high]) => low <= found.lowNs && found.highNs <= high)).toBe(
          true,
        );
      }),
    );
  });
});

test('two that contradict each other are no majority, and Marzullo picks one all the same', () => {
  const apart = intervals([
    [0, 2],
    [10, 11],
  ]);
  expect(intersection(apart)).toBeUndefined();
  expect(smallestInterval(apart)).toEqual({ lowNs: 10, highNs: 11, truechimers: 1 });
});

test('the intersection keeps the midpoints of those whom it believes, Marzullo’s does not', () => {
  const clocks = intervals([
    [0, 10],
    [4, 12],
    [9, 31],
  ]);
  expect(smallestInterval(clocks)).toEqual({ lowNs: 9, highNs: 10, truechimers: 3 });
  const found = intersection(clocks)!;
  expect(found).toEqual({ lowNs: 4, highNs: 12, truechimers: 2 });
  expect(clocks.map((clock) => isTruechimer(clock, found))).toEqual([true, true, false]);
});
