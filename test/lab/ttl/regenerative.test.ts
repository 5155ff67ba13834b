import { describe, expect, test } from 'vitest';

import { RegenerativeRatio, SampleMean } from '../../../src/lab/ttl/regenerative.ts';
import { SeededRandom } from '../../../src/sim/random.ts';
import { poisson } from '../../../src/lab/ttl/arrivals.ts';

/** Cycles of a cache: one miss, then a Poisson number of hits with mean `mean`. */
function cyclesOf(mean: number, count: number, seed: string): RegenerativeRatio {
  const gaps = poisson(1000, new SeededRandom(seed, 'test'));
  const ratio = new RegenerativeRatio();
  for (let cycle = 0; cycle < count; cycle += 1) {
    let hits = 0;
    for (let left = mean - gaps()!; left > 0; left -= gaps()!) hits += 1;
    ratio.add(hits, hits + 1);
  }
  return ratio;
}

describe('the regenerative method', () => {
  test('its interval of two standard errors holds the truth as often as it says', () => {
    const truth = 5 / 6;
    let held = 0;
    for (let run = 0; run < 500; run += 1) {
      const { value, standardError } = cyclesOf(5, 200, String(run));
      if (Math.abs(value - truth) < 1.96 * standardError) held += 1;
    }
    // 95 %, give or take four standard deviations of 500 draws.
    expect(held / 500).toBeGreaterThan(0.91);
    expect(held / 500).toBeLessThan(0.99);
  });

  test('knows nothing of the spread of one cycle', () => {
    const ratio = new RegenerativeRatio();
    ratio.add(1, 2);
    expect(ratio).toMatchObject({ value: 0.5, standardError: Infinity });
  });
});

test('a mean of samples has the standard error of the textbook', () => {
  const mean = new SampleMean();
  for (const sample of [1, 2, 3, 4]) mean.add(sample);
  const { value, standardError } = mean.measurement('count');
  expect(value).toBe(2.5);
  expect(standardError).toBeCloseTo(Math.sqrt(5 / 3 / 4), 9);
  expect(mean.max).toBe(4);
});
