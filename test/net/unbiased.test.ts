import { expect, test } from 'vitest';

import { below } from '../../src/net/unbiased.ts';

test('the incomplete last copy of the range is drawn again, so nothing comes more often', () => {
  const draws = [2 ** 32 - 1, 7];
  expect(below(10, () => draws.shift() ?? 0)).toBe(7);
  expect(draws).toEqual([]);
});

test('the whole range and a single value are bounds like any other', () => {
  expect(below(2 ** 32, () => 2 ** 32 - 1)).toBe(2 ** 32 - 1);
  expect(below(1, () => 12345)).toBe(0);
});

test.each([0, -1, 1.5, Number.NaN, 2 ** 32 + 1])('%d is not a bound', (bound) => {
  expect(() => below(bound, () => 0)).toThrow();
});
