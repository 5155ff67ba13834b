/**
 * A bounded store of entries that expire. `lru-cache` bounds and evicts; time is ours: its own TTL
 * makes an entry of TTL 0 immortal and does not know virtual time. Expired entries leave when they
 * are met, or when the bound pushes them out: there is no timer.
 *
 * Whoever asks for names that nobody else will ask for must not push out what others use. So there
 * are two segments (segmented LRU), and what is new has to be asked for again before it counts:
 *
 *     set ─► once ── found ──► often, 80 % of the octets at most
 *              │ ▲               │ ▲  the one that was not found for longest
 *     pushed   │ └───────────────┘ │
 *     out ◄────┘ ········ set again┘
 *
 * A flood of new entries goes through `once` and leaves `often` alone. `once` has all that `often`
 * does not need. What was pushed out before anybody could find it is known again (`Ghosts`).
 */

import { LRUCache } from 'lru-cache';

import type { Clock } from '../net/ports.ts';
import { Ghosts, hashOfKey } from './ghosts.ts';
import { ENTRY_OVERHEAD_OCTETS } from './limits.ts';

export interface Expiring {
  /** Milliseconds of the monotonic clock, a whole number; at this instant it is over. */
  readonly expiresAtMs: number;
  /** Without key and overhead. */
  readonly octets: number;
}

export interface StoreStatistics {
  readonly entries: number;
  readonly octets: number;
  readonly hits: number;
  readonly misses: number;
  readonly evictions: number;
}

/** Of the octets, what entries that were found may take from those that are new. */
const OFTEN_SHARE = 0.8;

export class ExpiringStore<Entry extends Expiring> {
  readonly #clock: Clock;
  readonly #maxOctets: number;
  readonly #once: LRUCache<string, Entry>;
  readonly #often: LRUCache<string, Entry>;
  readonly #pushedOut: Ghosts;
  #hits = 0;
  #misses = 0;
  #evictions = 0;

  constructor(clock: Clock, maxOctets: number) {
    this.#clock = clock;
    this.#maxOctets = maxOctets;
    this.#once = segment(maxOctets, (_entry, key) => {
      this.#evictions++;
      this.#pushedOut.add(hashOfKey(key));
    });
    this.#often = segment(Math.ceil(maxOctets * OFTEN_SHARE), (entry, key) => {
      this.#once.set(key, entry);
    });
    this.#pushedOut = new Ghosts(this.#once.max);
  }

  get isEmpty(): boolean {
    return this.#once.size === 0 && this.#often.size === 0;
  }

  /** Whole milliseconds, so that expiry is a comparison of integers. */
  get nowMs(): number {
    return Math.floor(this.#clock.monotonic());
  }

  /** The entry, unless its time is over. */
  get(key: string): Entry | undefined {
    const entry = this.#find(key);
    if (entry && this.#isLive(entry)) {
      this.#hits++;
      return entry;
    }
    this.#misses++;
    // In the other segment it keeps its place for what is fetched anew.
    if (entry) this.#once.delete(key);
    return undefined;
  }

  /** As `get`, but counts nothing and keeps the order of eviction. */
  peek(key: string): Entry | undefined {
    const entry = this.peekExpired(key);
    return entry && this.#isLive(entry) ? entry : undefined;
  }

  /** The entry even when its time is over, for whoever counts past failures. */
  peekExpired(key: string): Entry | undefined {
    return this.#often.peek(key) ?? this.#once.peek(key);
  }

  set(key: string, entry: Entry): void {
    const isOften = this.#often.has(key);
    const isKnown = isOften || this.#once.has(key);
    (isOften ? this.#often : this.#once).set(key, entry);
    if (!isKnown && this.#pushedOut.has(hashOfKey(key))) this.#promote(key, entry);
    this.#trim();
  }

  delete(key: string): void {
    this.#once.delete(key);
    this.#often.delete(key);
  }

  clear(): void {
    this.#once.clear();
    this.#often.clear();
  }

  /** Returns how many entries are gone. */
  deleteWhere(test: (key: string) => boolean): number {
    const gone = [...this.#often.keys(), ...this.#once.keys()].filter(test);
    for (const key of gone) this.delete(key);
    return gone.length;
  }

  /** Every live entry, for inspection and for the tests' search for poison. */
  *entries(): Generator<readonly [string, Entry], void, undefined> {
    for (const [key, entry] of this.#all()) {
      if (this.#isLive(entry)) yield [key, entry];
    }
  }

  *#all(): Generator<readonly [string, Entry], void, undefined> {
    yield* this.#often.entries();
    yield* this.#once.entries();
  }

  #find(key: string): Entry | undefined {
    const often = this.#often.get(key);
    if (often) return often;
    const once = this.#once.get(key);
    if (once && this.#isLive(once)) this.#promote(key, once);
    return once;
  }

  #promote(key: string, entry: Entry): void {
    if (sizeOf(entry, key) > this.#often.maxSize) return;
    this.#once.delete(key);
    this.#often.set(key, entry);
    this.#trim();
  }

  /** Each segment is bounded by itself; here both are. */
  #trim(): void {
    while (this.#octets > this.#maxOctets) this.#once.pop();
  }

  get #octets(): number {
    return this.#once.calculatedSize + this.#often.calculatedSize;
  }

  #isLive({ expiresAtMs }: Entry): boolean {
    return this.nowMs < expiresAtMs;
  }

  get statistics(): StoreStatistics {
    return {
      entries: this.#once.size + this.#often.size,
      octets: this.#octets,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    };
  }
}

function segment<Entry extends Expiring>(
  maxSize: number,
  pushOut: (entry: Entry, key: string) => void,
): LRUCache<string, Entry> {
  return new LRUCache<string, Entry>({
    // The container allocates slots for `max` at once: no more than can ever fit.
    max: Math.max(1, Math.ceil(maxSize / ENTRY_OVERHEAD_OCTETS)),
    maxSize,
    sizeCalculation: sizeOf,
    dispose: (entry, key, reason) => {
      if (reason === 'evict') pushOut(entry, key);
    },
  });
}

function sizeOf(entry: Expiring, key: string): number {
  return ENTRY_OVERHEAD_OCTETS + key.length + entry.octets;
}
