/** What each protocol does not survive, shown on purpose, and predicted. */

import { describe, expect, test } from 'vitest';

import { expectAgreement, measured, MS, run, violatedBy } from './runs.ts';

describe('B1, timestamps of wall clocks', () => {
  const twoSenders = { senders: 2, skew: 30 * MS, interval: 500 * MS };

  test('a clock that is ahead is enough, with neither jitter nor loss', () => {
    const played = run('B1', { values: { ...twoSenders, gap: 25 * MS } });
    expectAgreement(played);
    expect(measured(played, 'order.violations')).toBe(20);
  });

  test.each([
    ['the other message is sent late enough to be later by any clock', 31],
    ['the other message arrives before the wait is over', 19],
  ])('a clock that is ahead does no harm when %s', (_, gapMs) => {
    const played = run('B1', { values: { ...twoSenders, gap: gapMs * MS } });
    expectAgreement(played);
    expect(measured(played, 'order.violations')).toBe(0);
  });
});

describe('B2, Lamport timestamps', () => {
  test.each([1, 195, 205, 215, 225])('one crash, after %d ms, stops all delivery', (ms) => {
    expectAgreement(run('B2', { values: { crash: ms * MS } }));
  });

  test('links that do not keep the order break it', () => {
    const values = { senders: 3, jitter: 30 * MS, interval: 10 * MS, gap: 3 * MS };
    expect(measured(run('B2', { values }), 'order.violations')).toBeGreaterThan(0);
    expect(measured(run('B2', { values: { ...values, links: 'fifo' } }), 'order.violations')).toBe(
      0,
    );
  });

  test('heartbeats instead of acknowledgements cost time', () => {
    const played = run('B2', { values: { heartbeat: 60 * MS, interval: 77 * MS, messages: 50 } });
    expectAgreement(played, 2);
    expect(measured(played, 'lat.others.max')).toBeGreaterThan(60 * MS);
  });
});

describe('B6, the number server', () => {
  const hole = { senders: 2, gap: MS, messages: 1, crash: 15 * MS };

  test('a sender that dies with a number in its hand stops everybody', () => {
    const played = run('B6', { values: hole });
    expectAgreement(played);
    expect(measured(played, 'delivered')).toBe(0);
  });

  test.each([20, 100, 333])('the hole is filled after twice %d ms and four hops', (ms) => {
    const played = run('B6', { values: { ...hole, fill: ms * MS } });
    expectAgreement(played, 3);
    expect(measured(played, 'delivered')).toBe(4);
  });

  test('a number that only seems lost is found, and not filled', () => {
    const played = run('B6', {
      values: { senders: 3, gap: 2 * MS, fill: 30 * MS, jitter: 25 * MS, messages: 40 },
    });
    expect(violatedBy(played)).toEqual([]);
    expect(measured(played, 'sent.sought')).toBeGreaterThan(0);
    expect(measured(played, 'delivered')).toBe(5 * 120);
  });
});

describe('B6, holes wherever node 1 happens to die', () => {
  test.each(Array.from({ length: 60 }, (_, index) => 3 + 7 * index))('after %d ms', (ms) => {
    const played = run('B6', {
      values: {
        ...{ senders: 3, gap: 3 * MS, interval: 20 * MS, jitter: 15 * MS },
        ...{ crash: ms * MS, fill: 120 * MS },
      },
      seed: String(ms),
    });
    expect(violatedBy(played)).toEqual([]);
    // Whoever lives has all that anybody else who lives has sent.
    expect(measured(played, 'delivered')).toBeGreaterThanOrEqual(4 * 40);
  });
});

describe('B6b, leased blocks', () => {
  test('the order is that of the blocks, not that of sending', () => {
    const played = run('B6b', { values: { senders: 2, gap: 3 * MS } });
    expect(violatedBy(played)).toEqual([]);
    expect(measured(played, 'order.againstTime')).toBeGreaterThan(0);
    expect(measured(run('B6', { values: { senders: 2, gap: 3 * MS } }), 'order.againstTime')).toBe(
      0,
    );
  });

  test('what an idle holder has not used is waited for until it is released', () => {
    const values = { senders: 2, gap: 3 * MS, messages: 1 };
    const forEver = run('B6b', { values: { ...values, idle: 0 } });
    expect(measured(forEver, 'delivered')).toBe(5);
    const released = run('B6b', { values: { ...values, idle: 200 * MS } });
    expect(measured(released, 'delivered')).toBe(10);
    // Node 1 has its block after 20 ms, is idle for 200, and tells it in 10; node 2's was there.
    expect(measured(released, 'lat.others.max')).toBe((20 + 200 + 10 - 3) * MS);
  });
});

describe('B9, the replicated log', () => {
  const load = { interval: 20 * MS, messages: 100, crash: 333 * MS };

  test.each([3, 5, 7])('%d nodes: the leader crashes, and the next goes on in time', (nodes) => {
    for (const seed of ['1', '2', '3', '4', '5']) {
      const played = run('B9', { values: { ...load, nodes }, seed });
      expectAgreement(played);
      expect(measured(played, 'gap.max')).toBeGreaterThan(300 * MS);
      expect(measured(played, 'delivered')).toBeGreaterThanOrEqual(100 * (nodes - 1));
    }
  });

  test('any minority may crash', () => {
    const played = run('B9', { values: { ...load, nodes: 7, crashes: 3, senders: 5 } });
    expect(violatedBy(played)).toEqual([]);
  });

  test('when a majority has crashed nothing goes on, and nothing wrong', () => {
    const played = run('B9', { values: { ...load, crashes: 3, senders: 4 } });
    expect(violatedBy(played)).toEqual([]);
    expect(measured(played, 'delivered')).toBeLessThan(5 * 4 * 20);
  });
});

describe('B8, the token ring', () => {
  const load = { interval: 50 * MS, messages: 60 };

  test.each([701, 720, 749, 800])('the token that is lost after %d ms is replaced', (ms) => {
    const played = run('B8', { values: { ...load, lost: ms * MS } });
    expectAgreement(played);
    expect(measured(played, 'delivered')).toBe(5 * 60);
    expect(measured(played, 'sent.search')).toBe(4);
    expect(measured(played, 'gap.max')).toBeGreaterThan(500 * MS);
  });

  test('a token that is only late is not used twice', () => {
    const values = { senders: 3, gap: 7 * MS, interval: 30 * MS, patience: 40 * MS };
    const whole = run('B8', { values });
    expect(violatedBy(whole)).toEqual([]);
    expect(measured(whole, 'sent.search')).toBeGreaterThan(0);
  });
});
