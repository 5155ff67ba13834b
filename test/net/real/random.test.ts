import { expect, test } from 'vitest';

import { createRandom } from '../../../src/net/real/random.ts';
import { chiSquare } from '../../sim/chi-square.ts';

const DRAWS = 20_000;

test('ids and bounded integers are spread evenly', () => {
  const random = createRandom();
  const ids = Array.from({ length: DRAWS }, () => random.uint16() >>> 12);
  const small = Array.from({ length: DRAWS }, () => random.below(10));
  // 15 and 9 degrees of freedom: passed once in 10^5 runs.
  expect(chiSquare(ids, 16)).toBeLessThan(50);
  expect(chiSquare(small, 10)).toBeLessThan(42);
});

test('the pool is filled again and never repeats', () => {
  const random = createRandom();
  const seen = new Set(Array.from({ length: DRAWS }, () => random.below(2 ** 32)));
  // Two draws of 20000 are equal by chance 0.05 times; twenty times never.
  expect(seen.size).toBeGreaterThan(DRAWS - 20);
});

test('a buffer is filled to its end', () => {
  const bytes = Buffer.alloc(20_000);
  const random = createRandom();
  random.fill(bytes);
  expect(bytes.subarray(-16).some((byte) => byte !== 0)).toBe(true);
});

test('short buffers are all different, whatever was drawn between them', () => {
  const random = createRandom();
  const seen = new Set<string>();
  for (let i = 0; i < DRAWS; i++) {
    const bytes = Buffer.alloc(8 + (i % 57));
    random.fill(bytes);
    random.uint16();
    seen.add(bytes.subarray(0, 8).toString('hex'));
  }
  expect(seen.size).toBe(DRAWS);
  // Octets that are wiped before they are handed out would show here.
  expect(seen).not.toContain('0'.repeat(16));
});
