/**
 * What is known not to exist (RFC 2308 §5): names (NXDOMAIN, for every type) and types at names
 * (NODATA), each with the SOA that says so. The SOA's TTL is the answer's, and counts down with it.
 * A negative answer without SOA is not kept: nothing says how long it would hold.
 */

import type { Clock } from '../net/ports.ts';
import { Rcode } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import { ExpiringStore, type Expiring, type StoreStatistics } from './expiring-store.ts';
import type { CachedNegative } from './inspection.ts';
import { partsOfKey, rrsetKey } from './key.ts';
import type { CacheLimits } from './limits.ts';
import { packRRset, unpackRRset, type PackedRRset } from './packed-rrset.ts';
import { expiryMs, secondsLeft } from './ttl.ts';

export interface Negative {
  /** NXDOMAIN or NOERROR. */
  readonly rcode: number;
  /** With the TTL of the negative answer (RFC 2308 §3), counted down. */
  readonly soa: RRset;
}

interface NegativeEntry extends Expiring {
  readonly rcode: number;
  readonly soa: PackedRRset;
}

/** Stands for every type; RFC 6895 §3.1 reserves it, so no question has it. */
const ALL_TYPES = 0;

export class NegativeCache {
  readonly #store: ExpiringStore<NegativeEntry>;
  readonly #limits: CacheLimits;

  constructor(clock: Clock, limits: CacheLimits) {
    this.#store = new ExpiringStore(clock, limits.negativeOctets);
    this.#limits = limits;
  }

  get(name: DnsName, type: number): Negative | undefined {
    const entry =
      this.#store.get(rrsetKey(name, type)) ?? this.#store.get(rrsetKey(name, ALL_TYPES));
    if (!entry) return undefined;
    const ttl = secondsLeft(entry.expiresAtMs, this.#store.nowMs);
    return { rcode: entry.rcode, soa: unpackRRset(entry.soa, ttl, entry.expiresAtMs) };
  }

  /** Returns the negative answer with its TTL as it is kept: the least of all that bound it. */
  put(question: { readonly name: DnsName; readonly type: number }, negative: Negative): Negative {
    const { rcode, soa } = negative;
    const ttl = Math.min(soa.ttl, soaMinimum(soa), this.#limits.negativeTtlSeconds);
    const type = rcode === Rcode.NXDOMAIN ? ALL_TYPES : question.type;
    if (ttl > 0) this.#keep(rrsetKey(question.name, type), { rcode, soa }, ttl);
    return { rcode, soa: { ...soa, ttl } };
  }

  /** Keeps what was kept before, for as long as it has left (the TTL of the SOA), and no longer. */
  restore({ name, type = ALL_TYPES, rcode, soa }: Omit<CachedNegative, 'expiresAtMs'>): void {
    const ttl = Math.min(soa.ttl, this.#limits.negativeTtlSeconds);
    if (ttl > 0) this.#keep(rrsetKey(name, type), { rcode, soa }, ttl);
  }

  #keep(key: string, { rcode, soa }: Negative, ttl: number): void {
    const packed = packRRset(soa);
    const octets = packed.rdata.length + packed.name.wire.length;
    const expiresAtMs = expiryMs(this.#store.nowMs, ttl);
    this.#store.set(key, { rcode, soa: packed, octets, expiresAtMs });
  }

  /** To be called when data of that name and type turned up. */
  delete(name: DnsName, type: number): void {
    this.#store.delete(rrsetKey(name, type));
    this.#store.delete(rrsetKey(name, ALL_TYPES));
  }

  clear(): void {
    this.#store.clear();
  }

  deleteWhere(test: (key: string) => boolean): number {
    return this.#store.deleteWhere(test);
  }

  /** Everything live, for people and for dumps. */
  *inspect(): Generator<CachedNegative, void, undefined> {
    for (const [key, { rcode, soa, expiresAtMs }] of this.#store.entries()) {
      const { name, type } = partsOfKey(key);
      const left = secondsLeft(expiresAtMs, this.#store.nowMs);
      const rrset = unpackRRset(soa, left, expiresAtMs);
      yield { name, type: type === ALL_TYPES ? undefined : type, rcode, soa: rrset, expiresAtMs };
    }
  }

  *entries(): Generator<Negative, void, undefined> {
    for (const [, { rcode, soa, expiresAtMs }] of this.#store.entries()) {
      const ttl = secondsLeft(expiresAtMs, this.#store.nowMs);
      yield { rcode, soa: unpackRRset(soa, ttl, expiresAtMs) };
    }
  }

  get statistics(): StoreStatistics {
    return this.#store.statistics;
  }
}

/** The last field of a well-formed SOA (RFC 2308 §4). */
function soaMinimum(soa: RRset): number {
  const rdata = soa.rdatas[0]!;
  return new DataView(rdata.buffer, rdata.byteOffset).getUint32(rdata.length - 4);
}
