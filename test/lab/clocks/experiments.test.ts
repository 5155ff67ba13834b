/** The experiments on clocks: what the course says of each, and its goldens. */

import { describe, expect, test } from 'vitest';

import { CLOCK_EXPERIMENTS } from '../../../src/lab/clocks/experiments.ts';
import { RESOLVER_LEAP } from '../../../src/lab/clocks/experiments/c8b-resolver.ts';
import { defaultsOf, type ParameterValue } from '../../../src/lab/experiment/parameters.ts';
import { play, type Played, statusOf } from '../../../src/lab/experiment/play.ts';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';
import { playWorld } from '../../../src/lab/experiment/world-experiment.ts';
import { NS_PER_MS, NS_PER_S } from '../../../src/sim/units.ts';

type Values = Readonly<Record<string, ParameterValue>>;

function run(id: string, values: Values = {}, mutant?: string): Played {
  const experiment = findExperiment(id)!;
  const all = { ...defaultsOf(experiment.parameters), ...values };
  return play(experiment, all, { seed: '1', ...(mutant !== undefined && { mutant }) });
}

function measured(played: Pick<Played, 'comparisons'>, metric: string): number {
  return played.comparisons.find((row) => row.metric === metric)!.measured!.value;
}

test.each(CLOCK_EXPERIMENTS.map(({ id }) => id))('%s measures what is predicted', (id) => {
  const played = run(id, id === 'C5' ? { polls: 4000 } : {});
  expect(played.comparisons.filter(({ verdict }) => verdict === 'disagrees')).toEqual([]);
  expect(played.violations).toEqual([]);
  expect(statusOf(played)).toBe(0);
});

describe('goldens', () => {
  test.each([
    [15, 1.296],
    [50, 4.32],
    [200, 17.28],
  ])('G9: %d ppm are %d s a day', (ppm, seconds) => {
    expect(measured(run('C1', { ppm }), 'clock.err.max')).toBe(seconds * NS_PER_S);
  });

  test('G7: 30 ms there and 10 ms back are an error of 10 ms and a delay of 40 ms', () => {
    const played = run('C2');
    expect(measured(played, 'offset.err.max')).toBe(10 * NS_PER_MS);
    expect(measured(played, 'delay.max')).toBe(40 * NS_PER_MS);
  });

  test('G9: a smear is half a second wrong at most, at 11.574 ppm', () => {
    const played = run('C8', { node: 'smear' });
    expect(measured(played, 'clock.err.max') / NS_PER_S).toBeCloseTo(0.5, 4);
    expect(measured(played, 'rate.err.max')).toBeCloseTo(11.574, 1);
  });

  test('G10: TrueTime’s interval grows from 1 to 7 ms, and the truth is always inside', () => {
    const played = run('C10');
    expect(measured(played, 'eps.min')).toBe(NS_PER_MS);
    expect(measured(played, 'eps.max')).toBe(7 * NS_PER_MS);
    expect(measured(played, 'eps.mean') / NS_PER_MS).toBeCloseTo(4, 1);
    expect(measured(played, 'truth.outside')).toBe(0);
    expect(measured(run('C10', { ppm: 400 }), 'truth.outside')).toBeGreaterThan(0);
  });
});

test('C10 agrees with its theory however long it runs, and whatever the crystals', () => {
  for (const values of [{ commits: 30_000 }, { commits: 3000, ppm: 199 }, { commits: 1234 }]) {
    expect(statusOf(run('C10', values)), JSON.stringify(values)).toBe(0);
  }
});

test('C11 predicts no leaving of a clock that never jumps while the run lasts', () => {
  expect(statusOf(run('C11', { jump: 3600 * NS_PER_S }))).toBe(0);
});

describe('G18: our own resolver in the night of 2017-01-01', () => {
  const night = (clock: string) =>
    playWorld(RESOLVER_LEAP, { ...defaultsOf(RESOLVER_LEAP.parameters), clock }, { seed: '1' });

  test('notices nothing with its timers on the monotonic clock', async () => {
    const played = await night('monotonic');
    expect(played.comparisons.map(({ verdict }) => verdict)).toEqual(
      played.comparisons.map(() => 'agrees'),
    );
    expect(measured(played, 'rtt.negative')).toBe(0);
  });

  test('measures a negative round trip and keeps a record too long on the wall clock', async () => {
    const played = await night('wall');
    expect(measured(played, 'rtt.negative')).toBe(1);
    expect(measured(played, 'rtt.min')).toBe(-960 * NS_PER_MS);
    expect(measured(played, 'kept.max')).toBeGreaterThan(5 * NS_PER_S);
    expect(statusOf({ ...played, violations: [], end: 'idle' })).toBe(1);
  });
});
