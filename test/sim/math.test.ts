import { describe, expect, test } from 'vitest';

import { exp, log } from '../../src/sim/math.ts';
import { SeededRandom } from '../../src/sim/random.ts';

/** The double as 16 hexadecimal digits. */
function bitsOf(value: number): string {
  const view = new DataView(new ArrayBuffer(8));
  view.setFloat64(0, value);
  return view.getBigUint64(0).toString(16).padStart(16, '0');
}

// Golden bits of java.lang.StrictMath, which is fdlibm too.
describe('the same bits on every machine', () => {
  test.each([
    [0.5, 'bfe62e42fefa39ef'],
    [2, '3fe62e42fefa39ef'],
    [10, '40026bb1bbb55516'],
    [1 + 2 ** -30, '3e0fffffffc00000'],
    [1e-300, 'c085963447f87fb5'],
    [5e-324, 'c0874385446d71c3'],
    [1, '0000000000000000'],
    [0, 'fff0000000000000'],
    [Infinity, '7ff0000000000000'],
  ])('log(%d)', (x, bits) => {
    expect(bitsOf(log(x))).toBe(bits);
  });

  test.each([
    [1, '4005bf0a8b14576a'],
    [-1, '3fd78b56362cef38'],
    [0.1, '3ff1aec7b35a00d4'],
    [700, '7f0d945df4f8ec8e'],
    [-740, '0000000000000055'],
    [0, '3ff0000000000000'],
    [710, '7ff0000000000000'],
    [-746, '0000000000000000'],
  ])('exp(%d)', (x, bits) => {
    expect(bitsOf(exp(x))).toBe(bits);
  });

  test('what is no logarithm is NaN', () => {
    expect([log(-1), log(NaN), exp(NaN)]).toEqual([NaN, NaN, NaN]);
  });

  test('nowhere far from what the engine computes', () => {
    const random = new SeededRandom('1', 'arguments');
    for (let count = 0; count < 200_000; count += 1) {
      const x = (random.uint32() + 1) / 2 ** 32;
      expect(Math.abs(log(x) - Math.log(x))).toBeLessThan(4e-15 * Math.abs(Math.log(x)) + 1e-300);
      const y = (x - 0.5) * 1400;
      expect(Math.abs(exp(y) / Math.exp(y) - 1)).toBeLessThan(4e-15);
    }
  });
});
