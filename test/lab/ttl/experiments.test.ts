import { describe, expect, test } from 'vitest';

import { defaultsOf, ParameterError } from '../../../src/lab/experiment/parameters.ts';
import { findWorldExperiment } from '../../../src/lab/experiment/registry.ts';
import { playWorld, type WorldPlayed } from '../../../src/lab/experiment/world-experiment.ts';

const S = 1_000_000_000;

interface Asked {
  readonly values?: Readonly<Record<string, number | boolean | string>>;
  readonly seed?: string;
  readonly mutant?: string;
}

function play(id: string, { values = {}, seed = '1', mutant }: Asked = {}): Promise<WorldPlayed> {
  const experiment = findWorldExperiment(id)!;
  const all = { ...defaultsOf(experiment.parameters), ...values };
  return playWorld(experiment, all, { seed, ...(mutant !== undefined && { mutant }) });
}

/** Each metric with its verdict, and what was predicted. */
function verdicts({ comparisons }: WorldPlayed): Readonly<Record<string, string>> {
  const judged = comparisons.filter(({ predicted }) => predicted !== undefined);
  return Object.fromEntries(judged.map(({ metric, verdict }) => [metric, verdict]));
}

function measuredOf({ comparisons }: WorldPlayed, metric: string): number {
  return comparisons.find((one) => one.metric === metric)?.measured?.value ?? NaN;
}

function predictedOf({ comparisons }: WorldPlayed, metric: string): number {
  return comparisons.find((one) => one.metric === metric)?.predicted?.value ?? NaN;
}

