/** The date that needs a majority: its costs, the sides of a cut, and reads that clocks make stale. */

import { describe, expect, test } from 'vitest';

import { expectAgreement, measured, MS, run, violatedBy } from '../order/runs.ts';

const S = 1000 * MS;
const CUT = { cut: S, operations: 70 } as const;

describe('D3, the CP register', () => {
  test.each(['log', 'lease', 'follower'] as const)('costs what it should: reads by %s', (reads) => {
    expectAgreement(run('D3', { values: { reads, operations: 20 } }), 5);
  });

  test.each(['halves', 'one', 'thirds'] as const)(
    'only a majority changes the date, and reads it: %s',
    (sides) => {
      for (const reads of ['log', 'lease'] as const) {
        expectAgreement(run('D3', { values: { ...CUT, sides, reads } }), 4);
      }
    },
  );

  test('reads of whoever is asked are always answered, and old', () => {
    const played = run('D3', { values: { ...CUT, reads: 'follower' } });
    expectAgreement(played, 4);
    expect(measured(played, 'avail.reads')).toBe(1);
    expect(measured(played, 'stale.age.max')).toBeGreaterThan(3 * S);
    expect(measured(played, 'stale.versions.max')).toBeGreaterThan(10);
  });

  test.each(['bridge', 'one-way', 'flapping'] as const)('nobody reads two dates: %s', (sides) => {
    const played = run('D3', { values: { ...CUT, sides, reads: 'lease' } });
    expect(violatedBy(played)).toEqual([]);
    expect(measured(played, 'avail.writes')).toBeGreaterThan(0.5);
  });

  test('a lease costs time when its holder is lost', () => {
    const first = (reads: string): number =>
      measured(run('D3', { values: { ...CUT, reads } }), 'side2.first.write') ?? 0;
    expect(first('log')).toBeLessThan(600 * MS);
    expect(first('lease')).toBeGreaterThan(900 * MS);
  });
});

describe('a lease is as good as the clock that measures it', () => {
  const lease = { ...CUT, reads: 'lease' } as const;

  test('a clock that is slower than the margin allows for makes reads stale', () => {
    const played = run('D3', { values: { ...lease, drift: 300_000 } });
    expect(violatedBy(played)).toEqual(['linearizability']);
    expect(measured(played, 'stale.reads')).toBeGreaterThan(0);
    expect(violatedBy(run('D3', { values: { ...lease, drift: 300_000, margin: 0.2 } }))).toEqual(
      [],
    );
  });

  test('a wall clock that is set back does, and does no harm to the monotonic one', () => {
    const back = { ...lease, back: S };
    expect(violatedBy(run('D3', { values: { ...back, clock: 'wall' } }))).toEqual([
      'linearizability',
    ]);
    expect(violatedBy(run('D3', { values: back }))).toEqual([]);
  });

  test('who comes back from a crash keeps what it may have promised', () => {
    // The leader is cut off; the others restart, and have forgotten what they promised.
    const restarts = [1, 2, 3, 4].flatMap((node) => [
      { kind: 'crash', atNs: 1010 * MS, node } as const,
      { kind: 'restart', atNs: 1011 * MS, node } as const,
    ]);
    const played = run('D3', { values: { ...lease, sides: 'one' }, faults: restarts });
    expect(violatedBy(played)).toEqual([]);
    expect(measured(played, 'side2.first.write')).toBeGreaterThan(900 * MS);
  });
});
