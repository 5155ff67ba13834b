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

/**
 * All that lookup needs of a zone's storage. A name of the zone is a number that means nothing
 * outside, and 0 means that there is no such name; empty non-terminals are names.
 */
export interface ZoneTree {
  readonly origin: DnsName;
  readonly negativeSoa: RRset;
  readonly apex: number;
  /** The name one label below `parent`, the label standing at `wire[at]`. */
  child(parent: number, wire: Uint8Array, at: number): number;
  /** Whether the name is a zone cut or owns a DNAME. */
  redirects(node: number): boolean;
  nameOf(node: number): DnsName;
  /** Owned by `likely` itself where that is how the zone spells the name. */
  rrsetAt(node: number, type: number, likely?: DnsName): RRset | undefined;
  rrsetsAt(node: number): readonly RRset[];
}

/** `name` must be at or below the zone's origin. */
export function findInZone(tree: ZoneTree, name: DnsName, type: number): Found {
  assert(name.isSubdomainOf(tree.origin), 'the caller chooses the zone by the name');
  const { wire } = name;
  const query = { name, type };
  const starts = labelStartsOf(wire);
  let node = tree.apex;
  for (let below = name.labelCount - tree.origin.labelCount; ; below--) {
    if (tree.redirects(node)) {
      const redirection = redirect(tree, node, { name, type, isTarget: below === 0 });
      if (redirection !== undefined) return redirection;
    }
    if (below === 0) return answerAt(tree, node, query);
    const child = tree.child(node, wire, starts[below - 1]!);
    if (child === 0) return findWildcard(tree, node, query);
    node = child;
  }
}

interface Query {
  readonly name: DnsName;
  readonly type: number;
}

/** Whether a node on the way ends the walk: a zone cut or a DNAME. */
function redirect(
  tree: ZoneTree,
  node: number,
  query: Query & { readonly isTarget: boolean },
): Found | undefined {
  const ns = node === tree.apex ? undefined : tree.rrsetAt(node, RRType.NS);
  if (ns !== undefined) {
    // RFC 4035 §3.1.4.1: the DS of a cut is the parent's data.
    if (query.isTarget && query.type === RRType.DS) return undefined;
    return refer(tree, node, ns);
  }
  if (query.isTarget) return undefined;
  const dname = tree.rrsetAt(node, RRType.DNAME);
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
function findWildcard(tree: ZoneTree, encloser: number, query: Query): Found {
  const node = tree.child(encloser, ASTERISK, 0);
  if (node === 0) return { kind: 'nxdomain', negativeSoa: tree.negativeSoa };
  const wildcard = tree.nameOf(node);
  // RFC 4592 §4.2 leaves NS at a wildcard undefined: here each name that it matches is delegated.
  const ns = tree.rrsetAt(node, RRType.NS);
  if (ns !== undefined && query.type !== RRType.DS) {
    const referral = refer(tree, node, withOwner(ns, query.name));
    return { ...referral, ds: referral.ds && withOwner(referral.ds, query.name) };
  }
  if (query.type === RRType.ANY) {
    const rrsets = tree.rrsetsAt(node).map((rrset) => withOwner(rrset, query.name));
    if (rrsets.length > 0) return { kind: 'answer', rrsets, wildcard };
  }
  const exact = tree.rrsetAt(node, query.type);
  if (exact !== undefined) {
    return { kind: 'answer', rrsets: [withOwner(exact, query.name)], wildcard };
  }
  const cname = tree.rrsetAt(node, RRType.CNAME);
  if (cname !== undefined) {
    const rrset = withOwner(cname, query.name);
    return { kind: 'cname', rrset, target: targetOf(cname), wildcard };
  }
  return { kind: 'nodata', negativeSoa: tree.negativeSoa, wildcard };
}

/** The query's name has arrived at its own node. */
function answerAt(tree: ZoneTree, node: number, { name, type }: Query): Found {
  if (type === RRType.ANY) {
    const rrsets = tree.rrsetsAt(node);
    if (rrsets.length > 0) return { kind: 'answer', rrsets };
  }
  const exact = tree.rrsetAt(node, type, name);
  if (exact !== undefined) return { kind: 'answer', rrsets: [exact] };
  const cname = tree.rrsetAt(node, RRType.CNAME, name);
  if (cname !== undefined) return { kind: 'cname', rrset: cname, target: targetOf(cname) };
  return { kind: 'nodata', negativeSoa: tree.negativeSoa };
}

function refer(tree: ZoneTree, cut: number, ns: RRset): FoundReferral {
  const glue: RRset[] = [];
  const siblingGlue: RRset[] = [];
  const cutName = tree.nameOf(cut);
  for (const server of serversOf(ns)) {
    if (!server.isSubdomainOf(tree.origin)) continue;
    const list = server.isSubdomainOf(cutName) ? glue : siblingGlue;
    list.push(...addressesAt(tree, server));
  }
  return { kind: 'referral', ns, ds: tree.rrsetAt(cut, RRType.DS), glue, siblingGlue };
}

/** A and AAAA at a name of the zone, whether authoritative or glue. */
function addressesAt(tree: ZoneTree, name: DnsName): readonly RRset[] {
  const starts = labelStartsOf(name.wire);
  let node = tree.apex;
  for (let below = name.labelCount - tree.origin.labelCount; below > 0; below--) {
    node = tree.child(node, name.wire, starts[below - 1]!);
    if (node === 0) return [];
  }
  return tree.rrsetsAt(node).filter(isAddress);
}

function isAddress({ type }: RRset): boolean {
  return type === RRType.A || type === RRType.AAAA;
}

function serversOf(ns: RRset): readonly DnsName[] {
  return ns.rdatas.flatMap((rdata) => namesIn(RRType.NS, rdata));
}

function targetOf(alias: RRset): DnsName {
  const [target] = namesIn(alias.type, alias.rdatas[0]!);
  assert(target, 'rdata of a zone has the form of its type');
  return target;
}

function withOwner(rrset: RRset, name: DnsName): RRset {
  return { ...rrset, name };
}

const ASTERISK = Uint8Array.of(1, 0x2a);

/** Where the labels of a name begin; the same array each time. */
export function labelStartsOf(wire: Uint8Array): Uint8Array {
  for (let at = 0, i = 0; wire[at] !== 0; at += wire[at]! + 1) labelStarts[i++] = at;
  return labelStarts;
}

/** Octets are as many as labels could be. */
const labelStarts = new Uint8Array(255);
