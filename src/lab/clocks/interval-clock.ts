/**
 * A clock that says how wrong it may be, as TrueTime does (Corbett et al., Spanner, OSDI 2012 §3):
 * an interval that holds the true time as long as the crystal keeps its bound. It grows from one
 * synchronisation to the next, and goes on growing when none comes.
 *
 *     ε(t) = base + drift · (t − last synchronisation)
 */

export interface Interval {
  readonly earliestNs: number;
  readonly latestNs: number;
}

/** What Spanner applies: 200 µs a second, poll every 30 s, about 1 ms to the time master. */
export const TRUE_TIME = { driftPpm: 200, pollNs: 30_000_000_000, baseNs: 1_000_000 } as const;

export class IntervalClock {
  readonly #monotonicNs: () => number;
  readonly #driftPpm: number;
  #last: { readonly atNs: number; readonly timeNs: number; readonly errorNs: number } | undefined;

  constructor(monotonicNs: () => number, driftPpm: number = TRUE_TIME.driftPpm) {
    this.#monotonicNs = monotonicNs;
    this.#driftPpm = driftPpm;
  }

  /** It is `timeNs` now, give or take `errorNs`. */
  synchronise(timeNs: number, errorNs: number): void {
    this.#last = { atNs: this.#monotonicNs(), timeNs, errorNs };
  }

  /** Infinite before the first synchronisation: nothing is known. */
  now(): Interval {
    if (this.#last === undefined) return { earliestNs: -Infinity, latestNs: Infinity };
    const { atNs, timeNs, errorNs } = this.#last;
    const sinceNs = this.#monotonicNs() - atNs;
    const ε = Math.ceil(errorNs + (sinceNs * this.#driftPpm) / 1_000_000);
    return { earliestNs: timeNs + sinceNs - ε, latestNs: timeNs + sinceNs + ε };
  }

  /** `timeNs` has certainly passed. */
  isAfter(timeNs: number): boolean {
    return this.now().earliestNs > timeNs;
  }

  /** `timeNs` has certainly not come. */
  isBefore(timeNs: number): boolean {
    return this.now().latestNs < timeNs;
  }
}
