import * as fc from 'fast-check';
import { describe, expect, test } from 'vitest';

import { Crystal } from '../../src/sim/crystal.ts';
import { type ClockOptions, HostClock } from '../../src/sim/host-clock.ts';
import { leapOffsetNs, posixOffsetNs } from '../../src/sim/leap-second.ts';
import { sineOfTurns } from '../../src/sim/math.ts';
import { SeededRandom } from '../../src/sim/random.ts';
import { NS_PER_MS, NS_PER_S } from '../../src/sim/units.ts';
import { World } from '../../src/sim/world.ts';

const DAY = 86_400 * NS_PER_S;

function clockOf(options: ClockOptions, seed = '1'): HostClock {
  return new HostClock(options, new SeededRandom(seed, 'clock'));
}

describe('a crystal', () => {
  test.each([
    [15, DAY, 1_296_000_000],
    [50, DAY, 4_320_000_000],
    [200, 30 * NS_PER_S, 6_000_000],
    [-15, DAY, -1_296_000_000],
  ])('of %d ppm is wrong by exactly ppm times time', (ppm, passedNs, errorNs) => {
    const clock = clockOf({ ppm });
    expect(clock.wallNs(passedNs) - passedNs).toBe(errorNs);
    expect(clock.monotonicNs(passedNs) - passedNs).toBe(errorNs);
  });

  test('that follows the temperature of the day is right again after it', () => {
    const crystal = new Crystal(
      { temperature: { ppm: 10, periodNs: DAY } },
      new SeededRandom('1', 'clock'),
    );
    expect(crystal.ppmAt(DAY / 4)).toBeCloseTo(10, 12);
    expect(crystal.ticksNs(DAY) - DAY).toBeCloseTo(0, 3);
    // The integral of the first half of a sine: 2/π of its height times half of the period.
    const half = ((2 / Math.PI) * 10 * (DAY / 2)) / 1e6;
    expect(crystal.ticksNs(DAY / 2) - DAY / 2).toBeCloseTo(half, 0);
  });

  test('that wanders is off by √n of a second’s deviation after n seconds', () => {
    const rates = Array.from({ length: 2000 }, (_, seed) => {
      const random = new SeededRandom(String(seed), 'clock');
      return new Crystal({ wanderPpm: 0.5 }, random).ppmAt(100 * NS_PER_S);
    });
    const variance = rates.reduce((sum, ppm) => sum + ppm ** 2, 0) / rates.length;
    // A sample variance of n has a relative deviation of √(2/n).
    expect(Math.abs(variance / 25 - 1)).toBeLessThan(3.29 * Math.sqrt(2 / rates.length));
  });

  test('is the same for the same seed, and another for another', () => {
    const [one, again, other] = ['1', '1', '2'].map((seed) =>
      clockOf({ wanderPpm: 1 }, seed).wallNs(DAY),
    );
    expect(again).toBe(one);
    expect(other).not.toBe(one);
  });
});

describe('the clocks of a host', () => {
  test('monotonic time never goes back, whatever is wrong and whoever steers', () => {
    const options = fc.record({
      ppm: fc.integer({ min: -200, max: 200 }),
      wanderPpm: fc.constantFrom(0, 0.1, 3),
      temperature: fc.record({
        ppm: fc.integer({ min: -20, max: 20 }),
        periodNs: fc.constantFrom(NS_PER_S, DAY),
      }),
      precisionNs: fc.constantFrom(1, 1000, NS_PER_MS),
    });
    const moves = fc.array(
      fc.tuple(fc.integer({ min: 0, max: 100 * NS_PER_S }), fc.integer({ min: -500, max: 500 })),
      { maxLength: 30 },
    );
    fc.assert(
      fc.property(options, moves, (wrong, steps) => {
        const clock = clockOf(wrong);
        let trueNs = 0;
        let last = 0;
        for (const [passedNs, ppm] of steps) {
          trueNs += passedNs;
          expect(clock.monotonicNs(trueNs)).toBeGreaterThanOrEqual(last);
          last = clock.monotonicNs(trueNs);
          clock.steer(ppm, trueNs);
          clock.step(-passedNs);
          expect(Math.abs(clock.monotonicNs(trueNs) - last)).toBeLessThanOrEqual(1);
        }
      }),
    );
  });

  test('steering changes the rate from then on, and stepping the wall clock alone', () => {
    const clock = clockOf({ ppm: 100 });
    clock.steer(-100, NS_PER_S);
    clock.step(-5 * NS_PER_S);
    expect(clock.monotonicNs(2 * NS_PER_S)).toBe(2 * NS_PER_S + 100_000 - 10);
    expect(clock.wallNs(2 * NS_PER_S)).toBe(-3 * NS_PER_S + 100_000 - 10);
  });

  test('steps of a script happen at their time, and readings have the precision', () => {
    const steps = [
      { atNs: 10, byNs: 500 },
      { atNs: 20, byNs: -400 },
    ];
    const clock = clockOf({ offsetNs: 7, steps });
    expect([9, 10, 20].map((ns) => clock.wallNs(ns))).toEqual([16, 517, 127]);
    const coarse = clockOf({ precisionNs: NS_PER_MS });
    expect([0.9, 1, 1.9, 2].map((ms) => coarse.wallNs(ms * NS_PER_MS) / NS_PER_MS)).toEqual([
      0, 1, 1, 2,
    ]);
  });
});

