/**
 * A bounded store of entries that expire. `lru-cache` bounds and evicts; time is ours: its own TTL
 * makes an entry of TTL 0 immortal and does not know virtual time. Expired entries leave when they
 * are met, or when the bound pushes them out: there is no timer. Where stale entries may be of use,
 * they stay for a while after they are over, within the same bound, for whoever asks for them.
 */

import { LRUCache } from 'lru-cache';

import type { Clock } from '../net/ports.ts';
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

export class ExpiringStore<Entry extends Expiring> {
  readonly #clock: Clock;
  readonly #entries: LRUCache<string, Entry>;
  #hits = 0;
  #misses = 0;
  #evictions = 0;
  readonly #staleMs: number;

  /** `staleMs`: how long an entry stays when it is over. */
  constructor(clock: Clock, maxOctets: number, staleMs: number = 0) {
    this.#clock = clock;
    this.#staleMs = staleMs;
    this.#entries = new LRUCache<string, Entry>({
      // The container allocates slots for `max` at once: no more than can ever fit.
      max: Math.max(1, Math.ceil(maxOctets / ENTRY_OVERHEAD_OCTETS)),
      maxSize: maxOctets,
      sizeCalculation: (entry, key) => ENTRY_OVERHEAD_OCTETS + key.length + entry.octets,
      dispose: (_entry, _key, reason) => {
        if (reason === 'evict') this.#evictions++;
      },
    });
  }

  /** Whole milliseconds, so that expiry is a comparison of integers. */
  get nowMs(): number {
    return Math.floor(this.#clock.monotonic());
  }

  /** The entry, unless its time is over. */
  get(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    if (entry && this.nowMs < entry.expiresAtMs) {
      this.#hits++;
      return entry;
    }
    this.#misses++;
    if (entry && this.#isGone(entry)) this.#entries.delete(key);
    return undefined;
  }

  /** The entry, live or stale. */
  getStale(key: string): Entry | undefined {
    const entry = this.#entries.get(key);
    return entry && !this.#isGone(entry) ? entry : undefined;
  }

  /** As `get`, but counts nothing and keeps the order of eviction. */
  peek(key: string): Entry | undefined {
    const entry = this.#entries.peek(key);
    return entry && this.nowMs < entry.expiresAtMs ? entry : undefined;
  }

  /** The entry even when its time is over, for whoever counts past failures. */
  peekExpired(key: string): Entry | undefined {
    return this.#entries.peek(key);
  }

  set(key: string, entry: Entry): void {
    this.#entries.set(key, entry);
  }

  delete(key: string): void {
    this.#entries.delete(key);
  }

  clear(): void {
    this.#entries.clear();
  }

  /** Returns how many entries are gone. */
  deleteWhere(test: (key: string) => boolean): number {
    const gone = [...this.#entries.keys()].filter(test);
    for (const key of gone) this.#entries.delete(key);
    return gone.length;
  }

  /** Every live entry, for inspection and for the tests' search for poison. */
  *entries(): Generator<readonly [string, Entry], void, undefined> {
    for (const [key, entry] of this.#entries.entries()) {
      if (this.nowMs < entry.expiresAtMs) yield [key, entry];
    }
  }

  /** The stale ones as well. */
  *held(): Generator<readonly [string, Entry], void, undefined> {
    for (const [key, entry] of this.#entries.entries()) {
      if (!this.#isGone(entry)) yield [key, entry];
    }
  }

  #isGone({ expiresAtMs }: Entry): boolean {
    return this.nowMs >= expiresAtMs + this.#staleMs;
  }

  get statistics(): StoreStatistics {
    return {
      entries: this.#entries.size,
      octets: this.#entries.calculatedSize,
      hits: this.#hits,
      misses: this.#misses,
      evictions: this.#evictions,
    };
  }
}
