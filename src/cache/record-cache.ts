/**
 * RRsets that answered a question, with the credibility they came with (RFC 2181 §5.4.1): data of
 * less credibility never replace live data of more. Glue and other additional data have no business
 * here at all; delegations keep what they need of it (`delegation-cache.ts`).
 */

import type { Clock } from '../net/ports.ts';
import type { DnsName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import { ExpiringStore, type StoreStatistics } from './expiring-store.ts';
import type { CachedRecords } from './inspection.ts';
import { rrsetKey } from './key.ts';
import type { CacheLimits } from './limits.ts';
import { newlyWanted, noteHit, type Look, type Wanted } from './look.ts';
import { packRRset, packedLength, unpackRRset, type PackedRRset } from './packed-rrset.ts';
import { clampTtl, secondsLeft } from './ttl.ts';

/** RFC 2181 §5.4.1, the steps that data of this cache can have; more is more credible. */
export const Credibility = {
  /** The answer section of a reply without AA. */
  NON_AUTHORITATIVE_ANSWER: 1,
  /** The authority section of an authoritative reply. */
  AUTHORITY: 2,
  /** The answer section of an authoritative reply. */
  AUTHORITATIVE_ANSWER: 3,
} as const;

interface RecordEntry extends Wanted {
  readonly packed: PackedRRset;
  readonly credibility: number;
}

export class RecordCache {
  readonly #store: ExpiringStore<RecordEntry>;
  readonly #limits: CacheLimits;

  /** `staleMs`: how long entries stay when they are over. */
  constructor(clock: Clock, limits: CacheLimits, staleMs: number) {
    this.#store = new ExpiringStore(clock, limits.recordOctets, staleMs);
    this.#limits = limits;
  }

  /** The RRset with the TTL that is left, or for a look that takes stale ones, with its own. */
  get(name: DnsName, type: number, look?: Look): RRset | undefined {
    const key = rrsetKey(name, type);
    if (look?.staleTtlSeconds !== undefined) return this.#getStale(key, look, look.staleTtlSeconds);
    const entry = this.#store.get(key);
    if (entry && look) noteHit(look, entry, this.#store.nowMs);
    return entry && this.#unpack(entry);
  }

  /** As `get`, for what is shown beside the thing that was looked for. */
  peek(name: DnsName, type: number): RRset | undefined {
    const entry = this.#store.peek(rrsetKey(name, type));
    return entry && this.#unpack(entry);
  }

  /** When an entry of that name and type is over or was; undefined when there is none. */
  expiresAtMs(name: DnsName, type: number): number | undefined {
    return this.#store.peekExpired(rrsetKey(name, type))?.expiresAtMs;
  }

  /**
   * Keeps a copy, unless its TTL is 0, it is too large, or something more credible is there.
   * Returns the RRset with its TTL as capped, to answer with.
   */
  put(rrset: RRset, credibility: number): RRset {
    const ttl = clampTtl(rrset.ttl, this.#limits.ttlSecondsMin, this.#limits.ttlSeconds);
    const capped = ttl === rrset.ttl ? rrset : { ...rrset, ttl };
    if (ttl > 0 && this.#fits(rrset)) this.#keep(capped, credibility);
    else this.#forgetStale(rrset);
    return capped;
  }

  /** What is kept there is over at that time, if it was to live longer. */
  shorten(name: DnsName, type: number, untilMs: number): void {
    const key = rrsetKey(name, type);
    const present = this.#store.peek(key);
    if (!present || present.expiresAtMs <= untilMs) return;
    const dueAtMs = Math.min(present.dueAtMs, untilMs);
    this.#store.set(key, { ...present, expiresAtMs: Math.floor(untilMs), dueAtMs });
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

  /** Everything live or stale, for people and for dumps. */
  *inspect(): Generator<CachedRecords, void, undefined> {
    for (const [, entry] of this.#store.held()) {
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

  #getStale(key: string, look: Look, ttl: number): RRset | undefined {
    const entry = this.#store.getStale(key);
    if (!entry) return undefined;
    if (this.#store.nowMs < entry.expiresAtMs) return this.#unpack(entry);
    look.isStale = true;
    return unpackRRset(entry.packed, Math.min(ttl, entry.ttlSeconds), entry.expiresAtMs);
  }

  /** What is over must not come back when there is something newer that cannot be kept. */
  #forgetStale({ name, type, class: dnsClass }: RRset): void {
    const key = rrsetKey(name, type, dnsClass);
    if (!this.#store.peek(key)) this.#store.delete(key);
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
    const { nowMs } = this.#store;
    const wanted = newlyWanted(nowMs, rrset.ttl);
    this.#store.set(key, { packed, credibility, octets, ...wanted });
  }

  #unpack({ packed, expiresAtMs }: RecordEntry): RRset {
    return unpackRRset(packed, secondsLeft(expiresAtMs, this.#store.nowMs), expiresAtMs);
  }
}
