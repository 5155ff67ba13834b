/** D6: real primaries, secondaries and caches on both sides of a cut. */
import { describe, expect, test } from 'vitest';

import { defaultsOf } from '../../../src/lab/experiment/parameters.ts';
import { findWorldExperiment } from '../../../src/lab/experiment/registry.ts';
import { playWorld, type WorldPlayed } from '../../../src/lab/experiment/world-experiment.ts';

const S = 1_000_000_000;
const MINUTE = 60 * S;
/** Everything in a few minutes, for what does not depend on how long it takes. */
const QUICK = {
  expire: 10 * MINUTE,
  refresh: 2 * MINUTE,
  retry: 30 * S,
  ttl: MINUTE,
  cut: 15 * MINUTE,
  'ask-every': MINUTE,
  secondaries: 1,
  caches: 1,
};

function play(
  values: Readonly<Record<string, number | boolean>> = {},
  mutant?: string,
): Promise<WorldPlayed> {
  const experiment = findWorldExperiment('D6')!;
  const all = { ...defaultsOf(experiment.parameters), ...values };
  return playWorld(experiment, all, { seed: '1', ...(mutant !== undefined && { mutant }) });
}

function valueOf({ comparisons }: WorldPlayed, metric: string): number {
  return comparisons.find((one) => one.metric === metric)?.measured?.value ?? NaN;
}

function disagreeing({ comparisons }: WorldPlayed): readonly string[] {
  return comparisons
    .filter(({ verdict }) => verdict === 'disagrees' || verdict === 'not measured')
    .map(({ metric }) => metric);
}

describe('DNS on both sides of a cut', () => {
  test('EXPIRE 3600 and TTL 300: answers for exactly 3600 s, stale ones for 3900 s', async () => {
    const run = await play({ 'write-every': 2 * MINUTE, caches: 3 });
    expect(disagreeing(run)).toEqual([]);
    expect(valueOf(run, 'secondary.lasts.min')).toBe(3600 * S);
    expect(valueOf(run, 'secondary.lasts.max')).toBe(3600 * S);
    // The bound is not only kept, but nearly reached.
    expect(valueOf(run, 'stale.caches.last')).toBeLessThanOrEqual(3900 * S);
    expect(valueOf(run, 'stale.caches.last')).toBeGreaterThan(3700 * S);
    // The primary's side writes on, and the other one reads on.
    expect(valueOf(run, 'writes.near')).toBe(1);
    expect(valueOf(run, 'writes.far')).toBe(0);
    expect(valueOf(run, 'reads.caches')).toBeGreaterThan(0.6);
  });

  test('serving stale buys availability with age (RFC 8767)', async () => {
    const run = await play({ ...QUICK, 'max-stale': 2 * MINUTE });
    expect(disagreeing(run)).toEqual([]);
    expect(valueOf(run, 'stale.caches.last')).toBeGreaterThan(11 * MINUTE);
    expect(valueOf(run, 'stale.caches.last')).toBeLessThanOrEqual(13 * MINUTE);
  });

  test('without NOTIFY a change takes up to REFRESH, else a few round trips', async () => {
    const untold = await play({ ...QUICK, notify: false, cut: 2 * MINUTE });
    expect(disagreeing(untold)).toEqual([]);
    expect(valueOf(untold, 'change.everywhere.max')).toBeGreaterThan(90 * S);
    const told = await play({ ...QUICK, cut: 2 * MINUTE });
    expect(disagreeing(told)).toEqual([]);
    expect(valueOf(told, 'change.everywhere.max')).toBeLessThanOrEqual(1.14 * S);
  });

  test.each([
    ['no-expire', 'stale.secondaries.max'],
    ['no-prerequisite', 'writes.both.won'],
    ['deaf', 'change.everywhere.max'],
    ['keeps-longer', 'stale.caches.last'],
  ])('broken on purpose, %s: %s', async (mutant, metric) => {
    const cut = mutant === 'deaf' || mutant === 'no-prerequisite' ? { cut: 2 * MINUTE } : {};
    expect(disagreeing(await play({ ...QUICK, ...cut }, mutant))).toContain(metric);
  });
});
