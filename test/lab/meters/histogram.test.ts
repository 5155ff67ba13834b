import { describe, expect, test } from 'vitest';

import { Histogram } from '../../../src/lab/meters/histogram.ts';

describe('a histogram of durations', () => {
  test('quantiles are within one percent, over nine decades', () => {
    const histogram = new Histogram();
    const samples = Array.from({ length: 1000 }, (_, index) => Math.round(1.021 ** index));
    for (const sample of samples) histogram.add(sample);
    for (const share of [0.01, 0.5, 0.9, 0.99, 1]) {
      const truth = samples[Math.ceil(share * 1000) - 1] ?? NaN;
      expect(histogram.quantile(share)).toBeGreaterThanOrEqual(truth);
      expect(histogram.quantile(share)).toBeLessThanOrEqual(truth * 1.01);
    }
  });

  test('equal values are reported exactly, 0 too', () => {
    const histogram = new Histogram();
    histogram.add(0);
    for (let count = 0; count < 99; count += 1) histogram.add(24_000_001);
    expect([histogram.quantile(0.01), histogram.quantile(0.5), histogram.largest]).toEqual([
      0, 24_000_001, 24_000_001,
    ]);
    expect(histogram.count).toBe(100);
  });

  test('of nothing is 0', () => {
    expect(new Histogram().quantile(0.5)).toBe(0);
  });
});
