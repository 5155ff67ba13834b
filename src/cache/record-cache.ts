/**
 * RRsets that answered a question, with the credibility they came with (RFC 2181 §5.4.1): data of
 * less credibility never replace live data of more. Glue and other additional data have no business
 * here at all; delegations keep what they need of it (`delegation-cache.ts`).
 */

import type { Clock } from '../net/ports.ts';
import type { DnsName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import { ExpiringStore, type Expiring, type StoreStatistics } from './expiring-store.ts';
import type { CachedRecords } from './inspection.ts';
import { rrsetKey } from './key.ts';
import type { CacheLimits } from './limits.ts';
import { packRRset, packedLength, unpackRRset, type PackedRRset } from './packed-rrset.ts';
import { expiryMs, secondsLeft } from './ttl.ts';

/** RFC 2181 §5.4.1, the steps that data of this cache can have; more is more credible. */
export const Credibility = {
  /** The answer section of a reply without AA. */
  NON_AUTHORITATIVE_ANSWER: 1,
  /** The authority section of an authoritative reply. */
  AUTHORITY: 2,
  /** The answer section of an authoritative reply. */
  AUTHORITATIVE_ANSWER: 3,
} as const;

interface RecordEntry extends Expiring {
  readonly packed: PackedRRset;
  readonly credibility: number;
}

export class RecordCache {
  readonly #store: ExpiringStore<RecordEntry>;
  readonly #limits: CacheLimits;

  constructor(clock: Clock, limits: CacheLimits) {
    this.#store = new ExpiringStore(clock, limits.recordOctets);
    this.#limits = limits;
  }

  /** The RRset with the TTL that is left. */
  get(name: DnsName, type: number): RRset | undefined {
    const entry = this.#store.get(rrsetKey(name, type));
    return entry && this.#unpack(entry);
  }

  /**
   * Keeps a copy, unless its TTL is 0, it is too large, or something more credible is there.
   * Returns the RRset with its TTL as capped, to answer with.
   */
  put(rrset: RRset, credibility: number): RRset {
    const ttl = Math.min(rrset.ttl, this.#limits.ttlSeconds);
    const capped = ttl === rrset.ttl ? rrset : { ...rrset, ttl };
    if (ttl > 0 && this.#fits(rrset)) this.#keep(capped, credibility);
    return capped;
  }

  delete(name: DnsName, type: number): void {
    this.#store.delete(rrsetKey(name, type));
  }

  clear(): void {
    this.#store.clear();
  }

  deleteWhere(test: (key: string) => boolean): number {
    return this.#store.deleteWhere(test);
  }

  /** Keeps what was kept before, for as long as it has left, and no longer. */
  restore(rrset: RRset, credibility: number): void {
    const ttl = Math.min(rrset.ttl, this.#limits.ttlSeconds);
    if (ttl > 0 && this.#fits(rrset)) this.#keep({ ...rrset, ttl }, credibility);
  }

  /** Everything live, for people and for dumps. */
  *inspect(): Generator<CachedRecords, void, undefined> {
    for (const [, entry] of this.#store.entries()) {
      const { credibility, expiresAtMs } = entry;
      yield { rrset: this.#unpack(entry), credibility, expiresAtMs };
    }
  }

  *entries(): Generator<RRset, void, undefined> {
    for (const [, entry] of this.#store.entries()) yield this.#unpack(entry);
  }

  get statistics(): StoreStatistics {
    return this.#store.statistics;
  }

  #fits(rrset: RRset): boolean {
    const { recordsPerRRset, octetsPerRRset } = this.#limits;
    return rrset.rdatas.length <= recordsPerRRset && packedLength(rrset) <= octetsPerRRset;
  }

  #keep(rrset: RRset, credibility: number): void {
    const key = rrsetKey(rrset.name, rrset.type, rrset.class);
    const present = this.#store.peek(key);
    if (present && present.credibility > credibility) return;
    const packed = packRRset(rrset);
    const octets = packed.rdata.length + packed.name.wire.length;
    const expiresAtMs = expiryMs(this.#store.nowMs, rrset.ttl);
    this.#store.set(key, { packed, credibility, octets, expiresAtMs });
  }

  #unpack({ packed, expiresAtMs }: RecordEntry): RRset {
    return unpackRRset(packed, secondsLeft(expiresAtMs, this.#store.nowMs), expiresAtMs);
  }
}
