import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { countInversions } from '../../../src/lab/order/inversions.ts';

test('pairs in another order are counted as by looking at each pair', () => {
  const orders = fc.tuple(
    fc.uniqueArray(fc.nat(20), { maxLength: 12 }),
    fc.uniqueArray(fc.nat(20), { maxLength: 12 }),
  );
  fc.assert(
    fc.property(orders, ([a, b]) => {
      const shared = b.filter((message) => a.includes(message));
      const pairs = shared.flatMap((x, i) => shared.slice(i + 1).map((y) => [x, y] as const));
      const inverted = pairs.filter(([x, y]) => a.indexOf(x) > a.indexOf(y));
      expect(countInversions(a, b)).toBe(inverted.length);
    }),
  );
});
