/**
 * What is known not to exist (RFC 2308 §5): names (NXDOMAIN, for every type) and types at names
 * (NODATA), each with the SOA that says so. The SOA's TTL is the answer's, and counts down with it.
 * Without SOA nothing says how long it would hold, and two caches that feed each other could keep
 * it alive (RFC 2308 §5): such an answer is kept for seconds, as a failure would be (RFC 9520
 * §3.2), so that a crowd does not make its servers be asked again and again.
 */

import { DnsClass, Rcode, RRType } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';
import { skipPlainName } from '../wire/name-wire.ts';
import type { RRset } from '../wire/record.ts';
import type { StoreStatistics } from './expiring-store.ts';
import type { CachedNegative } from './inspection.ts';
import { kindOf, typeOfKind } from './key.ts';
import { BARE_NEGATIVE_SECONDS, type CacheLimits } from './limits.ts';
import { lifeBefore, newLife, noteHit, shownTtl, type Life, type Look } from './look.ts';
import { NONE, type OctetStore } from './octet-store.ts';
import { pack, packedLength, unpack } from './packed-rrset.ts';
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

/** Stands for every type; RFC 6895 §3.1 reserves it, so no question has it. */
const ALL_TYPES = 0;

export class NegativeCache {
  /** The value of an entry: the owner of the SOA and its data, or nothing at all. */
  readonly #store: OctetStore;
  readonly #limits: CacheLimits;

  constructor(store: OctetStore, limits: CacheLimits) {
    this.#store = store;
    this.#limits = limits;
  }

