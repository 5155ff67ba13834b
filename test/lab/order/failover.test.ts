/** B5: the death of the node that numbers, and its seeming death. */

import { describe, expect, test } from 'vitest';

import { expectAgreement, measured, MS, run, violatedBy } from './runs.ts';

describe('node 0 crashes under load', () => {
  const load = { interval: 20 * MS, messages: 100 };

  test.each([205, 211, 225, 250, 301, 333, 340])(
    'at %d ms: the order goes on, after exactly the gap that was predicted',
    (ms) => {
      const played = run('B5', { values: { ...load, crash: ms * MS } });
      expectAgreement(played, 2);
      expect(measured(played, 'gap.max')).toBeGreaterThan(100 * MS);
    },
  );

  test('what the backup had and the others had not is not lost and not numbered twice', () => {
    const values = { ...load, senders: 3, gap: 3 * MS, crash: 333 * MS };
    const played = run('B5', { values });
    expect(violatedBy(played)).toEqual([]);
    expect(measured(played, 'order.violations')).toBe(0);
    expect(measured(played, 'delivered')).toBeGreaterThan(4 * 300);
  });
});

test('numbers that died with node 0 do not hold up what comes after them', () => {
  // Node 0 gives 3 to its own message, twice in vain to the backup, which has 4 and 5.
  const played = run('B5', {
    values: { senders: 5, messages: 1, gap: 5 * MS, links: 'reliable' },
    faults: [
      { kind: 'drop', atNs: 20 * MS, from: 0, to: 4, nth: 1 },
      { kind: 'drop', atNs: 31 * MS, from: 0, to: 4, nth: 2 },
      { kind: 'crash', atNs: 46 * MS, node: 0 },
    ],
  });
  expect(violatedBy(played)).toEqual([]);
  expect(measured(played, 'broadcasts')).toBe(5);
  expect(measured(played, 'delivered')).toBeGreaterThanOrEqual(4 * 4);
});

describe('node 0 stands still for longer than the detector waits', () => {
  const values = { senders: 5, gap: 3 * MS, interval: 20 * MS, messages: 50, pause: 333 * MS };

  test('without epochs two nodes number, and the checker names the first difference', () => {
    const played = run('B5', { values, mutant: 'no-epoch' });
    const [violation] = played.violations;
    expect(violation?.property).toBe('total order');
    expect(violation?.text).toMatch(/^the sequences differ at index \d+: message \d+ at node \d/);
  });

  test('with epochs it is refused, steps down, and delivers the same order', () => {
    const notes: string[] = [];
    const observers = [
      ({ kind, node, text }: { kind: string; node: number; text: string }) => {
        if (kind === 'note') notes.push(`${node} ${text}`);
      },
    ];
    const played = run('B5', { values, observers });
    expect(violatedBy(played)).toEqual([]);
    expect(notes).toEqual(['4 takes over: epoch 2', '0 steps down']);
    expect(measured(played, 'delivered')).toBe(5 * 250);
  });

  test('a shorter standstill changes nobody', () => {
    const played = run('B5', { values: { ...values, outage: 90 * MS } });
    expect(measured(played, 'sent.takeover')).toBeUndefined();
    expect(violatedBy(played)).toEqual([]);
  });
});

describe('one node is cut off from all others', () => {
  const load = { interval: 20 * MS, messages: 100, cut: 333 * MS, outage: 250 * MS };

  test('B5: when it is the backup, everybody waits until the network is whole again', () => {
    const played = run('B5', { values: { ...load, links: 'fifo' } });
    expectAgreement(played);
    expect(measured(played, 'gap.median')).toBeGreaterThan(230 * MS);
    expect(measured(played, 'delivered')).toBe(500);
  });

  test('B9: the majority goes on', () => {
    const played = run('B9', { values: load });
    expectAgreement(played);
    expect(measured(played, 'gap.median')).toBe(20 * MS);
    expect(measured(played, 'delivered')).toBe(500);
  });

  test('B9: even when the one that was cut off wants another view afterwards', () => {
    const played = run('B9', { values: { ...load, outage: 900 * MS, messages: 200 } });
    expect(violatedBy(played)).toEqual([]);
    expect(measured(played, 'delivered')).toBe(1000);
  });
});
