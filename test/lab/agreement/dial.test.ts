/**
 * D5, the dial: what a read misses by N, R and W, and who is served on which side of a division.
 */

import { describe, expect, test } from 'vitest';

import { findWorldExperiment } from '../../../src/lab/experiment/registry.ts';
import { playWorld } from '../../../src/lab/experiment/world-experiment.ts';
import { expectAgreement, measured, MS, run, violatedBy } from '../order/runs.ts';

describe('G11: of three, two thirds, one third, none of the reads are stale', () => {
  test.each([
    [1, 1, 2 / 3],
    [1, 2, 1 / 3],
    [2, 1, 1 / 3],
    [2, 2, 0],
    [1, 3, 0],
  ])('R = %d, W = %d', (r, w, share) => {
    const played = run('D5', { values: { r, w, messages: 1100 } });
    expectAgreement(played, share > 0 ? 5 : 3);
    const row = played.comparisons.find(({ metric }) => metric === 'stale.reads')!;
    expect(row.predicted!.value).toBeCloseTo(share, 12);
  });

  test('N = 5, R = 2, W = 2: C(3, 2) / C(5, 2) = 0.3, and its square and cube', () => {
    const played = run('D5', { values: { n: 5, r: 2, w: 2, messages: 1100 } });
    expectAgreement(played, 5);
    const predicted = played.comparisons.flatMap(({ predicted: one }) => one ?? []);
    const stale = predicted.filter(({ metric }) => metric.startsWith('stale'));
    expect(stale.map(({ value }) => Number(value.toFixed(12)))).toEqual([0.3, 0.09, 0.027]);
  });
});

describe('what makes a read see more', () => {
  const HASTY = { ask: 'all', wait: 0, jitter: 30 * MS, messages: 300, reads: 2 };
  const stale = (values: Readonly<Record<string, string | number | boolean>>): number =>
    measured(run('D5', { values: { ...HASTY, ...values } }), 'stale.reads') ?? NaN;

  test('asking all, and waiting', () => {
    expect(stale({})).toBeGreaterThan(stale({ wait: 90 * MS }));
  });

  test('where each answers by itself, it is e to the minus time, over the mean delay', () => {
    const alone = { nodes: 3, ask: 'all', jitter: 30 * MS, messages: 1100 };
    for (const wait of [0, 40 * MS]) {
      const played = run('D5', { values: { ...alone, wait } });
      const row = played.comparisons.find(({ metric }) => metric === 'stale.reads')!;
      expect(row.verdict).toBe('agrees');
      const share = wait === 0 ? 2 / 3 : (2 / 3) * Math.exp(-1);
      expect(row.predicted!.value).toBeCloseTo(share, 9);
    }
  });

  test('a request of a higher level, among others that are stale', () => {
    const played = run('D5', { values: { w: 2, strong: 4, messages: 600 } });
    expect(violatedBy(played)).toEqual([]);
    expect(measured(played, 'stale.strong')).toBe(0);
    expect(measured(played, 'stale.reads')).toBeGreaterThan(0.2);
  });

  test('repair and anti-entropy, where only some are written to', () => {
    const few = { ask: 'quorum', messages: 120, reads: 4, jitter: 0, wait: 50 * MS };
    const never = stale(few);
    expect(stale({ ...few, r: 2, repair: 'after' })).toBeLessThan(stale({ ...few, r: 2 }));
    expect(stale({ ...few, period: 20 * MS })).toBeLessThan(never / 2);
  });
});

describe('while the network is divided, two homes on the left, one on the right', () => {
  const CUT = { ask: 'all', cut: 1000 * MS, outage: 2000 * MS, interval: 50 * MS, messages: 80 };
  const sides = (values: Readonly<Record<string, string | number | boolean>>) => {
    const played = run('D5', { values: { ...CUT, ...values } });
    expect(violatedBy(played)).toEqual([]);
    return [measured(played, 'cut.left'), measured(played, 'cut.right')];
  };

  test('R = W = 1 serves both, R = W = 2 one, W = 3 none', () => {
    expect(sides({ r: 1, w: 1 })).toEqual([1, 1]);
    expect(sides({ r: 2, w: 2 })).toEqual([1, 0]);
    expect(sides({ r: 1, w: 3 })).toEqual([0, 0]);
  });

  test('a sloppy quorum of two serves both, and hands over afterwards', () => {
    expect(sides({ r: 2, w: 2, sloppy: true })).toEqual([1, 1]);
    const values = { ...CUT, r: 2, w: 2, sloppy: true };
    const played = run('D5', { values });
    expect(measured(played, 'hints')).toBeGreaterThan(0);
    expect(violatedBy(run('D5', { values: { ...values, period: 50 * MS } }))).toEqual([]);
  });
});

test.each([
  [1000, 1000],
  [1000, 1300],
  [2000, 4700],
  [2000, 5000],
])('D5b agrees with theory: a cut at %d ms, for %d ms', async (cut, outage) => {
  const values = { cut: cut * MS, outage: outage * MS };
  const { comparisons } = await playWorld(findWorldExperiment('D5b')!, values, { seed: '1' });
  expect(comparisons.filter(({ verdict }) => verdict === 'disagrees')).toEqual([]);
});
