/** What happens by chance, within 3.29 standard errors of the formula. */

import { describe, expect, test } from 'vitest';

import { expectAgreement, measured, MS, run } from './runs.ts';

const MANY = { messages: 8_000, interval: 1000 * MS };

describe('B0: how often do two receivers see two messages in different orders?', () => {
  const race = { ...MANY, senders: 2, jitter: 10 * MS, spread: 'exponential' };

  test.each([
    ['no gap', 0, 0.5],
    ['a gap of the mean delay', 10, 0.3002],
    ['a gap of three times that', 30, 0.0485],
  ])('exponential delays, %s', (_, gapMs, share) => {
    const played = run('B0', { values: { ...race, gap: gapMs * MS } });
    expectAgreement(played, 2);
    expect(measured(played, 'disagreement')).toBeCloseTo(share, 1.7);
  });

  test('uniform delays', () => {
    expectAgreement(run('B0', { values: { ...race, gap: 4 * MS, spread: 'uniform' } }), 2);
  });
});

describe('B1: how often does a message come too late?', () => {
  test.each(['uniform', 'exponential'])('%s delays', (spread) => {
    const values = { ...MANY, spread, jitter: 25 * MS };
    expectAgreement(run('B1', { values }), 2);
  });
});
