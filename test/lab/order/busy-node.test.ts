/** The node that numbers needs time: all that everybody sends goes through it. */

import { describe, expect, test } from 'vitest';

import { expectAgreement, measured, MS, run } from './runs.ts';

const load = { interval: 10 * MS, messages: 200, work: 2 * MS, copy: MS };

describe('a message every 10 ms, 2 ms of work for each and 1 ms for each copy', () => {
  test.each([
    ['B3', 5, 100],
    ['B3', 8, 100], // s = 10 ms: saturated to the last nanosecond
    ['B3', 18, 50],
    ['B4', 9, 100],
    ['B4', 19, 50],
    ['B6', 18, 100], // 3 ms, whoever many they are
  ])('%s with %d nodes: %d messages a second', (id, nodes, perSecond) => {
    const played = run(id, { values: { ...load, nodes } });
    expectAgreement(played, 3);
    expect(measured(played, 'throughput')).toBeCloseTo(perSecond, 6);
  });
});
