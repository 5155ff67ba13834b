import { describe, expect, test } from 'vitest';
import * as fc from 'fast-check';

import { sequenceSpace } from '../../../src/lab/transport/sequence-space.ts';

describe('sequence numbers of few bits (RFC 1982)', () => {
  test.each([
    [3, 0, 0, 0],
    [3, 7, 8, 7],
    [3, 1, 8, 9],
    // Half the space away is taken for the one before.
    [3, 4, 8, 4],
    [3, 3, 8, 11],
    [1, 1, 4, 3],
    [1, 0, 4, 4],
    [32, 0, 2 ** 32, 2 ** 32],
  ])('%d bits: %d near %d is %d', (bits, wire, base, full) => {
    expect(sequenceSpace(bits).near(wire, base)).toBe(full);
  });

  test('whatever is within half the space is understood, whatever the first number', () => {
    const cases = fc.record({
      bits: fc.integer({ min: 1, max: 32 }),
      first: fc.nat({ max: 2 ** 32 - 1 }),
      base: fc.nat({ max: 2 ** 40 }),
      share: fc.double({ min: 0, max: 1, noNaN: true }),
    });
    fc.assert(
      fc.property(cases, ({ bits, first, base, share }) => {
        const space = sequenceSpace(bits, first);
        expect(space.wrap(0)).toBe(first % 2 ** bits);
        const ahead = Math.floor(share * (2 ** bits - 1));
        const number = base - 2 ** (bits - 1) + ahead;
        expect(space.near(space.wrap(number), base)).toBe(number);
        expect(space.from(space.wrap(base + ahead), base)).toBe(base + ahead);
      }),
    );
  });
});
