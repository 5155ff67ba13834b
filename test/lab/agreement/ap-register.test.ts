/** D4: always available, and what becomes of conflicts. */

import { describe, expect, test } from 'vitest';

import { MERGES } from '../../../src/lab/agreement/replicas/replica-options.ts';
import { expectAgreement, measured, MS, run, violatedBy } from '../order/runs.ts';

const CUT = { cut: 500 * MS, gap: 20 * MS };

describe('D4, the register that is always available', () => {
  test.each(MERGES)('costs and loses what it should: %s', (merge) => {
    expectAgreement(run('D4', { values: { merge, writers: 5 } }), 6);
  });

  test.each(MERGES)('goes on while the network is divided, and agrees afterwards: %s', (merge) => {
    const played = run('D4', { values: { merge, ...CUT } });
    expectAgreement(played, 5);
    expect(measured(played, 'cut.left')).toBe(1);
    expect(measured(played, 'cut.right')).toBe(1);
  });

  test.each(['one', 'bridge', 'one-way', 'flapping', 'thirds'] as const)(
    'agrees after any division: %s',
    (sides) => {
      const played = run('D4', { values: { merge: 'mvr', nodes: 9, writers: 4, sides, ...CUT } });
      expect(violatedBy(played)).toEqual([]);
      expect(measured(played, 'cut.writes')).toBe(1);
      expect(measured(played, 'lostUpdates')).toBe(0);
    },
  );

  test('of k who write together the last one wins: k − 1 a conflict are lost', () => {
    for (const writers of [1, 2, 3, 5]) {
      const played = run('D4', { values: { merge: 'lww-hlc', writers, rounds: 10 } });
      expect(measured(played, 'lostUpdates')).toBe(10 * (writers - 1));
      expect(measured(played, 'conflicts')).toBe(writers > 1 ? 10 : 0);
    }
  });

  test('each side of a division loses nothing but the end of one: one write', () => {
    const played = run('D4', { values: { merge: 'lww-hlc', ...CUT } });
    expect(measured(played, 'lostUpdates')).toBe(1);
    expect(measured(played, 'cut.stale')).toBeGreaterThan(0.3);
  });

  test('a wall clock loses writes that knew what they replaced; a hybrid one never', () => {
    const values = { gap: 30 * MS, skew: 200 * MS };
    const lost = (merge: string): number | undefined =>
      measured(run('D4', { values: { merge, ...values } }), 'lostUpdates');
    expect(lost('lww-wall')).toBe(19);
    expect(lost('lww-hlc')).toBe(0);
  });

  test('who sees several dates and writes the latest ends the conflict', () => {
    const values = { merge: 'mvr', writers: 5, rounds: 1 };
    const shown = (resolve: boolean): number | undefined =>
      measured(run('D4', { values: { ...values, resolve } }), 'siblings.max');
    expect(shown(true)).toBe(5);
    const { comparisons } = run('D4', { values: { ...values, resolve: true } });
    expect(comparisons.find(({ metric }) => metric === 'updates')!.measured!.value).toBe(10);
  });
});
