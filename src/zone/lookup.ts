/**
 * What a zone says about a name and a type: RFC 1034 §4.3.2 step 3, with wildcards as RFC 4592
 * clarifies them, DNAME (RFC 6672 §3.2) and DS at cuts (RFC 4035 §3.1.4.1).
 *
 *     apex ──► label by label towards the name
 *       │  NS here, below the apex .......... referral    (DS asked exactly here: go on)
 *       │  DNAME here, the name is below .... dname
 *       │  no such node ..................... the last node is the closest encloser:
 *       │                                     its '*' child answers, or NXDOMAIN
 *       └─ arrived .......................... answer, cname, or nodata
 *
 * One step only: following CNAME and DNAME targets, additional data and rcodes are `authority`'s.
 */

import assert from 'node:assert/strict';
import { RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import { namesIn } from '../wire/rdata/rdata.ts';
import type { RRset } from '../wire/record.ts';

export type Found =
  | FoundAnswer
  | FoundCname
  | FoundDname
  | FoundLongDname
  | FoundReferral
  | FoundNodata
  | FoundNxdomain;

/** Never empty; one RRset, or for ANY all of the name. */
export interface FoundAnswer {
  readonly kind: 'answer';
  readonly rrsets: readonly RRset[];
  /** The wildcard that the RRsets were synthesised from; they bear the query name. */
  readonly wildcard?: DnsName;
}

/** The name is an alias, and another type was asked. */
export interface FoundCname {
  readonly kind: 'cname';
  readonly rrset: RRset;
  readonly target: DnsName;
  readonly wildcard?: DnsName;
}

/** RFC 6672 §3.2: an ancestor of the name is redirected. */
export interface FoundDname {
  readonly kind: 'dname';
  readonly rrset: RRset;
  /** Synthesised, with the DNAME's TTL (RFC 6672 §3.1). */
  readonly cname: RRset;
  readonly target: DnsName;
}

/** The name that the DNAME leads to would exceed 255 octets: YXDOMAIN (RFC 6672 §2.2). */
export interface FoundLongDname {
  readonly kind: 'dname too long';
  readonly rrset: RRset;
}

/** The name is at or below a zone cut. */
export interface FoundReferral {
  readonly kind: 'referral';
  readonly ns: RRset;
  readonly ds: RRset | undefined;
  /** Addresses of servers at or below the cut: without them the delegation cannot be followed. */
  readonly glue: readonly RRset[];
  /** Addresses of servers elsewhere in this zone (RFC 9471 §2.2). */
  readonly siblingGlue: readonly RRset[];
}

/** The name exists, or a wildcard matches it, without the type. */
export interface FoundNodata {
  readonly kind: 'nodata';
  /** For the authority section, with the negative TTL (RFC 2308 §3). */
  readonly negativeSoa: RRset;
  readonly wildcard?: DnsName;
}

export interface FoundNxdomain {
  readonly kind: 'nxdomain';
  readonly negativeSoa: RRset;
}

/** A name of a zone with its RRsets: none for an empty non-terminal. */
export interface ZoneNode {
  readonly name: DnsName;
  readonly rrsets: readonly RRset[];
}

/** All that lookup needs of a zone's storage. */
export interface ZoneTree {
  readonly origin: DnsName;
  readonly negativeSoa: RRset;
  /** By `DnsName.key`. */
  node(key: string): ZoneNode | undefined;
}

/** `name` must be at or below the zone's origin. */
export function findInZone(tree: ZoneTree, name: DnsName, type: number): Found {
  assert(name.isSubdomainOf(tree.origin), 'the caller chooses the zone by the name');
  const key = name.key;
  const offsets = suffixOffsets(name);
  let encloser: ZoneNode | undefined;
  for (let labels = tree.origin.labelCount; labels <= name.labelCount; labels++) {
    const node = tree.node(key.slice(offsets[name.labelCount - labels]));
    if (node === undefined) {
      assert(encloser, 'the apex always exists');
      return findWildcard(tree, encloser, { name, type });
    }
    const isTarget = labels === name.labelCount;
    const redirection = redirect(tree, node, { name, type, isTarget });
    if (redirection !== undefined) return redirection;
    encloser = node;
  }
  assert(encloser, 'the apex always exists');
  return answerAt(tree, encloser, { name, type });
}

interface Query {
  readonly name: DnsName;
  readonly type: number;
}

/** Whether a node on the way ends the walk: a zone cut or a DNAME. */
function redirect(
  tree: ZoneTree,
  node: ZoneNode,
  query: Query & { readonly isTarget: boolean },
): Found | undefined {
  const isApex = node.name.labelCount === tree.origin.labelCount;
  const ns = isApex ? undefined : rrsetOf(node, RRType.NS);
  if (ns !== undefined) {
    // RFC 4035 §3.1.4.1: the DS of a cut is the parent's data.
    if (query.isTarget && query.type === RRType.DS) return undefined;
    return refer(tree, node, ns);
  }
  if (query.isTarget) return undefined;
  const dname = rrsetOf(node, RRType.DNAME);
  return dname && substitute(dname, query.name);
}

/** RFC 6672 §2.2: the labels below the owner are kept, the owner becomes the target. */
function substitute(rrset: RRset, name: DnsName): FoundDname | FoundLongDname {
  const target = name.rebased(rrset.name, targetOf(rrset));
  if (target === undefined) return { kind: 'dname too long', rrset };
  const { class: dnsClass, ttl } = rrset;
  const cname = { name, type: RRType.CNAME, class: dnsClass, ttl, rdatas: [target.wire] };
  return { kind: 'dname', rrset, cname, target };
}

/** RFC 4592 §3.3.1: only the '*' child of the closest encloser is the source of synthesis. */
function findWildcard(tree: ZoneTree, encloser: ZoneNode, query: Query): Found {
  const wildcard = tree.node('\x01*' + encloser.name.key);
  if (wildcard === undefined) return { kind: 'nxdomain', negativeSoa: tree.negativeSoa };
  // RFC 4592 §4.2 leaves NS at a wildcard undefined: here each name that it matches is delegated.
  const ns = rrsetOf(wildcard, RRType.NS);
  if (ns !== undefined && query.type !== RRType.DS) {
    const referral = refer(tree, wildcard, withOwner(ns, query.name));
    return { ...referral, ds: referral.ds && withOwner(referral.ds, query.name) };
  }
  return answerAt(tree, wildcard, query);
}

/** The query's name has arrived at its own node, or at the wildcard that stands for it. */
function answerAt(tree: ZoneTree, node: ZoneNode, query: Query): Found {
  const wildcard = node.name.equals(query.name) ? undefined : { wildcard: node.name };
  const own = (rrset: RRset): RRset => (wildcard ? withOwner(rrset, query.name) : rrset);
  if (query.type === RRType.ANY && node.rrsets.length > 0) {
    return { kind: 'answer', rrsets: node.rrsets.map(own), ...wildcard };
  }
  const exact = rrsetOf(node, query.type);
  if (exact !== undefined) return { kind: 'answer', rrsets: [own(exact)], ...wildcard };
  const cname = rrsetOf(node, RRType.CNAME);
  if (cname !== undefined) {
    return { kind: 'cname', rrset: own(cname), target: targetOf(cname), ...wildcard };
  }
  return { kind: 'nodata', negativeSoa: tree.negativeSoa, ...wildcard };
}

function refer(tree: ZoneTree, cut: ZoneNode, ns: RRset): FoundReferral {
  const glue: RRset[] = [];
  const siblingGlue: RRset[] = [];
  for (const server of serversOf(ns)) {
    if (!server.isSubdomainOf(tree.origin)) continue;
    const list = server.isSubdomainOf(cut.name) ? glue : siblingGlue;
    list.push(...addressesOf(tree, server));
  }
  return { kind: 'referral', ns, ds: rrsetOf(cut, RRType.DS), glue, siblingGlue };
}

/** A and AAAA at a name, whether authoritative or glue. */
export function addressesOf(tree: Pick<ZoneTree, 'node'>, name: DnsName): readonly RRset[] {
  const rrsets = tree.node(name.key)?.rrsets ?? [];
  return rrsets.filter(({ type }) => type === RRType.A || type === RRType.AAAA);
}

export function serversOf(ns: RRset): readonly DnsName[] {
  return ns.rdatas.flatMap((rdata) => namesIn(RRType.NS, rdata));
}

export function rrsetOf(node: ZoneNode, type: number): RRset | undefined {
  for (const rrset of node.rrsets) if (rrset.type === type) return rrset;
  return undefined;
}

function targetOf(alias: RRset): DnsName {
  const [target] = namesIn(alias.type, alias.rdatas[0]!);
  assert(target, 'rdata of a zone has the form of its type');
  return target;
}

function withOwner(rrset: RRset, name: DnsName): RRset {
  return { ...rrset, name };
}

/** Where in `key` the name without its first 0, 1, 2… labels begins. */
function suffixOffsets({ wire, labelCount }: DnsName): readonly number[] {
  const offsets = [0];
  for (let at = 0; offsets.length <= labelCount; offsets.push(at)) at += wire[at]! + 1;
  return offsets;
}
