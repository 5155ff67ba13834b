/** Integers below a bound out of 32 random bits, without the bias of a bare remainder. */

import { assert } from '../wire/assert.ts';

const RANGE = 2 ** 32;

/**
 * An integer in [0, bound), each equally likely. Draws again when the value falls into the last,
 * incomplete copy of the range: less than every second time, whatever the bound.
 */
export function below(bound: number, nextUint32: () => number): number {
  assert(Number.isInteger(bound) && bound >= 1 && bound <= RANGE, 'bound is in 1..2^32');
  const limit = RANGE - (RANGE % bound);
  for (;;) {
    const value = nextUint32();
    if (value < limit) return value % bound;
  }
}
