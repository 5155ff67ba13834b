/** What a broadcast costs and how long it takes, with constant delays: equal to the last unit. */

import { describe, expect, test } from 'vitest';

import { expectAgreement, measured, MS, run } from './runs.ts';

describe('five nodes, hops of 10 ms', () => {
  test.each([
    ['B0', 4, 10],
    ['B1', 4, 30],
    ['B2', 20, 20],
    ['B3', 6, 20],
    ['B4', 5, 20],
    ['B5', 7, 40],
    ['B6', 6, 30],
    ['B6b', 4.2, 30],
    ['B7', 8, 20],
    ['B8', 4, 20],
    ['B9', 9, 40],
  ])('%s: %d messages a broadcast, %d ms', (id, messages, ms) => {
    const played = run(id);
    expectAgreement(played, 2);
    expect(measured(played, 'msgs.perBroadcast')).toBe(messages);
    expect(measured(played, 'lat.others.max')).toBe(ms * MS);
  });
});

describe('the formulas hold for other parameters too', () => {
  const ids = ['B0', 'B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B6b', 'B7', 'B8', 'B9'];
  const cases = [
    { nodes: 2 },
    { nodes: 3, senders: 3, gap: 3 * MS },
    { nodes: 9, senders: 4, interval: 7 * MS, gap: MS, delay: 23 * MS },
    { nodes: 4, senders: 2, links: 'fifo' },
  ];
  test.each(ids.flatMap((id) => cases.map((values) => [id, values] as const)))(
    '%s %j',
    (id, values) => expectAgreement(run(id, { values }), id === 'B6b' || id === 'B9' ? 0 : 1),
  );
});
