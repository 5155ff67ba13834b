/**
 * A zone's names in memory: a map from the folded wire form to the RRsets of the name, with empty
 * non-terminals present, because they exist (RFC 4592 §2.2.2). Grows record by record and refuses
 * what cannot stand beside the records that are already there.
 */

import { RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { equalBytes, type ResourceRecord, type RRset } from '../wire/record.ts';
import { rrsetOf, type ZoneNode } from './lookup.ts';

/** What became of a record, where it is not simply added. */
export type Insertion =
  | { readonly kind: 'added' }
  /** RFC 2181 §5: there are no two equal records. */
  | { readonly kind: 'duplicate' }
  /** RFC 2181 §5.2: kept, with the smaller TTL for the whole RRset. */
  | { readonly kind: 'ttl differs'; readonly ttl: number }
  /** A second SOA, CNAME or DNAME at the name. */
  | { readonly kind: 'not single' }
  /** RFC 1034 §3.6.2: a CNAME beside other data; `other` is the type that was there. */
  | { readonly kind: 'conflict'; readonly other: number };

export class TreeBuilder {
  recordCount = 0;
  readonly #origin: DnsName;
  readonly #nodes = new Map<string, GrowingNode>();
  /** Hashes of the rdata of large RRsets, so that none costs the square of its records. */
  readonly #seen = new Map<RRset, Set<string>>();

  constructor(origin: DnsName) {
    this.#origin = origin;
  }

  get nodes(): ReadonlyMap<string, ZoneNode> {
    return this.#nodes;
  }

  /** `record` must be at or below the origin. */
  insert(record: ResourceRecord): Insertion {
    const node = this.#nodeAt(record.name);
    const rrset = rrsetOf(node, record.type) as GrowingRRset | undefined;
    if (rrset !== undefined) return this.#extend(rrset, record);
    const other = conflictOf(node, record.type);
    if (other !== undefined) return { kind: 'conflict', other };
    const { name, type, class: dnsClass, ttl, rdata } = record;
    const added = { name: node.name, type, class: dnsClass, ttl, rdatas: [rdata] };
    // One spelling of an owner for all its RRsets; the first record's own, not a child's.
    if (node.rrsets.length === 0) {
      node.name = name;
      added.name = name;
      node.rrsets = [added];
    } else node.rrsets.push(added);
    this.recordCount++;
    return ADDED;
  }

  #extend(rrset: GrowingRRset, record: ResourceRecord): Insertion {
    if (this.#has(rrset, record.rdata)) return { kind: 'duplicate' };
    if (SINGLE_TYPES.has(record.type)) return { kind: 'not single' };
    rrset.rdatas.push(record.rdata);
    this.#seen.get(rrset)?.add(octetText(record.rdata));
    this.recordCount++;
    const { ttl } = rrset;
    if (record.ttl === ttl) return ADDED;
    rrset.ttl = Math.min(ttl, record.ttl);
    return { kind: 'ttl differs', ttl };
  }

  #has(rrset: GrowingRRset, rdata: Uint8Array): boolean {
    const seen = this.#seen.get(rrset);
    if (seen !== undefined) return seen.has(octetText(rdata));
    for (const other of rrset.rdatas) if (equalBytes(other, rdata)) return true;
    if (rrset.rdatas.length >= LARGE) this.#seen.set(rrset, new Set(rrset.rdatas.map(octetText)));
    return false;
  }

  /** The node of a name; makes it and the empty non-terminals above it. */
  #nodeAt(name: DnsName): GrowingNode {
    const existing = this.#nodes.get(name.key);
    if (existing !== undefined) return existing;
    const node = { name, rrsets: NONE };
    this.#nodes.set(name.key, node);
    for (let labels = name.labelCount - 1; labels >= this.#origin.labelCount; labels--) {
      const ancestor = name.ancestor(labels);
      if (this.#nodes.has(ancestor.key)) break;
      this.#nodes.set(ancestor.key, { name: ancestor, rrsets: NONE });
    }
    return node;
  }
}

interface GrowingNode {
  name: DnsName;
  rrsets: GrowingRRset[];
}

interface GrowingRRset {
  name: DnsName;
  type: number;
  class: number;
  ttl: number;
  rdatas: Uint8Array[];
}

const ADDED: Insertion = { kind: 'added' };
/** Shared by all names without records; never written. */
const NONE: GrowingRRset[] = [];
/** From here on an RRset's records are looked up by hash. */
const LARGE = 16;

/** RFC 1035 §3.3.13, RFC 2181 §10.1, RFC 6672 §2.4. */
const SINGLE_TYPES: ReadonlySet<number> = new Set([RRType.SOA, RRType.CNAME, RRType.DNAME]);

/** RFC 4034 §2.2.2 (and RFC 2535 §2.3.5 before it): what signing adds may stand beside a CNAME. */
const BESIDE_CNAME: ReadonlySet<number> = new Set([
  RRType.RRSIG,
  RRType.NSEC,
  RRType.SIG,
  RRType.NXT,
]);

function conflictOf(node: ZoneNode, type: number): number | undefined {
  if (BESIDE_CNAME.has(type)) return undefined;
  const isConflict = (other: number): boolean =>
    type === RRType.CNAME ? !BESIDE_CNAME.has(other) : other === RRType.CNAME;
  return node.rrsets.find((rrset) => isConflict(rrset.type))?.type;
}

function octetText(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += String.fromCharCode(octet);
  return text;
}
