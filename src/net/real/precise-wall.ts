/**
 * The machine's wall clock finer than the milliseconds of `Date.now()`: the monotonic clock plus an
 * offset, corrected whenever the two contradict each other. So it follows when somebody sets the
 * clock, at once to the millisecond.
 */

import { performance } from 'node:perf_hooks';

const NS_PER_MS = 1_000_000;

/** Nanoseconds since 1970, each time it is called. */
export function createPreciseWall(): () => bigint {
  // To a microsecond, when the process began.
  let wholeMs = Math.floor(performance.timeOrigin);
  let restMs = performance.timeOrigin - wholeMs;
  return () => {
    const sinceMs = performance.now() + restMs;
    // What the machine shows is the truth, rounded down.
    const shownMs = Date.now() - wholeMs;
    if (sinceMs < shownMs) restMs += shownMs - sinceMs;
    else if (sinceMs > shownMs + 1) restMs += shownMs + 1 - sinceMs;
    if (Math.abs(restMs) > 1000) {
      const movedMs = Math.floor(restMs);
      wholeMs += movedMs;
      restMs -= movedMs;
    }
    const partNs = Math.round((performance.now() + restMs) * NS_PER_MS);
    return BigInt(wholeMs) * BigInt(NS_PER_MS) + BigInt(partNs);
  };
}
