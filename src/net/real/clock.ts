/** The clocks and timers of the machine. */

import type { Clock, Timer } from '../ports.ts';
import { guarded, type BugReporter } from './bugs.ts';

/** `setTimeout` takes anything above for 1 ms, so longer delays go in several steps. */
const MAX_TIMEOUT_MS = 2 ** 31 - 1;
/** Keeps monotonic time away from 0, which code may take for 'never'. */
const START_MS = 1;
/** So late a timer is when this process was busy or not let run, rather than idle. */
const LATE_MS = 5;

export function createClock(onBug: BugReporter): Clock {
  return {
    monotonic,
    wall: () => Date.now(),
    schedule: (delayMs, callback) => new RealTimer(delayMs, callback, onBug),
  };
}

function monotonic(): number {
  return performance.now() + START_MS;
}

/** One object, for a query that is resolved starts two or three. */
class RealTimer implements Timer {
  readonly #dueMs: number;
  readonly #callback: () => void;
  readonly #onBug: BugReporter;
  #handle: NodeJS.Timeout;
  #behindSockets: NodeJS.Immediate | undefined;

  constructor(delayMs: number, callback: () => void, onBug: BugReporter) {
    // The negated comparison also turns NaN into 0.
    const waitMs = delayMs > 0 ? delayMs : 0;
    this.#dueMs = monotonic() + waitMs;
    this.#callback = callback;
    this.#onBug = onBug;
    this.#handle = this.#arm(waitMs);
  }

  cancel(): void {
    clearTimeout(this.#handle);
    if (this.#behindSockets) clearImmediate(this.#behindSockets);
  }

  #arm(leftMs: number): NodeJS.Timeout {
    return setTimeout(wake, Math.min(Math.ceil(leftMs), MAX_TIMEOUT_MS), this);
  }

  /**
   * Node rounds the loop's time down and may fire up to a millisecond early: then it waits again.
   * Timers come before sockets in the loop: after a pause of our own, what arrived in it must be
   * read first, or it would look as if everybody had been silent.
   */
  wake(): void {
    const leftMs = this.#dueMs - monotonic();
    if (leftMs > 0) this.#handle = this.#arm(leftMs);
    else if (leftMs < -LATE_MS) this.#behindSockets = setImmediate(fire, this);
    else this.fire();
  }

  fire(): void {
    guarded(this.#onBug, 'timer', this.#callback);
  }
}

function wake(timer: RealTimer): void {
  timer.wake();
}

function fire(timer: RealTimer): void {
  timer.fire();
}
