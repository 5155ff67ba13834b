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
import { rrsetKey } from './key.ts';
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
    if (ttl > 0) {
      const type = rcode === Rcode.NXDOMAIN ? ALL_TYPES : question.type;
      const packed = packRRset(soa);
      const octets = packed.rdata.length + packed.name.wire.length;
      const expiresAtMs = expiryMs(this.#store.nowMs, ttl);
      this.#store.set(rrsetKey(question.name, type), { rcode, soa: packed, octets, expiresAtMs });
    }
    return { rcode, soa: { ...soa, ttl } };
  }

  /** To be called when data of that name and type turned up. */
  delete(name: DnsName, type: number): void {
    this.#store.delete(rrsetKey(name, type));
    this.#store.delete(rrsetKey(name, ALL_TYPES));
  }

  clear(): void {
    this.#store.clear();
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
