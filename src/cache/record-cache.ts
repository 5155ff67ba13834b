/**
 * RRsets that answered a question, with the credibility they came with (RFC 2181 §5.4.1): data of
 * less credibility never replace live data of more. Glue and other additional data have no business
 * here at all; delegations keep what they need of it (`delegation-cache.ts`).
 */

import type { DnsName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import type { StoreStatistics } from './expiring-store.ts';
import type { CachedRecords } from './inspection.ts';
import { classOfKind, kindOf, typeOfKind } from './key.ts';
import type { CacheLimits } from './limits.ts';
import { lifeBefore, newLife, noteHit, shownTtl, type Life, type Look } from './look.ts';
import { NONE, type OctetStore } from './octet-store.ts';
import { pack, packedLength, unpack } from './packed-rrset.ts';
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

export class RecordCache {
  readonly #store: OctetStore;
  readonly #limits: CacheLimits;

  constructor(store: OctetStore, limits: CacheLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  /** The RRset with the TTL that is left, or for a look that takes stale ones, with its own. */
  get(name: DnsName, type: number, look?: Look): RRset | undefined {
    if (this.#store.entries === 0) return undefined;
    if (look?.staleTtlSeconds !== undefined) return this.#getStale(name, type, look);
    const { nowMs } = this.#store;
    const place = this.#store.get(name, kindOf(type), nowMs);
    if (place === NONE) return undefined;
    if (look) noteHit(look, this.#store, place);
    return this.#unpack(name, place, shownTtl(look, this.#store, { place, nowMs }));
  }

  /** As `get`, for what is shown beside the thing that was looked for. */
  peek(name: DnsName, type: number): RRset | undefined {
    const { nowMs } = this.#store;
    const place = this.#findLive(name, kindOf(type), nowMs);
    if (place === NONE) return undefined;
    return this.#unpack(name, place, secondsLeft(this.#store.expiresAtMs(place), nowMs));
  }

  /** When an entry of that name and type is over or was; undefined when there is none. */
  expiresAtMs(name: DnsName, type: number): number | undefined {
    const place = this.#store.find(name, kindOf(type));
    return place === NONE ? undefined : this.#store.expiresAtMs(place);
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
    const place = this.#findLive(name, kindOf(type), this.#store.nowMs);
    if (place === NONE || this.#store.expiresAtMs(place) <= untilMs) return;
    this.#store.shorten(place, Math.floor(untilMs));
  }

  delete(name: DnsName, type: number): void {
    this.#store.delete(name, kindOf(type));
  }

  clear(): void {
    this.#store.clear();
  }

  deleteWhere(test: (name: DnsName, type: number) => boolean): number {
    return this.#store.deleteWhere((name, kind) => test(name, typeOfKind(kind)));
  }

  /** Keeps what was kept before, for as long as it has left, and no longer. */
  restore(rrset: RRset, credibility: number): void {
    const ttl = Math.min(rrset.ttl, this.#limits.ttlSeconds);
    if (ttl > 0 && this.#fits(rrset)) this.#keep({ ...rrset, ttl }, credibility);
  }

  /**
   * Keeps what was over before it came, to be served stale, if it is of use and nothing is there.
   * Its own TTL is not known: it shows what RFC 8767 §4 allows to anything. Returns whether it is
   * kept.
   */
  restoreStale(rrset: RRset, credibility: number, expiresAtMs: number): boolean {
    const store = this.#store;
    const kind = kindOf(rrset.type, rrset.class);
    if (!this.#fits(rrset) || !store.isOfUse(expiresAtMs)) return false;
    if (store.find(rrset.name, kind) !== NONE) return false;
    return this.#write(rrset, credibility, lifeBefore(expiresAtMs));
  }

  /** Everything live or stale, for people and for dumps. */
  *inspect(): Generator<CachedRecords, void, undefined> {
    const store = this.#store;
    for (const place of store.places()) {
      const expiresAtMs = store.expiresAtMs(place);
      const left = secondsLeft(expiresAtMs, store.nowMs);
      const rrset = this.#unpack(store.nameOf(place), place, left);
      yield { rrset, credibility: store.noteOf(place), expiresAtMs };
    }
  }

  *entries(): Generator<RRset, void, undefined> {
    for (const { rrset, expiresAtMs } of this.inspect()) {
      if (this.#store.nowMs < expiresAtMs) yield rrset;
    }
  }

  get statistics(): StoreStatistics {
    return this.#store.statistics;
  }

  #getStale(name: DnsName, type: number, look: Look): RRset | undefined {
    const store = this.#store;
    const { nowMs } = store;
    const place = store.getStale(name, kindOf(type), nowMs);
    if (place === NONE) return undefined;
    const expiresAtMs = store.expiresAtMs(place);
    if (nowMs < expiresAtMs) return this.#unpack(name, place, secondsLeft(expiresAtMs, nowMs));
    look.isStale = true;
    return this.#unpack(name, place, Math.min(look.staleTtlSeconds!, store.ttlSeconds(place)));
  }

  #findLive(name: DnsName, kind: number, nowMs: number): number {
    const place = this.#store.find(name, kind);
    return place !== NONE && nowMs < this.#store.expiresAtMs(place) ? place : NONE;
  }

  /** What is over must not come back when there is something newer that cannot be kept. */
  #forgetStale({ name, type, class: dnsClass }: RRset): void {
    const kind = kindOf(type, dnsClass);
    if (this.#findLive(name, kind, this.#store.nowMs) === NONE) this.#store.delete(name, kind);
  }

  #fits({ rdatas }: RRset): boolean {
    const { recordsPerRRset, octetsPerRRset } = this.#limits;
    return rdatas.length <= recordsPerRRset && packedLength(rdatas) <= octetsPerRRset;
  }

  #keep(rrset: RRset, credibility: number): void {
    const store = this.#store;
    const { nowMs } = store;
    const present = this.#findLive(rrset.name, kindOf(rrset.type, rrset.class), nowMs);
    if (present !== NONE && store.noteOf(present) > credibility) return;
    this.#write(rrset, credibility, newLife(nowMs, rrset.ttl));
  }

  /** Whether there is room for it. */
  #write({ name, type, class: dnsClass, rdatas }: RRset, note: number, life: Life): boolean {
    const store = this.#store;
    const { ttlSeconds, expiresAtMs, dueAtMs } = life;
    const entry = { valueOctets: packedLength(rdatas), ttlSeconds, expiresAtMs, dueAtMs, note };
    const place = store.put(name, kindOf(type, dnsClass), entry);
    if (place === NONE) return false;
    pack(rdatas, store.memoryOf(place), store.valueAt(place));
    return true;
  }

  /** `name`: as it was asked for. */
  #unpack(name: DnsName, place: number, ttl: number): RRset {
    const store = this.#store;
    const kind = store.kindOf(place);
    return {
      name,
      type: typeOfKind(kind),
      class: classOfKind(kind),
      ttl,
      rdatas: unpack(store.valueOf(place)),
      expiresAtMs: store.expiresAtMs(place),
    };
  }
}
