/** More queries than a machine can work on: how many are begun, and when. */
import { expect, test } from 'vitest';

import { Pressure } from '../../src/resolver/pressure.ts';

/** A machine whose timers come late by so much. */
function machine(lateMs: number): {
  readonly pressure: Pressure;
  begin(count: number): void;
  resolve(count: number): void;
  /** Lets the next timer come. */
  turn(): void;
} {
  let nowMs = 1;
  let waiting = 0;
  let due: (() => void) | undefined;
  const clock = {
    monotonic: () => nowMs,
    wall: () => 0,
    schedule(delayMs: number, callback: () => void) {
      due = () => {
        nowMs += delayMs + lateMs;
        callback();
      };
      return { cancel: () => {} };
    },
  };
  const pressure = new Pressure(clock, () => waiting);
  return {
    pressure,
    begin(count) {
      for (let i = 0; i < count; i++) {
        waiting++;
        pressure.began();
      }
    },
    resolve(count) {
      waiting -= count;
      for (let i = 0; i < count; i++) pressure.resolved();
    },
    turn() {
      const now = due;
      due = undefined;
      now?.();
    },
  };
}

test('while timers come in time any number may wait: their servers are slow, not we', () => {
  const { pressure, begin, turn } = machine(0);
  begin(5000);
  turn();
  expect(pressure.isTooMuch).toBe(false);
});

test('when they come late, no more wait than are resolved in a moment', () => {
  const { pressure, begin, resolve, turn } = machine(80);
  begin(1000);
  for (let i = 0; i < 40; i++) {
    resolve(200);
    begin(200);
    turn();
  }
  // Two are resolved in a millisecond.
  expect(pressure.isTooMuch).toBe(true);
  resolve(590);
  expect(pressure.isTooMuch).toBe(true);
  resolve(20);
  expect(pressure.isTooMuch).toBe(false);
});

test('of the surplus some are read all the same: the cache may know them', () => {
  const { pressure, begin, turn } = machine(80);
  begin(255);
  turn();
  expect(pressure.turnsAway()).toBe(false);
  begin(45);
  for (let i = 0; i < 40; i++) turn();
  const turned = Array.from({ length: 400 }, () => pressure.turnsAway());
  expect(turned.filter((isTurned) => isTurned)).toHaveLength(300);
});

test('what fails at once makes no room for more of its kind', () => {
  const { pressure, begin, turn } = machine(80);
  begin(300);
  for (let i = 0; i < 40; i++) turn();
  expect(pressure.isTooMuch).toBe(true);
});

test('a few are never too many', () => {
  const { pressure, begin, turn } = machine(80);
  begin(255);
  turn();
  expect(pressure.isTooMuch).toBe(false);
});
