/**
 * Resource records and RRsets (RFC 1035 §3.2.1, RFC 2181 §5) with rdata as uncompressed octets: the
 * form that can be compared, hashed and sent without knowing the type. `rdata/` reads and
 * prints it.
 */

import type { DnsName } from './name.ts';

export interface Question {
  readonly name: DnsName;
  readonly type: number;
  readonly class: number;
}

export interface ResourceRecord {
  readonly name: DnsName;
  readonly type: number;
  readonly class: number;
  /** 0 to 2^31-1; a TTL with the top bit set arrives as 0 (RFC 2181 §8). */
  readonly ttl: number;
  /** Names inside are uncompressed. */
  readonly rdata: Uint8Array;
}

/** Records of one owner, class and type; one TTL for all (RFC 2181 §5.2). Never empty. */
export interface RRset {
  readonly name: DnsName;
  readonly type: number;
  readonly class: number;
  readonly ttl: number;
  readonly rdatas: readonly Uint8Array[];
  /** When the TTL is over, in milliseconds of the monotonic clock, where a cache knows it. */
  readonly expiresAtMs?: number;
}

export function recordsOf(rrset: RRset): ResourceRecord[] {
  const { name, type, class: dnsClass, ttl } = rrset;
  return rrset.rdatas.map((rdata) => ({ name, type, class: dnsClass, ttl, rdata }));
}

/**
 * Records grouped into RRsets in order of first appearance: the smallest TTL counts for all
 * (RFC 2181 §5.2), and a record that repeats another is dropped (§5).
 */
export function groupRRsets(records: Iterable<ResourceRecord>): RRset[] {
  const groups = new Map<string, { first: ResourceRecord; ttl: number; rdatas: RdataSet }>();
  for (const record of records) {
    const key = `${record.type}/${record.class}/${record.name.key}`;
    const group = groups.get(key);
    if (!group) {
      groups.set(key, { first: record, ttl: record.ttl, rdatas: new RdataSet(record.rdata) });
      continue;
    }
    group.ttl = Math.min(group.ttl, record.ttl);
    group.rdatas.add(record.rdata);
  }
  return [...groups.values()].map(({ first, ttl, rdatas }) => ({
    name: first.name,
    type: first.type,
    class: first.class,
    ttl,
    rdatas: rdatas.all,
  }));
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Keeps the first of equal rdata; hashes once there are many, so that no packet costs n². */
class RdataSet {
  readonly all: Uint8Array[];
  #seen: Set<string> | undefined;

  constructor(first: Uint8Array) {
    this.all = [first];
  }

  add(rdata: Uint8Array): void {
    if (!this.#has(rdata)) {
      this.all.push(rdata);
      this.#seen?.add(rdata.join());
    }
  }

  #has(rdata: Uint8Array): boolean {
    if (this.#seen) return this.#seen.has(rdata.join());
    if (this.all.length < 16) return this.all.some((other) => equalBytes(other, rdata));
    this.#seen = new Set(this.all.map((other) => other.join()));
    return this.#seen.has(rdata.join());
  }
}
