/** Two propose: duels that never end, chance that ends them, and one value at most in any case. */

import { describe, expect, test } from 'vitest';

import { expectAgreement, measured, MS, run, violatedBy } from '../order/runs.ts';

const S = 1000 * MS;

describe('D1, two nodes propose', () => {
  test('alone: two round trips and two writes', () => {
    expectAgreement(run('D1', { values: { proposers: 1 } }), 4);
  });

  test.each([
    { horizon: 2 * S },
    { horizon: 60 * S },
    { horizon: 10 * S, wait: 5 * MS },
    { gap: 35 * MS },
    { acceptors: 5 },
  ])('a duel goes on for ever: %o', (values) => {
    expectAgreement(run('D1', { values }), 2);
  });

  test.each([15 * MS, 41 * MS])('and not when one is early enough: %d ns apart', (gap) => {
    expect(measured(run('D1', { values: { gap } }), 'decided')).toBe(1);
  });

  test('stepping back by chance ends it after 1 / p refusals', () => {
    const values = { 'step-back': 0.5, decisions: 2100 };
    expectAgreement(run('D1', { values }), 2);
  });

  test.each([3, 5])('of %d acceptors a majority is up as often as counting says', (acceptors) => {
    const values = { proposers: 1, acceptors, decisions: 2100, horizon: 150 * MS, down: 0.2 };
    expectAgreement(run('D1', { values }), 1);
  });

  test('what an acceptor has forgotten is decided again, otherwise', () => {
    // The first has its way with 2 and 3. The other asks 2, which was down meanwhile, and 4.
    const faults = [
      ...[4, 1].map((to) => ({ kind: 'cut', atNs: 0, from: 0, to }) as const),
      { kind: 'cut', atNs: 0, from: 1, to: 3 } as const,
      { kind: 'crash', atNs: 200 * MS, node: 2 } as const,
      { kind: 'restart', atNs: 210 * MS, node: 2 } as const,
    ];
    const values = { gap: 500 * MS };
    expect(violatedBy(run('D1', { values, faults }))).toEqual([]);
    expect(violatedBy(run('D1', { values, faults, mutant: 'no-disk' }))).toEqual(['agreement']);
  });
});

describe('D2c, Viewstamped Replication', () => {
  test('costs as much as Raft', () => {
    expectAgreement(run('D2c', {}), 2);
  });

  test.each(['halves', 'one', 'bridge', 'one-way', 'flapping'] as const)(
    'goes on after a division of the network: %s',
    (sides) => {
      const values = { interval: 20 * MS, messages: 60, cut: 300 * MS, sides };
      const played = run('D2c', { values });
      expect(violatedBy(played)).toEqual([]);
      expect(measured(played, 'delivered')).toBe(5 * 60);
    },
  );
});
