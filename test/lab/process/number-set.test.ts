import { expect, test } from 'vitest';
import * as fc from 'fast-check';

import { NumberSet } from '../../../src/lab/process/number-set.ts';

test('numbers in any order are the same set as in a Set, with the smallest that is missing', () => {
  fc.assert(
    fc.property(fc.array(fc.nat({ max: 40 })), (numbers) => {
      const set = new NumberSet();
      const model = new Set<number>();
      for (const number of numbers) {
        expect(set.add(number)).toBe(!model.has(number));
        model.add(number);
        let floor = 0;
        while (model.has(floor)) floor += 1;
        expect(set.floor).toBe(floor);
        expect(set.size).toBe(model.size);
      }
      expect(Array.from({ length: 41 }, (_, n) => set.has(n))).toEqual(
        Array.from({ length: 41 }, (_, n) => model.has(n)),
      );
      expect(set.above()).toEqual(
        [...model].filter((n) => n > set.floor).toSorted((a, b) => a - b),
      );
    }),
  );
});
