/** The judgement of a soak test: a leak is seen, and what garbage collection does is none. */
import { describe, expect, test } from 'vitest';

interface Point {
  readonly seconds: number;
  readonly value: number;
}

interface Statistics {
  quantile(values: readonly number[], share: number): number;
  trendOf(points: readonly Point[]): Record<'perHour' | 'leastPerHour' | 'mostPerHour', number>;
}

// The tools are JavaScript, whose types this project does not see.
const load = (name: string): Promise<unknown> =>
  import(new URL(`../bench/soak/${name}`, import.meta.url).href);
const { quantile, trendOf } = (await load('trend.mjs')) as Statistics;
const { createRandom } = (await load('random.mjs')) as {
  createRandom(seed: number): () => number;
};

const SAMPLES = 240;
const SECONDS_APART = 5;

/** A sawtooth of 20 MB with noise, as collections of garbage make it, and what grows below. */
function memory(growthPerHour: number, seed: number): Point[] {
  const random = createRandom(seed);
  return Array.from({ length: SAMPLES }, (_, i) => {
    const seconds = i * SECONDS_APART;
    const value = 150 + (i % 13) + 8 * random() + (growthPerHour * seconds) / 3600;
    return { seconds, value };
  });
}

describe('the trend of memory', () => {
  test.each([1, 2, 3, 4, 5])('a sawtooth is flat (seed %i)', (seed) => {
    const { leastPerHour, mostPerHour } = trendOf(memory(0, seed));
    expect(leastPerHour).toBeLessThan(1);
    expect(mostPerHour).toBeGreaterThan(-1);
  });

  test.each([1, 2, 3, 4, 5])('20 MB an hour below a sawtooth are found (seed %i)', (seed) => {
    const { perHour, leastPerHour } = trendOf(memory(20, seed));
    expect(leastPerHour).toBeGreaterThan(1);
    expect(perHour).toBeGreaterThan(10);
    expect(perHour).toBeLessThan(30);
  });

  test('one sample far off is no slope', () => {
    const points = memory(0, 1).map(({ seconds, value }, i) => {
      return { seconds, value: i === SAMPLES / 2 ? value + 500 : value };
    });
    expect(trendOf(points).leastPerHour).toBeLessThan(1);
  });

  test('too few samples are refused', () => {
    expect(() => trendOf(memory(0, 1).slice(0, 11))).toThrow('11 samples are too few');
  });
});

test('quantiles', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([3, 1, 2], 0.99)).toBe(3);
});