describe('a leap second', () => {
  const atNs = 10 * NS_PER_S;
  const at = (handling: 'repeat' | 'freeze' | 'slew' | 'smear' | 'ignore', seconds: number) =>
    seconds + leapOffsetNs({ atNs, handling }, seconds * NS_PER_S) / NS_PER_S;

  test('shows 23:59:59 twice, or stands still, or is not noticed', () => {
    // 10 is where midnight would be.
    expect([9.5, 10, 10.5, 11, 11.5].map((s) => at('repeat', s))).toEqual([9.5, 9, 9.5, 10, 10.5]);
    expect([9.5, 10, 10.5, 11, 11.5].map((s) => at('freeze', s))).toEqual([9.5, 10, 10, 10, 10.5]);
    expect([9.5, 11.5].map((s) => at('ignore', s))).toEqual([9.5, 11.5]);
  });

  test('slewed at 500 ppm takes 2000 s', () => {
    expect(at('slew', 10 + 1999)).toBeGreaterThan(1999 + 9);
    expect(at('slew', 10 + 2000)).toBe(2000 + 9);
  });

  test('smeared from noon to noon is half a second wrong at midnight, at 11.574 ppm', () => {
    const midnight = DAY / 2;
    const leap = { atNs: midnight, handling: 'smear' } as const;
    const errorAt = (ns: number): number => leapOffsetNs(leap, ns) - posixOffsetNs(leap, ns);
    expect(errorAt(0)).toBe(0);
    expect(errorAt(DAY + NS_PER_S)).toBe(0);
    expect(errorAt(midnight - 1)).toBe(-Math.round((NS_PER_S * 43_200) / 86_401));
    expect(errorAt(midnight)).toBe(Math.round((NS_PER_S * 43_201) / 86_401));
    const ppm = (-leapOffsetNs(leap, NS_PER_S) / NS_PER_S) * 1e6;
    expect(ppm).toBeCloseTo(11.574, 3);
  });
});

describe('a host of a simulated world', () => {
  test('has timers that follow its own crystal, and never come too early by it', async () => {
    const world = new World({ seed: 1 });
    const slow = world.host({ addresses: ['192.0.2.1'], clock: { ppm: -100 } });
    const { clock } = slow.runtime;
    const startMs = clock.monotonic();
    const fired: number[] = [];
    clock.schedule(1000, () => fired.push(clock.monotonic() - startMs, world.nowMs));
    await world.advance(2000);
    expect(fired[0]).toBeCloseTo(1000, 5);
    expect(fired[0]).toBeGreaterThanOrEqual(1000);
    expect(fired[1]).toBeCloseTo(1 + 1000 / (1 - 100e-6), 4);
  });

  test('can be set, steered, and reads a wall clock of nanoseconds', async () => {
    const world = new World({ seed: 1, epochMs: 1_000_000 });
    const host = world.host({ addresses: ['192.0.2.1'], clock: { offsetNs: 123_456 } });
    expect(host.wallNs()).toBe(1_000_000_000_000n + 123_456n);
    host.stepWall(-NS_PER_S);
    host.steerClock(500);
    await world.advance(1000);
    expect(host.wallNs()).toBe(1_000_000_000_000n + 123_456n + 500_000n);
    expect(host.runtime.clock.monotonic()).toBe(1001.5);
  });
});

test('sines of turns are those of the engine, and exact where they can be', () => {
  expect([0, 0.25, 0.5, 0.75, 1].map(sineOfTurns)).toEqual([0, 1, -0, -1, 0]);
  for (let turn = -2; turn < 2; turn += 0.0137) {
    expect(sineOfTurns(turn)).toBeCloseTo(Math.sin(2 * Math.PI * turn), 14);
  }
});
