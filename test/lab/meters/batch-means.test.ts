import { describe, expect, test } from 'vitest';

import { BatchMeans, MIN_SAMPLES } from '../../../src/lab/meters/batch-means.ts';
import { SeededRandom } from '../../../src/sim/random.ts';

const SERIES = 600;
const LENGTH = 8192;

/** A first-order autoregression with mean 0: each sample remembers `memory` of the one before. */
function* autoregression(seed: string, memory: number): Generator<number> {
  const random = new SeededRandom(seed, 'noise');
  // The sum of twelve uniform numbers is nearly normal.
  const noise = (): number => {
    let sum = -6;
    for (let draw = 0; draw < 12; draw += 1) sum += random.uint32() / 2 ** 32;
    return sum;
  };
  let sample = noise() / Math.sqrt(1 - memory ** 2);
  for (let count = 0; count < LENGTH; count += 1) {
    yield sample;
    sample = memory * sample + noise();
  }
}

/** How many of the series have their true mean, 0, within so many standard errors. */
function coverage(memory: number, errors: number): { batched: number; naive: number } {
  let batched = 0;
  let naive = 0;
  for (let series = 0; series < SERIES; series += 1) {
    const means = new BatchMeans();
    let squares = 0;
    for (const sample of autoregression(`${memory} ${series}`, memory)) {
      means.add(sample);
      squares += sample ** 2;
    }
    const standardError = means.standardError ?? NaN;
    if (Math.abs(means.mean) <= errors * standardError) batched += 1;
    if (Math.abs(means.mean) <= errors * (Math.sqrt(squares / LENGTH) / Math.sqrt(LENGTH))) {
      naive += 1;
    }
  }
  return { batched: batched / SERIES, naive: naive / SERIES };
}

describe('the standard error by batch means', () => {
  test.each([0, 0.5, 0.8])('holds what it promises when neighbours share %d', (memory) => {
    // 99.9 % are promised: of 600, more than five outside would come once in a thousand tests.
    expect(coverage(memory, 3.29).batched).toBeGreaterThanOrEqual(1 - 5 / SERIES);
    // And it is no wider than need be: 95 % lie within 1.96 of it, and a little more.
    const { batched } = coverage(memory, 1.96);
    expect(batched).toBeGreaterThan(0.92);
    expect(batched).toBeLessThan(0.985);
  });

  test('the naive one, as if samples were independent, does not', () => {
    expect(coverage(0.8, 3.29).naive).toBeLessThan(0.85);
  });

  test('there is none of too few samples', () => {
    const means = new BatchMeans();
    for (let count = 1; count < MIN_SAMPLES; count += 1) means.add(count);
    expect(means.standardError).toBeUndefined();
    means.add(1);
    expect(means.standardError).toBeGreaterThan(0);
  });

  test('is 0 of what never varies, and the mean is exact', () => {
    const means = new BatchMeans();
    for (let count = 0; count < 5000; count += 1) means.add(7);
    expect([means.mean, means.standardError]).toEqual([7, 0]);
  });
});
