/**
 * What records may stand beside each other at a name, and what becomes of a record that is put
 * into a zone. Where the records go is the image's (`image-builder.ts`).
 */

import { RRType } from '../wire/iana.ts';
import type { ResourceRecord } from '../wire/record.ts';

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

/** What checks look at. */
export interface Notable {
  /** Names that own NS. */
  readonly nodesWithNs: readonly number[];
  readonly hasDname: boolean;
}

export interface TreeBuilder {
  /** `record` must be at or below the origin. */
  insert(record: ResourceRecord): Insertion;
}

/** RFC 1035 §3.3.13, RFC 2181 §10.1, RFC 6672 §2.4. */
export function isSingle(type: number): boolean {
  return type === RRType.SOA || type === RRType.CNAME || type === RRType.DNAME;
}

/** RFC 1034 §3.6.2: whether records of the two types cannot both stand at a name. */
export function isConflict(type: number, other: number): boolean {
  if (type === RRType.CNAME) return !BESIDE_CNAME.has(other);
  return other === RRType.CNAME && !BESIDE_CNAME.has(type);
}

/** RFC 4034 §2.2.2 (and RFC 2535 §2.3.5 before it): what signing adds may stand beside a CNAME. */
const BESIDE_CNAME: ReadonlySet<number> = new Set([
  RRType.RRSIG,
  RRType.NSEC,
  RRType.SIG,
  RRType.NXT,
]);
