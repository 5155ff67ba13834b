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

interface Moment {
  readonly seconds: number;
  readonly resolver: { readonly liveMb: number; readonly rssMb: number };
}

interface Memory {
  memoryOf(
    run: { readonly samples: readonly Moment[]; readonly isLong: boolean; readonly rate: number },
    role: 'resolver',
  ): { readonly problems: readonly string[] };
}

// The tools are JavaScript, whose types this project does not see.
const load = (name: string): Promise<unknown> =>
  import(new URL(`../bench/soak/${name}`, import.meta.url).href);
const { quantile, trendOf } = (await load('trend.mjs')) as Statistics;
const { memoryOf } = (await load('memory.mjs')) as Memory;
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

describe('the judgement of memory', () => {
  const RATE = 100;
  const MIB = 2 ** 20;

  /** Half an hour as it was seen: what is alive within 0.8 MB, what is resident anywhere. */
  function halfAnHour(leakedOctets: number, residentMb = 130): Moment[] {
    const random = createRandom(1);
    return Array.from({ length: 360 }, (_, i) => {
      const seconds = i * SECONDS_APART;
      const liveMb = 25.9 + 0.8 * random() + (leakedOctets * RATE * seconds) / MIB;
      return { seconds, resolver: { liveMb, rssMb: residentMb + 70 * random() } };
    });
  }

  const problemsOf = (samples: readonly Moment[], isLong = true): readonly string[] =>
    memoryOf({ samples, isLong, rate: RATE }, 'resolver').problems;

  test('what is alive is flat, while what is resident goes up and down', () => {
    expect(problemsOf(halfAnHour(0))).toEqual([]);
  });

  test.each([8, 16, 64, 1000])('a leak of %i octets for every question is seen', (octets) => {
    expect(problemsOf(halfAnHour(octets))[0]).toMatch(/^live memory grows by /);
  });

  test('more resident than is allowed is seen though nothing leaks', () => {
    expect(problemsOf(halfAnHour(0, 200))[0]).toMatch(/MB resident, of 256 at most$/);
  });

  test('a minute is enough to see a leak of a record for every question', () => {
    const minute = (octets: number): Moment[] => halfAnHour(octets).slice(0, 60);
    expect(problemsOf(minute(0), false)).toEqual([]);
    expect(problemsOf(minute(400), false)).toHaveLength(1);
  });
});

test('quantiles', () => {
  expect(quantile([3, 1, 2], 0.5)).toBe(2);
  expect(quantile([3, 1, 2], 0.99)).toBe(3);
});
