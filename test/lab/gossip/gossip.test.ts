import { describe, expect, test } from 'vitest';

import { distancesFrom, neighboursOf } from '../../../src/lab/gossip/topology.ts';
import { expectAgreement, measured, MS, run, violatedBy } from '../order/runs.ts';

describe('25 nodes, 10 ms a hop', () => {
  test.each([
    ['line', 24, 240],
    ['tree4', 24, 50],
    ['grid', 56, 80],
    ['full', 576, 10],
  ])('%s: %d messages a broadcast, the last hears it after %d ms', (topology, messages, ms) => {
    const played = run('B10', { values: { topology } });
    expectAgreement(played, 3);
    expect(measured(played, 'msgs.perBroadcast')).toBe(messages);
    expect(measured(played, 'lat.others.max')).toBe(ms * MS);
    expect(measured(played, 'delivered')).toBe(25 * 25);
  });
});

describe('the node in the middle is down', () => {
  test.each([
    ['line', 12 * 12 * 2],
    ['tree4', 24 * 24], // it was a leaf
    ['grid', 24 * 24],
  ])('%s: %d deliveries', (topology, deliveries) => {
    const played = run('B10', { values: { topology, dead: true } });
    expectAgreement(played, 2);
    expect(measured(played, 'delivered')).toBe(deliveries);
  });
});

test('without reliable links a loss cuts off all that lies behind it', () => {
  const played = run('B10', { values: { topology: 'line', loss: 0.1 } });
  expect(violatedBy(played)).toEqual([]);
  expect(measured(played, 'delivered')).toBeLessThan(25 * 25);
  const whole = run('B10', { values: { topology: 'line', loss: 0.1, reliable: true } });
  expectAgreement(whole, 2);
});

describe('neighbours', () => {
  test('of a grid that is not full', () => {
    expect(neighboursOf('grid', 5)).toEqual([[1, 3], [0, 2, 4], [1], [0, 4], [1, 3]]);
  });

  test('what cannot be reached has no distance', () => {
    expect(distancesFrom(0, [[1], [0], []])).toEqual([0, 1, undefined]);
  });
});
