import { describe, expect, test } from 'vitest';

import { compareStamps, HybridClock } from '../../../src/lab/clocks/hybrid-clock.ts';
import { IntervalClock, TRUE_TIME } from '../../../src/lab/clocks/interval-clock.ts';
import type { Context, Process } from '../../../src/lab/process/process.ts';
import { Cast } from '../../../src/lab/run/cast.ts';
import { SimStage } from '../../../src/lab/run/sim-stage.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';
import { NS_PER_S } from '../../../src/sim/units.ts';

describe('a hybrid logical clock', () => {
  test('follows the wall clock, and counts when that does not move or goes back', () => {
    let wallNs = 5;
    const clock = new HybridClock(() => wallNs);
    const stamps = [5, 5, 9, 3].map((now) => {
      wallNs = now;
      return clock.now();
    });
    expect(stamps).toEqual([
      { l: 5, c: 0 },
      { l: 5, c: 1 },
      { l: 9, c: 0 },
      { l: 9, c: 1 },
    ]);
  });

  test('is later than what it hears of, as in the figure of the paper', () => {
    const clock = new HybridClock(() => 2);
    expect(clock.now()).toEqual({ l: 2, c: 0 });
    expect(clock.receive({ l: 10, c: 3 })).toEqual({ l: 10, c: 4 });
    expect(clock.receive({ l: 10, c: 1 })).toEqual({ l: 10, c: 5 });
    expect(clock.receive({ l: 4, c: 9 })).toEqual({ l: 10, c: 6 });
    expect(compareStamps({ l: 1, c: 9 }, { l: 2, c: 0 })).toBeLessThan(0);
  });
});

test('an interval grows by 200 µs a second from the last synchronisation on', () => {
  let nowNs = 0;
  const clock = new IntervalClock(() => nowNs);
  expect(clock.isAfter(0)).toBe(false);
  clock.synchronise(1000 * NS_PER_S, TRUE_TIME.baseNs);
  nowNs = TRUE_TIME.pollNs;
  const { earliestNs, latestNs } = clock.now();
  expect([latestNs - 1030 * NS_PER_S, 1030 * NS_PER_S - earliestNs]).toEqual([7e6, 7e6]);
  expect([clock.isAfter(earliestNs - 1), clock.isAfter(earliestNs)]).toEqual([true, false]);
  expect([clock.isBefore(latestNs + 1), clock.isBefore(latestNs)]).toEqual([true, false]);
});

/** Notes its clocks every second of its own. */
class Watch implements Process {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  onStart(): void {
    this.#context.setTimer(NS_PER_S, 'tick');
  }

  onTimer(): void {
    this.#context.note('wall', this.#context.wallNs());
    this.#context.setTimer(NS_PER_S, 'tick');
  }
}

test('faults set the clock of a node and change its crystal, and its timers follow', () => {
  const events: TraceEvent[] = [];
  const stage = new SimStage({ seed: '1', link: { delayMs: 1 }, clocks: [{ offsetNs: 7 }] });
  const cast = new Cast({
    stage,
    factories: [(context) => new Watch(context)],
    observers: [(event) => events.push(event)],
  });
  stage.at(0, () => cast.start());
  const wrongNs = -2 * NS_PER_S;
  stage.at(1.5 * NS_PER_S, () => cast.inflict({ kind: 'step', atNs: 0, node: 0, byNs: wrongNs }));
  stage.at(2 * NS_PER_S, () => cast.inflict({ kind: 'drift', atNs: 0, node: 0, ppm: 1000 }));
  stage.run(4 * NS_PER_S, 100);
  const notes = events.filter(({ kind }) => kind === 'note');
  expect(notes.map(({ detail }) => detail)).toEqual([
    NS_PER_S + 7,
    7,
    ...[expect.closeTo(NS_PER_S + 7, -2), expect.closeTo(2 * NS_PER_S + 7, -2)],
  ]);
  // 1000 ppm too fast: a second of its own is over a millisecond too soon.
  expect(notes[2]!.atNs).toBeCloseTo(3 * NS_PER_S - 999_001, -2);
  expect(events.filter(({ kind }) => kind === 'clock').map(({ text }) => text)).toEqual([
    'step node 0 by -2000000000 ns',
    'drift node 0 by 1000 ppm',
  ]);
});

test('a timer of a fraction of a nanosecond fires on a crystal that is too fast', () => {
  const clocks = [{ ppm: 100 }];
  const stage = new SimStage({ seed: '1', link: { delayMs: 1 }, clocks });
  let fired = 0;
  stage.at(5, () => {
    stage.scheduleOn(0, 0.4, () => {
      fired += 1;
    });
  });
  expect(stage.run(NS_PER_S, 100)).toBe('idle');
  expect(fired).toBe(1);
});
