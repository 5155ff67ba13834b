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
export function groupRRsets(records: readonly ResourceRecord[]): RRset[] {
  // What nearly all answers have.
  if (records.length === 1) return [asRRset(records[0]!)];
  const groups = new Groups();
  for (const record of records) {
    const group = groups.of(record);
    group.ttl = Math.min(group.ttl, record.ttl);
    group.add(record.rdata);
  }
  return groups.all.map(({ name, type, class: dnsClass, ttl, rdatas }) => {
    return { name, type, class: dnsClass, ttl, rdatas };
  });
}

function asRRset({ name, type, class: dnsClass, ttl, rdata }: ResourceRecord): RRset {
  return { name, type, class: dnsClass, ttl, rdatas: [rdata] };
}

/** Most messages have few, which are compared sooner than hashed. */
const FEW_GROUPS = 8;

class Groups {
  readonly all: Group[] = [];
  #byKey: Map<string, Group> | undefined;

  /** The group of the record, perhaps a new one. */
  of(record: ResourceRecord): Group {
    const { name, type, class: dnsClass } = record;
    if (this.all.length <= FEW_GROUPS) {
      for (const group of this.all) {
        if (group.type === type && group.class === dnsClass && group.name.equals(name)) {
          return group;
        }
      }
      return this.#begin(record);
    }
    this.#byKey ??= new Map(this.all.map((group) => [groupKey(group), group]));
    return this.#byKey.get(groupKey(record)) ?? this.#begin(record);
  }

  #begin(record: ResourceRecord): Group {
    const group = new Group(record);
    this.all.push(group);
    this.#byKey?.set(groupKey(record), group);
    return group;
  }
}

function groupKey({ name, type, class: dnsClass }: Question): string {
  return `${type}/${dnsClass}/${name.key}`;
}

export function equalBytes(a: Uint8Array, b: Uint8Array): boolean {
  if (a.length !== b.length) return false;
  for (let i = 0; i < a.length; i++) if (a[i] !== b[i]) return false;
  return true;
}

/** Keeps the first of equal rdata; hashes once there are many, so that no packet costs n². */
class Group {
  readonly name: DnsName;
  readonly type: number;
  readonly class: number;
  readonly rdatas: Uint8Array[] = [];
  ttl: number;
  #seen: Set<string> | undefined;

  /** Still without data. */
  constructor({ name, type, class: dnsClass, ttl }: ResourceRecord) {
    this.name = name;
    this.type = type;
    this.class = dnsClass;
    this.ttl = ttl;
  }

  add(rdata: Uint8Array): void {
    if (!this.#has(rdata)) {
      this.rdatas.push(rdata);
      this.#seen?.add(rdata.join());
    }
  }

  #has(rdata: Uint8Array): boolean {
    if (this.#seen) return this.#seen.has(rdata.join());
    if (this.rdatas.length < 16) return this.rdatas.some((other) => equalBytes(other, rdata));
    this.#seen = new Set(this.rdatas.map((other) => other.join()));
    return this.#seen.has(rdata.join());
  }
}
