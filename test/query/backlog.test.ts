/** More queries than there is time for: which are begun, when, and who goes. */
import { expect, test } from 'vitest';

import { Backlog, backlogLimits } from '../../src/query/backlog.ts';

const { beginMs, beginLessMs, few, longMs, queries, safeMs, waitMs } = backlogLimits;

/** A machine that takes a millisecond to begin a query, and so long for all else in a turn. */
class Machine {
  nowMs = 1;
  restMs = 1;
  readonly begun: number[] = [];
  readonly shed: number[] = [];
  readonly refused: number[] = [];
  readonly backlog: Backlog<number>;
  #due: (() => void) | undefined;

  constructor() {
    const clock = {
      monotonic: () => this.nowMs,
      wall: () => 0,
      schedule: (_delayMs: number, callback: () => void) => {
        this.#due = callback;
        return { cancel: () => {} };
      },
    };
    this.backlog = new Backlog<number>(clock, {
      begin: (item) => this.#begin(item),
      shed: (item) => void this.shed.push(item),
    });
  }

  /** What a socket does with each query. */
  arrive(from: number, count: number): void {
    for (let item = from; item < from + count; item++) {
      if (this.backlog.isOpen) this.#begin(item);
      else if (this.backlog.isFull(this.nowMs)) this.refused.push(item);
      else this.backlog.add(item, this.nowMs);
    }
  }

  /** Lets the event loop turn once; returns how many were begun, with what has come meanwhile. */
  turn(): number {
    const before = this.begun.length;
    this.nowMs += this.restMs;
    const now = this.#due;
    this.#due = undefined;
    now?.();
    return this.begun.length - before;
  }

  get isAtRest(): boolean {
    return this.#due === undefined;
  }

  #begin(item: number): void {
    this.begun.push(item);
    this.nowMs++;
    this.backlog.began();
  }
}

function numbers(from: number, count: number): number[] {
  return Array.from({ length: count }, (_, i) => from + i);
}

test('a few are begun at once, however long they take', () => {
  const machine = new Machine();
  machine.arrive(0, few);
  expect(machine.begun).toHaveLength(few);
  expect(machine.isAtRest).toBe(true);
});

test('however many come, a turn begins for some milliseconds, and the rest in later turns', () => {
  const machine = new Machine();
  machine.arrive(0, 100);
  expect(machine.begun).toHaveLength(few + beginMs + 1);
  expect(machine.backlog.size).toBe(100 - few - beginMs - 1);
  expect(machine.turn()).toBe(beginMs);
  while (machine.backlog.size > 0) expect(machine.turn()).toBeLessThanOrEqual(beginMs);
  expect(machine.begun).toEqual(numbers(0, 100));
  machine.turn();
  expect(machine.isAtRest).toBe(true);
  expect(machine.backlog.isOpen).toBe(true);
});

test('where the clock stands still while queries are begun, none has to wait', () => {
  const machine = new Machine();
  for (let item = 0; item < 5000; item++) {
    expect(machine.backlog.isOpen).toBe(true);
    machine.backlog.began();
  }
});

test('whoever comes while others wait is begun after them', () => {
  const machine = new Machine();
  machine.arrive(0, 60);
  machine.turn();
  machine.arrive(60, 5);
  expect(machine.backlog.size).toBeGreaterThan(5);
  while (machine.backlog.size > 0) machine.turn();
  expect(machine.begun).toEqual(numbers(0, 65));
});

test('while there is much to finish, less is begun', () => {
  const machine = new Machine();
  machine.arrive(0, 100);
  machine.restMs = longMs;
  expect(machine.turn()).toBe(beginLessMs);
  expect(machine.turn()).toBe(beginLessMs);
  machine.restMs = 1;
  machine.turn();
  expect(machine.turn()).toBe(beginMs);
});

test('when too many wait, the oldest go', () => {
  const machine = new Machine();
  const first = few + beginMs + 1;
  machine.arrive(0, first + queries);
  machine.nowMs += safeMs;
  machine.arrive(first + queries, 100);
  expect(machine.backlog.size).toBe(queries);
  expect(machine.shed).toEqual(numbers(first, 100));
  machine.turn();
  expect(machine.begun.at(-1)).toBe(first + 100 + beginLessMs - 1);
});

test('when the oldest have come a moment ago, nobody goes for who comes', () => {
  const machine = new Machine();
  const first = few + beginMs + 1;
  machine.arrive(0, first + queries);
  machine.nowMs += safeMs - 1;
  machine.arrive(first + queries, 100);
  expect(machine.shed).toEqual([]);
  expect(machine.refused).toEqual(numbers(first + queries, 100));
});

test('who has waited too long is not begun, and takes no time from the others', () => {
  const machine = new Machine();
  const first = few + beginMs + 1;
  machine.arrive(0, first + 500);
  machine.nowMs += waitMs;
  machine.arrive(first + 500, 10);
  expect(machine.turn()).toBe(beginLessMs);
  expect(machine.shed).toEqual(numbers(first, 500));
  expect(machine.begun.at(-1)).toBe(first + 500);
});

test('when all goes, nobody is begun any more', () => {
  const machine = new Machine();
  machine.arrive(0, 100);
  machine.backlog.clear();
  expect(machine.backlog.size).toBe(0);
  expect(machine.turn()).toBe(0);
  expect(machine.shed).toHaveLength(100 - few - beginMs - 1);
});