describe('theory and the real resolver agree', () => {
  test('E1: hit ratio and load, at 0.1/s with 10 s and at 1/s with 60 s', async () => {
    const short = await play('E1', { values: { queries: 4000 } });
    expect(verdicts(short)).toEqual({ hitRatio: 'agrees', 'upstream.qps': 'agrees', 'lat.mean': 'agrees' }); // prettier-ignore
    // The textbook's values, without the time that a fetch takes.
    expect(predictedOf(short, 'hitRatio')).toBeCloseTo(0.5, 2);
    expect(predictedOf(short, 'upstream.qps')).toBeCloseTo(0.05, 3);
    const long = await play('E1', { values: { rate: 1, ttl: 60 * S, queries: 20_000 } });
    expect(verdicts(long)['hitRatio']).toBe('agrees');
    expect(predictedOf(long, 'hitRatio')).toBeCloseTo(0.983_61, 3);
    expect(predictedOf(long, 'upstream.qps')).toBeCloseTo(0.016_393, 4);
  });

  test('E1: a monitor that asks every ten seconds, exactly', async () => {
    const values = { arrivals: 'periodic', ttl: 35 * S, queries: 100 };
    const run = await play('E1', { values });
    expect(verdicts(run)).toEqual({ hitRatio: 'agrees', 'upstream.qps': 'agrees' });
    expect(measuredOf(run, 'hitRatio')).toBeCloseTo(3 / 4, 9);
  });

  test('E2: three caches, and a farm of four', async () => {
    const values = { queries: 1000, caches: 1, farm: 4, rate: 0.4 };
    const run = await play('E2', { values });
    expect(verdicts(run)).toEqual({ hitRatio: 'agrees', 'upstream.qps': 'agrees' });
  });

  test('E3: three round trips, one, none', async () => {
    expect(Object.values(verdicts(await play('E3')))).toEqual(new Array<string>(6).fill('agrees'));
  });

  test('E4: after a change the cache lies for hT/2 on average, never for longer than T', async () => {
    const run = await play('E4', { values: { queries: 12_000 } });
    expect(new Set(Object.values(verdicts(run)))).toEqual(new Set(['agrees']));
    expect(predictedOf(run, 'stale.window') / S).toBeCloseTo(112.5, 1);
  });

  test('E5: the share of stale answers under continual change', async () => {
    const run = await play('E5', { values: { queries: 8000 } });
    expect(new Set(Object.values(verdicts(run)))).toEqual(new Set(['agrees']));
    expect(predictedOf(run, 'stale.answers')).toBeCloseTo(0.186_01, 3);
  });

  test('E6: the cheapest TTL is cheaper than an eighth of it and than eight times it', async () => {
    const run = await play('E6', { values: { queries: 2500 } });
    expect(new Set(Object.values(verdicts(run)))).toEqual(new Set(['agrees']));
    const costs = run.comparisons.map((one) => one.measured?.value ?? NaN);
    expect(costs[2]).toBeLessThan(costs[0]!);
    expect(costs[2]).toBeLessThan(costs[4]!);
  });

  test('E8: Zipf popularity', async () => {
    const values = { queries: 20_000, rate: 20, ttl: 60 * S, names: 200 };
    expect(verdicts(await play('E8', { values }))).toEqual({ hitRatio: 'agrees' });
  });

  test('E10: three tries against 90 % loss save 27.1 % and cost 2.71 questions', async () => {
    const run = await play('E10', { values: { queries: 1000 } });
    expect(verdicts(run)).toEqual({ answered: 'agrees', 'upstream per miss': 'agrees' });
    expect(predictedOf(run, 'answered')).toBeCloseTo(0.271, 9);
    expect(predictedOf(run, 'upstream per miss')).toBeCloseTo(2.71, 9);
  });

  test('E11: serving stale, to the millisecond, and not serving it', async () => {
    expect(new Set(Object.values(verdicts(await play('E11'))))).toEqual(new Set(['agrees']));
    const without = await play('E11', { values: { 'serve-stale': false } });
    expect(verdicts(without)).toEqual({ answered: 'agrees', 'answered after it': 'agrees' });
  });

  test.each([
    { 'negative-ttl': 300 * S, create: 2.5 * S },
    { 'negative-ttl': 5 * S, create: 60.5 * S },
  ])('E12: who looks before the name is there: %j', async (values) => {
    expect(verdicts(await play('E12', { values }))).toEqual({ waited: 'agrees', looks: 'agrees' });
  });

  test.each([true, false])('E13: prefetch %s', async (prefetch) => {
    const run = await play('E13', { values: { prefetch, queries: 10_000 } });
    expect(verdicts(run)).toEqual({ 'miss.ratio': 'agrees', 'upstream.qps': 'agrees' });
  });

  test('E9: with a day the tail is gone, and each resolver asks once', async () => {
    const run = await play('E9', { values: { vantage: 20 } });
    expect(verdicts(run)).toMatchObject({
      'misses with 300 s': 'agrees',
      'misses with 86400 s': 'agrees',
    });
    const [short, long] = ['lat.p75 with 300 s', 'lat.p75 with 86400 s'];
    expect(measuredOf(run, short)).toBeGreaterThan(4 * measuredOf(run, long));
  });

  test('E14: lowered an old TTL before the change, only the low TTL is stale', async () => {
    const run = await play('E14', { values: { rounds: 20 } });
    expect(verdicts(run)).toEqual({ 'staleness.max': 'agrees', 'stale.answers': 'agrees' });
    expect(predictedOf(run, 'staleness.max')).toBe(60.01 * S);
  });

  test('E14: lowered half a TTL before, caches are wrong for the other half', async () => {
    const run = await play('E14', { values: { rounds: 15, lead: 1800 * S } });
    expect(verdicts(run)).toEqual({ 'staleness.max': 'agrees' });
    expect(measuredOf(run, 'staleness.max')).toBeGreaterThan(1000 * S);
  });

  test('E15: twice the hosts, four times the octets of HOSTS.TXT', async () => {
    const run = await play('E15', { values: { hosts: 20 } });
    expect(new Set(Object.values(verdicts(run)))).toEqual(new Set(['agrees']));
    expect(measuredOf(run, 'file.growth')).toBeGreaterThan(3.9);
  });

  test.each([
    { 'parent-ttl': 3600 * S, 'child-ttl': 300 * S },
    { 'parent-ttl': 300 * S, 'child-ttl': 3600 * S },
  ])('E16: who follows whom, with %j', async (values) => {
    const run = await play('E16', { values });
    expect(new Set(Object.values(verdicts(run)))).toEqual(new Set(['agrees']));
  });

  test('E17: half of log2 N hops in a ring, three round trips or fewer in the tree', async () => {
    const run = await play('E17', { values: { nodes: 64, lookups: 400 } });
    expect(new Set(Object.values(verdicts(run)))).toEqual(new Set(['agrees']));
  });
});

describe('ageing through forwarders', () => {
  const values = { queries: 3000 };

  test('no chain of caches keeps a record for longer than its TTL', async () => {
    const run = await play('E7', { values });
    expect(verdicts(run)).toEqual({ 'ttl.max': 'agrees', 'staleness.max': 'agrees' });
  });

  test('a forwarder that gives a new TTL is found out', async () => {
    const run = await play('E7', { values, mutant: 'reset-ttl' });
    expect(verdicts(run)['staleness.max']).toBe('disagrees');
  });
});

describe('a run', () => {
  test('is the same, packet for packet, with the same seed', async () => {
    const values = { queries: 200 };
    const [one, again, other] = await Promise.all([
      play('E5', { values }),
      play('E5', { values }),
      play('E5', { values, seed: '2' }),
    ]);
    expect(again.traceHash).toBe(one.traceHash);
    expect(other.traceHash).not.toBe(one.traceHash);
  });

  test('longer than virtual time is refused before it begins', async () => {
    const run = play('E1', { values: { queries: 1_000_000 } });
    await expect(run).rejects.toThrow(ParameterError);
    await expect(run).rejects.toThrow('116 days');
  });
});
