import { describe, expect, test } from 'vitest';

import {
  chooser,
  diurnal,
  type Gaps,
  periodic,
  poisson,
  recorded,
  zipfShares,
} from '../../../src/lab/ttl/arrivals.ts';
import { SeededRandom } from '../../../src/sim/random.ts';

const COUNT = 20_000;
const random = (): SeededRandom => new SeededRandom('1', 'test');
const take = (gaps: Gaps, count: number): number[] =>
  Array.from({ length: count }, () => gaps() ?? NaN);
const mean = (values: readonly number[]): number =>
  values.reduce((sum, value) => sum + value, 0) / values.length;

describe('arrivals', () => {
  test('of a Poisson process are exponential: the mean, and as much spread', () => {
    const gaps = take(poisson(2, random()), COUNT);
    const average = mean(gaps);
    const spread = Math.sqrt(mean(gaps.map((gap) => (gap - average) ** 2)));
    expect(average).toBeGreaterThan(485);
    expect(average).toBeLessThan(515);
    expect(spread / average).toBeGreaterThan(0.95);
    expect(spread / average).toBeLessThan(1.05);
  });

  test('of a monitor come at its period', () => {
    expect(take(periodic(10, 3), 3)).toEqual([3, 10, 10]);
  });

  test('over the day come at noon and not at midnight, and as many as asked for', () => {
    let nowMs = 0;
    const hours = new Array<number>(24).fill(0);
    for (const gap of take(diurnal(1, 1, random()), 3 * 86_400)) {
      nowMs += gap;
      hours[Math.floor(nowMs / 3_600_000) % 24]! += 1;
    }
    expect(hours[12]! / hours[0]!).toBeGreaterThan(10);
    expect(nowMs / 86_400_000).toBeGreaterThan(2.9);
    expect(nowMs / 86_400_000).toBeLessThan(3.1);
  });

  test('of a query log come when they did, and end', () => {
    const gaps = recorded([5, 7, 7]);
    expect([gaps(), gaps(), gaps(), gaps()]).toEqual([5, 2, 0, undefined]);
  });
});

test("names are drawn in Zipf's proportions", () => {
  const shares = zipfShares(3, 1);
  expect(shares.map((share) => Math.round(share * 110))).toEqual([60, 30, 20]);
  const choose = chooser(shares, random());
  const counts = [0, 0, 0];
  for (let draw = 0; draw < COUNT; draw += 1) counts[choose()]! += 1;
  for (const [index, share] of shares.entries()) {
    expect(Math.abs(counts[index]! / COUNT - share)).toBeLessThan(0.015);
  }
});
