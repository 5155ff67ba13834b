/**
 * What is known not to exist (RFC 2308 §5): names (NXDOMAIN, for every type) and types at names
 * (NODATA), each with the SOA that says so. The SOA's TTL is the answer's, and counts down with it.
 * Without SOA nothing says how long it would hold, and two caches that feed each other could keep
 * it alive (RFC 2308 §5): such an answer is kept for seconds, as a failure would be (RFC 9520
 * §3.2), so that a crowd does not make its servers be asked again and again.
 */

import type { Clock } from '../net/ports.ts';
import { Rcode } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import { ExpiringStore, type StoreStatistics } from './expiring-store.ts';
import type { CachedNegative } from './inspection.ts';
import { partsOfKey, rrsetKey } from './key.ts';
import { BARE_NEGATIVE_SECONDS, type CacheLimits } from './limits.ts';
import { newlyWanted, noteHit, type Look, type Wanted } from './look.ts';
import { packRRset, unpackRRset, type PackedRRset } from './packed-rrset.ts';
import { clampTtl, secondsLeft } from './ttl.ts';

export interface Negative {
  /** NXDOMAIN or NOERROR. */
  readonly rcode: number;
  /** With the TTL of the negative answer (RFC 2308 §3), counted down. */
  readonly soa: RRset;
}

/** As it is found. */
export interface FoundNegative extends Omit<Negative, 'soa'> {
  /** Undefined: the servers gave none. */
  readonly soa: RRset | undefined;
}

interface NegativeEntry extends Wanted {
  readonly rcode: number;
  readonly soa: PackedRRset | undefined;
}

/** Stands for every type; RFC 6895 §3.1 reserves it, so no question has it. */
const ALL_TYPES = 0;

export class NegativeCache {
  readonly #store: ExpiringStore<NegativeEntry>;
  readonly #limits: CacheLimits;

  /** `staleMs`: how long entries stay when they are over. */
  constructor(clock: Clock, limits: CacheLimits, staleMs: number) {
    this.#store = new ExpiringStore(clock, limits.negativeOctets, staleMs);
    this.#limits = limits;
  }

  get(name: DnsName, type: number, look?: Look): FoundNegative | undefined {
    return this.#read(rrsetKey(name, type), look) ?? this.#read(rrsetKey(name, ALL_TYPES), look);
  }

  /** NXDOMAIN of the closest name above that is known not to be, of `labels` labels at least. */
  cut(name: DnsName, labels: number, look?: Look): FoundNegative | undefined {
    for (let count = name.labelCount - 1; count >= labels; count--) {
      const found = this.#read(rrsetKey(name.ancestor(count), ALL_TYPES), look);
      if (found) return found;
    }
    return undefined;
  }

  /** When what denies that name and type is over or was; undefined when nothing does. */
  expiresAtMs(name: DnsName, type: number): number | undefined {
    const noType = this.#store.peekExpired(rrsetKey(name, type));
    const noName = this.#store.peekExpired(rrsetKey(name, ALL_TYPES));
    return noType || noName
      ? Math.max(noType?.expiresAtMs ?? 0, noName?.expiresAtMs ?? 0)
      : undefined;
  }

  /** Returns the negative answer with its TTL as it is kept: the least of all that bound it. */
  put(question: { readonly name: DnsName; readonly type: number }, negative: Negative): Negative {
    const { rcode, soa } = negative;
    const { negativeTtlSecondsMin: least, negativeTtlSeconds: most } = this.#limits;
    const ttl = clampTtl(Math.min(soa.ttl, soaMinimum(soa)), least, most);
    const type = rcode === Rcode.NXDOMAIN ? ALL_TYPES : question.type;
    if (ttl > 0) this.#keep(rrsetKey(question.name, type), { rcode, soa }, ttl);
    return { rcode, soa: { ...soa, ttl } };
  }

  /** NODATA without SOA. */
  putBare({ name, type }: Pick<CachedNegative, 'name'> & { readonly type: number }): void {
    const wanted = newlyWanted(this.#store.nowMs, BARE_NEGATIVE_SECONDS);
    const entry = { rcode: Rcode.NOERROR, soa: undefined, octets: 0, ...wanted };
    this.#store.set(rrsetKey(name, type), entry);
  }

  /** Keeps what was kept before, for as long as it has left (the TTL of the SOA), and no longer. */
  restore({ name, type = ALL_TYPES, rcode, soa }: Omit<CachedNegative, 'expiresAtMs'>): void {
    const ttl = Math.min(soa.ttl, this.#limits.negativeTtlSeconds);
    if (ttl > 0) this.#keep(rrsetKey(name, type), { rcode, soa }, ttl);
  }

  #keep(key: string, { rcode, soa }: Negative, ttl: number): void {
    const packed = packRRset(soa);
    const octets = packed.rdata.length + packed.name.wire.length;
    const wanted = newlyWanted(this.#store.nowMs, ttl);
    this.#store.set(key, { rcode, soa: packed, octets, ...wanted });
  }

  /** To be called when data of that name and type turned up. */
  delete(name: DnsName, type: number): void {
    this.#store.delete(rrsetKey(name, type));
    this.#store.delete(rrsetKey(name, ALL_TYPES));
  }

  #read(key: string, look: Look | undefined): FoundNegative | undefined {
    const staleTtl = look?.staleTtlSeconds;
    const entry = staleTtl === undefined ? this.#store.get(key) : this.#store.getStale(key);
    if (!entry) return undefined;
    const { nowMs } = this.#store;
    const isLive = nowMs < entry.expiresAtMs;
    if (look && isLive) noteHit(look, entry, nowMs);
    if (!entry.soa) return isLive ? { rcode: entry.rcode, soa: undefined } : undefined;
    if (look && !isLive) look.isStale = true;
    const ttl = isLive
      ? secondsLeft(entry.expiresAtMs, nowMs)
      : Math.min(staleTtl!, entry.ttlSeconds);
    return { rcode: entry.rcode, soa: unpackRRset(entry.soa, ttl, entry.expiresAtMs) };
  }

  clear(): void {
    this.#store.clear();
  }

  deleteWhere(test: (key: string) => boolean): number {
    return this.#store.deleteWhere(test);
  }

  /** Everything with an SOA, for people and for dumps. */
  *inspect(): Generator<CachedNegative, void, undefined> {
    for (const [key, { rcode, soa, expiresAtMs }] of this.#store.held()) {
      if (!soa) continue;
      const { name, type } = partsOfKey(key);
      const left = secondsLeft(expiresAtMs, this.#store.nowMs);
      const rrset = unpackRRset(soa, left, expiresAtMs);
      yield { name, type: type === ALL_TYPES ? undefined : type, rcode, soa: rrset, expiresAtMs };
    }
  }

  *entries(): Generator<Negative, void, undefined> {
    for (const [, { rcode, soa, expiresAtMs }] of this.#store.entries()) {
      if (!soa) continue;
      const ttl = secondsLeft(expiresAtMs, this.#store.nowMs);
      yield { rcode, soa: unpackRRset(soa, ttl, expiresAtMs) };
    }
  }

  get statistics(): StoreStatistics {
    return this.#store.statistics;
  }
}

/** The last field of a well-formed SOA (RFC 2308 §4). */
export function soaMinimum(soa: RRset): number {
  const rdata = soa.rdatas[0]!;
  return new DataView(rdata.buffer, rdata.byteOffset).getUint32(rdata.length - 4);
}
