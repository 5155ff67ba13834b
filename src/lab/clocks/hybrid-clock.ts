/**
 * Hybrid logical clocks (Kulkarni, Demirbas, Madappa, Avva, Leone, OPODIS 2014): stamps that are
 * close to the wall clock and, like Lamport's, greater for whatever follows. `l` is the largest
 * wall time heard of, `c` counts what happens within one `l`.
 *
 *     e happened before f  ⇒  stamp(e) < stamp(f)          whatever the clocks show
 *     0 ≤ l − wall ≤ ε                                      while clocks differ by at most ε
 */

/** Ordered by `l`, then `c`; the same pair may come from two nodes. */
export interface HybridStamp {
  /** Nanoseconds of a wall clock. */
  readonly l: number;
  readonly c: number;
}

export class HybridClock {
  readonly #wallNs: () => number;
  #l = Number.MIN_SAFE_INTEGER;
  #c = 0;

  /** `wallNs` is asked for each stamp; it may jump either way. */
  constructor(wallNs: () => number) {
    this.#wallNs = wallNs;
  }

  /** Of something that happens here, the sending of a message too. */
  now(): HybridStamp {
    const wallNs = this.#wallNs();
    if (wallNs > this.#l) {
      this.#l = wallNs;
      this.#c = 0;
    } else this.#c += 1;
    return this.last;
  }

  /** Of the receipt of a message that bears `stamp`. */
  receive(stamp: HybridStamp): HybridStamp {
    const wallNs = this.#wallNs();
    const l = Math.max(this.#l, stamp.l, wallNs);
    const own = l === this.#l ? this.#c : -1;
    const heard = l === stamp.l ? stamp.c : -1;
    this.#l = l;
    this.#c = Math.max(own, heard) + 1;
    return this.last;
  }

  /** The last stamp given. */
  get last(): HybridStamp {
    return { l: this.#l, c: this.#c };
  }
}

/** Below 0 when `a` is the earlier. */
export function compareStamps(a: HybridStamp, b: HybridStamp): number {
  return a.l - b.l || a.c - b.c;
}
