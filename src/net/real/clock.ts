/** The clocks and timers of the machine. */

import { performance } from 'node:perf_hooks';

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
    schedule: (delayMs, callback) => schedule(delayMs, () => guarded(onBug, 'timer', callback)),
  };
}

function monotonic(): number {
  return performance.now() + START_MS;
}

function schedule(delayMs: number, callback: () => void): Timer {
  // The negated comparison also turns NaN into 0.
  const dueMs = monotonic() + (delayMs > 0 ? delayMs : 0);
  const arm = (leftMs: number): NodeJS.Timeout =>
    setTimeout(fire, Math.min(Math.ceil(leftMs), MAX_TIMEOUT_MS));
  // Node rounds the loop's time down and may fire up to a millisecond early: then wait again.
  // Timers come before sockets in the loop: after a pause of our own, what arrived in it must be
  // read first, or it would look as if everybody had been silent.
  const fire = (): void => {
    const leftMs = dueMs - monotonic();
    if (leftMs > 0) handle = arm(leftMs);
    else if (leftMs < -LATE_MS) behindSockets = setImmediate(callback);
    else callback();
  };
  let behindSockets: NodeJS.Immediate | undefined;
  let handle = arm(dueMs - monotonic());
  return {
    cancel: () => {
      clearTimeout(handle);
      clearImmediate(behindSockets);
    },
  };
}
