/**
 * The clocks and timers of the machine.
 *
 * A query that is resolved starts two or three timers, and hardly any of them ever fires. So those
 * of the same delay share one of Node's: they are due in the order in which they were started, and
 * only the first of them need be waited for.
 *
 *     delay ─► first ⇄ … ⇄ last      a new one is the last; whoever is cancelled just leaves
 *                └─► Node's timer, which finds out whose time is over, and waits for the next
 */

// The global of that name is an accessor, and a slow one for what is called twenty times a query.
import { performance } from 'node:perf_hooks';

import type { Clock, Timer } from '../ports.ts';
import { guarded, type BugReporter } from './bugs.ts';

/** `setTimeout` takes anything above for 1 ms, so longer delays go in several steps. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** Keeps monotonic time away from 0, which code may take for 'never'. */
const START_MS = 1;
/** So late a timer is when this process was busy or not let run, rather than idle. */
const LATE_MS = 5;
/** Delays above are seldom used again soon, so that nothing is kept for them. */
const LONG_MS = 30_000;

export function createClock(onBug: BugReporter): Clock {
  const timers = new Timers(onBug);
  return {
    monotonic,
    wall: () => Date.now(),
    schedule: (delayMs, callback) => timers.start(delayMs, callback),
  };
}

function monotonic(): number {
  return performance.now() + START_MS;
}

class Timers {
  readonly onBug: BugReporter;
  /** By their delays. */
  readonly #queues = new Map<number, TimerQueue>();

  constructor(onBug: BugReporter) {
    this.onBug = onBug;
  }

  start(delayMs: number, callback: () => void): Timer {
    // The negated comparison also turns NaN into 0.
    const waitMs = delayMs > 0 ? Math.ceil(delayMs) : 0;
    let queue = this.#queues.get(waitMs);
    if (!queue) this.#queues.set(waitMs, (queue = new TimerQueue(this, waitMs)));
    return queue.start(callback);
  }

  forget(queue: TimerQueue): void {
    if (this.#queues.get(queue.waitMs) === queue) this.#queues.delete(queue.waitMs);
  }
}

/** All timers of one delay that are pending, the oldest first. */
class TimerQueue {
  readonly waitMs: number;
  readonly #timers: Timers;
  #first: RealTimer | undefined;
  #last: RealTimer | undefined;
  /** Left running when nobody waits any more, but then it does not keep the process alive. */
  #handle: NodeJS.Timeout | undefined;
  #isAwake = false;

  constructor(timers: Timers, waitMs: number) {
    this.#timers = timers;
    this.waitMs = waitMs;
  }

  start(callback: () => void): RealTimer {
    const timer = new RealTimer(this, monotonic() + this.waitMs, callback);
    timer.previous = this.#last;
    if (this.#last) this.#last.next = timer;
    else this.#begin(timer);
    this.#last = timer;
    return timer;
  }

  /** It fires or was cancelled. */
  remove(timer: RealTimer): void {
    const { previous, next } = timer;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    // It may lie in the old part of the heap, and would keep its neighbours.
    timer.previous = undefined;
    timer.next = undefined;
    if (this.#first) return;
    if (this.waitMs > LONG_MS) this.#end();
    else this.#handle?.unref();
  }

  #begin(timer: RealTimer): void {
    this.#first = timer;
    if (this.#handle) this.#handle.ref();
    else if (!this.#isAwake) this.#arm(this.waitMs);
  }

  #arm(leftMs: number): void {
    this.#handle = setTimeout(wake, Math.min(Math.ceil(leftMs), MAX_TIMEOUT_MS), this);
  }

  #end(): void {
    clearTimeout(this.#handle);
    this.#handle = undefined;
    this.#timers.forget(this);
  }

  /**
   * Node rounds the loop's time down and may fire up to a millisecond early: then it waits again.
   * Timers come before sockets in the loop: after a pause of our own, what arrived in it must be
   * read first, or it would look as if everybody had been silent.
   */
  wake(): void {
    const { onBug } = this.#timers;
    const nowMs = monotonic();
    this.#handle = undefined;
    this.#isAwake = true;
    for (let timer = this.#first; timer && timer.dueMs <= nowMs; timer = this.#first) {
      timer.leave();
      if (timer.dueMs < nowMs - LATE_MS) timer.behindSockets = setImmediate(fire, timer, onBug);
      else fire(timer, onBug);
    }
    this.#isAwake = false;
    if (this.#first) this.#arm(this.#first.dueMs - nowMs);
    else this.#end();
  }
}

class RealTimer implements Timer {
  readonly dueMs: number;
  readonly callback: () => void;
  previous: RealTimer | undefined;
  next: RealTimer | undefined;
  behindSockets: NodeJS.Immediate | undefined;
  #queue: TimerQueue | undefined;

  constructor(queue: TimerQueue, dueMs: number, callback: () => void) {
    this.#queue = queue;
    this.dueMs = dueMs;
    this.callback = callback;
  }

  cancel(): void {
    this.leave();
    if (this.behindSockets) clearImmediate(this.behindSockets);
  }

  leave(): void {
    this.#queue?.remove(this);
    this.#queue = undefined;
  }
}

function wake(queue: TimerQueue): void {
  queue.wake();
}

function fire({ callback }: RealTimer, onBug: BugReporter): void {
  guarded(onBug, 'timer', callback);
}