  get(name: DnsName, type: number, look?: Look): FoundNegative | undefined {
    if (this.#store.entries === 0) return undefined;
    return this.#read(name, type, look) ?? this.#read(name, ALL_TYPES, look);
  }

  /** NXDOMAIN of the closest name above that is known not to be, of `labels` labels at least. */
  cut(name: DnsName, labels: number, look?: Look): FoundNegative | undefined {
    for (let count = name.labelCount - 1; count >= labels; count--) {
      const found = this.#read(name.ancestor(count), ALL_TYPES, look);
      if (found) return found;
    }
    return undefined;
  }

  /** When what denies that name and type is over or was; undefined when nothing does. */
  expiresAtMs(name: DnsName, type: number): number | undefined {
    const noType = this.#store.find(name, kindOf(type));
    const noTypeMs = noType === NONE ? undefined : this.#store.expiresAtMs(noType);
    const noName = this.#store.find(name, kindOf(ALL_TYPES));
    if (noName === NONE) return noTypeMs;
    return Math.max(noTypeMs ?? 0, this.#store.expiresAtMs(noName));
  }

  /** Returns the negative answer with its TTL as it is kept: the least of all that bound it. */
  put(question: { readonly name: DnsName; readonly type: number }, negative: Negative): Negative {
    const { rcode, soa } = negative;
    const { negativeTtlSecondsMin: least, negativeTtlSeconds: most } = this.#limits;
    const ttl = clampTtl(Math.min(soa.ttl, soaMinimum(soa)), least, most);
    const type = rcode === Rcode.NXDOMAIN ? ALL_TYPES : question.type;
    if (ttl > 0) this.#keep({ name: question.name, type }, negative, ttl);
    return { rcode, soa: { ...soa, ttl } };
  }

  /** NODATA without SOA. */
  putBare({ name, type }: Denied): void {
    const life = newLife(this.#store.nowMs, BARE_NEGATIVE_SECONDS);
    this.#store.put(name, kindOf(type), { ...life, valueOctets: 0, note: Rcode.NOERROR });
  }

  /** Keeps what was kept before, for as long as it has left (the TTL of the SOA), and no longer. */
  restore({ name, type = ALL_TYPES, rcode, soa }: Omit<CachedNegative, 'expiresAtMs'>): void {
    const ttl = Math.min(soa.ttl, this.#limits.negativeTtlSeconds);
    if (ttl > 0) this.#keep({ name, type }, { rcode, soa }, ttl);
  }

  /** As `RecordCache.restoreStale`. */
  restoreStale({ name, type = ALL_TYPES, rcode, soa, expiresAtMs }: CachedNegative): boolean {
    const store = this.#store;
    if (!store.isOfUse(expiresAtMs) || store.find(name, kindOf(type)) !== NONE) return false;
    return this.#write({ name, type }, { rcode, soa }, lifeBefore(expiresAtMs));
  }

  #keep(denied: Denied, negative: Negative, ttl: number): void {
    this.#write(denied, negative, newLife(this.#store.nowMs, ttl));
  }

  /** Whether there is room for it. */
  #write({ name, type }: Denied, { rcode, soa }: Negative, life: Life): boolean {
    const store = this.#store;
    const owner = soa.name.wire;
    const valueOctets = owner.length + packedLength(soa.rdatas);
    const place = store.put(name, kindOf(type), { ...life, valueOctets, note: rcode });
    if (place === NONE) return false;
    const at = store.valueAt(place);
    store.memoryOf(place).set(owner, at);
    pack(soa.rdatas, store.memoryOf(place), at + owner.length);
    return true;
  }

  /** To be called when data of that name and type turned up. */
  delete(name: DnsName, type: number): void {
    if (this.#store.entries === 0) return;
    this.#store.delete(name, kindOf(type));
    this.#store.delete(name, kindOf(ALL_TYPES));
  }

  #read(name: DnsName, type: number, look: Look | undefined): FoundNegative | undefined {
    const store = this.#store;
    const { nowMs } = store;
    const staleTtl = look?.staleTtlSeconds;
    const kind = kindOf(type);
    const place =
      staleTtl === undefined ? store.get(name, kind, nowMs) : store.getStale(name, kind, nowMs);
    if (place === NONE) return undefined;
    const isLive = nowMs < store.expiresAtMs(place);
    if (look && isLive) noteHit(look, store, place);
    const rcode = store.noteOf(place);
    const value = store.valueOf(place);
    if (value.length === 0) return isLive ? { rcode, soa: undefined } : undefined;
    if (look && !isLive) look.isStale = true;
    const ttl = isLive
      ? shownTtl(look, store, { place, nowMs })
      : Math.min(staleTtl!, store.ttlSeconds(place));
    return { rcode, soa: soaIn(value, ttl, store.expiresAtMs(place)) };
  }

  clear(): void {
    this.#store.clear();
  }

  deleteWhere(test: (name: DnsName, type: number) => boolean): number {
    return this.#store.deleteWhere((name, kind) => test(name, typeOfKind(kind)));
  }

  /** Everything with an SOA, for people and for dumps. */
  *inspect(): Generator<CachedNegative, void, undefined> {
    const store = this.#store;
    for (const place of store.places()) {
      const value = store.valueOf(place);
      if (value.length === 0) continue;
      const type = typeOfKind(store.kindOf(place));
      const expiresAtMs = store.expiresAtMs(place);
      yield {
        name: store.nameOf(place),
        type: type === ALL_TYPES ? undefined : type,
        rcode: store.noteOf(place),
        soa: soaIn(value, secondsLeft(expiresAtMs, store.nowMs), expiresAtMs),
        expiresAtMs,
      };
    }
  }

  *entries(): Generator<Negative, void, undefined> {
    for (const { rcode, soa, expiresAtMs } of this.inspect()) {
      if (this.#store.nowMs < expiresAtMs) yield { rcode, soa };
    }
  }

  get statistics(): StoreStatistics {
    return this.#store.statistics;
  }
}

interface Denied {
  readonly name: DnsName;
  readonly type: number;
}

function soaIn(value: Uint8Array, ttl: number, expiresAtMs: number): RRset {
  const name = DnsName.fromWire(value.subarray(0, skipPlainName(value, 0, value.length)));
  const rdatas = unpack(value, name.wire.length);
  return { name, type: RRType.SOA, class: DnsClass.IN, ttl, rdatas, expiresAtMs };
}

/** The last field of a well-formed SOA (RFC 2308 §4). */
export function soaMinimum(soa: RRset): number {
  const rdata = soa.rdatas[0]!;
  return new DataView(rdata.buffer, rdata.byteOffset).getUint32(rdata.length - 4);
}
