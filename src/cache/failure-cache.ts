/**
 * Questions that could not be answered (RFC 9520): not asked again for 5 s, and each failure that
 * follows on another doubles that, up to a minute. A success forgets them.
 */

import type { Clock } from '../net/ports.ts';
import type { Question } from '../wire/record.ts';
import { ExpiringStore, type Expiring, type StoreStatistics } from './expiring-store.ts';
import type { CachedFailureOf } from './inspection.ts';
import { partsOfKey, rrsetKey } from './key.ts';
import type { CacheLimits } from './limits.ts';
import { expiryMs } from './ttl.ts';

export interface CachedFailure {
  /** An extended DNS error (RFC 8914) and its words. */
  readonly code: number;
  readonly text: string;
}

interface FailureEntry extends Expiring {
  readonly failure: CachedFailure;
  readonly seconds: number;
}

export class FailureCache {
  readonly #store: ExpiringStore<FailureEntry>;
  readonly #limits: CacheLimits;

  constructor(clock: Clock, limits: CacheLimits) {
    this.#store = new ExpiringStore(clock, limits.failureOctets);
    this.#limits = limits;
  }

  get(question: Question): CachedFailure | undefined {
    // As a rule nothing has failed, and no key need be made.
    if (this.#store.isEmpty) return undefined;
    // Not `get`, which forgets what is over: the length of the next failure depends on the last.
    return this.#store.peek(keyOf(question))?.failure;
  }

  /** A failure that is kept already stays as it is: it is the same one, seen twice. */
  put(question: Question, { code, text }: CachedFailure): void {
    const key = keyOf(question);
    if (this.#store.peek(key)) return;
    const seconds = this.#nextSeconds(key);
    const expiresAtMs = expiryMs(this.#store.nowMs, seconds);
    this.#store.set(key, { failure: { code, text }, seconds, expiresAtMs, octets: text.length });
  }

  /** The failure is to hold for so long at least from now on. */
  hold(question: Question, failure: CachedFailure, seconds: number): void {
    const key = keyOf(question);
    const expiresAtMs = expiryMs(this.#store.nowMs, seconds);
    const present = this.#store.peek(key);
    if (present && present.expiresAtMs >= expiresAtMs) return;
    const { code, text } = present?.failure ?? failure;
    this.#store.set(key, { failure: { code, text }, seconds, expiresAtMs, octets: text.length });
  }

  delete(question: Question): void {
    if (!this.#store.isEmpty) this.#store.delete(keyOf(question));
  }

  clear(): void {
    this.#store.clear();
  }

  deleteWhere(test: (key: string) => boolean): number {
    return this.#store.deleteWhere(test);
  }

  /** Everything live, for people. */
  *inspect(): Generator<CachedFailureOf, void, undefined> {
    for (const [key, { failure, expiresAtMs }] of this.#store.entries()) {
      yield { ...partsOfKey(key), text: failure.text, expiresAtMs };
    }
  }

  get statistics(): StoreStatistics {
    return this.#store.statistics;
  }

  /** Failures follow on one another when the last one was over for less time than it held. */
  #nextSeconds(key: string): number {
    const { failureSeconds, failureSecondsMax } = this.#limits;
    const last = this.#store.peekExpired(key);
    if (!last) return failureSeconds;
    const isFresh = this.#store.nowMs < last.expiresAtMs + last.seconds * 1000;
    return isFresh ? Math.min(last.seconds * 2, failureSecondsMax) : failureSeconds;
  }
}

function keyOf({ name, type, class: dnsClass }: Question): string {
  return rrsetKey(name, type, dnsClass);
}
