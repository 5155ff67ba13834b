/** Files that are changing, until they have changed: editors write a file in several steps. */

import type { Clock, Timer } from '../net/ports.ts';

const settlingLimits = {
  /** Quiet for so long, a file is taken for written. */
  quietMs: 100,
  /** A file that never comes to rest is reported all the same. */
  longestMs: 1000,
  /** Between reports: many files that change one after the other come together. */
  pauseMs: 25,
} as const;

interface Change {
  readonly firstMs: number;
  readonly lastMs: number;
}

export class SettlingFiles {
  readonly #clock: Clock;
  readonly #onSettled: (files: ReadonlySet<string>) => void;
  readonly #changes = new Map<string, Change>();
  #timer: Timer | undefined;

  constructor(clock: Clock, onSettled: (files: ReadonlySet<string>) => void) {
    this.#clock = clock;
    this.#onSettled = onSettled;
  }

  /** The file has changed just now. */
  note(file: string): void {
    const lastMs = this.#clock.monotonic();
    const firstMs = this.#changes.get(file)?.firstMs ?? lastMs;
    this.#changes.set(file, { firstMs, lastMs });
    this.#timer ??= this.#wait(settlingLimits.quietMs);
  }

  /** Nothing is reported any more. */
  close(): void {
    this.#timer?.cancel();
    this.#changes.clear();
  }

  #wait(delayMs: number): Timer {
    return this.#clock.schedule(delayMs, () => this.#report());
  }

  #report(): void {
    const nowMs = this.#clock.monotonic();
    const settled = new Set<string>();
    let nextMs = Infinity;
    for (const [file, change] of this.#changes) {
      const dueMs = dueTime(change);
      if (dueMs > nowMs) nextMs = Math.min(nextMs, dueMs);
      else if (this.#changes.delete(file)) settled.add(file);
    }
    const pauseMs = Math.max(nextMs - nowMs, settlingLimits.pauseMs);
    this.#timer = this.#changes.size > 0 ? this.#wait(pauseMs) : undefined;
    if (settled.size > 0) this.#onSettled(settled);
  }
}

function dueTime({ firstMs, lastMs }: Change): number {
  const { quietMs, longestMs } = settlingLimits;
  return Math.min(lastMs + quietMs, firstMs + longestMs);
}
