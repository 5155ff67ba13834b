/**
 * Owner names that are allowed and probably not meant: '*' inside (RFC 4592 §2.1.2), names that no
 * host may have (RFC 1123 §2.1), and the origin twice, where a dot was forgotten.
 */

import { RRType, typeText } from '../../wire/iana.ts';
import type { DnsName } from '../../wire/name.ts';
import { namesIn } from '../../wire/rdata/rdata.ts';
import type { LocatedRecord } from '../master-file.ts';
import { targetFieldOf, type CheckContext } from './report.ts';

export function checkOwners({ index, report }: CheckContext): void {
  for (const { name, types } of index.names()) {
    const first = firstOf(types);
    if (first === undefined) continue;
    if (hasInnerWildcard(name)) {
      const message = `the '*' inside ${name.toString()} is a label like others, no wildcard`;
      report.warning(first, 'inner-wildcard', message);
    }
    if (hasOriginTwice(name, index.origin)) {
      report.warning(first, 'forgotten-dot', forgotten(name));
    }
    const host = HOST_TYPES.map((type) => types.get(type)?.[0]).find(Boolean);
    if (host && !isHostName(name)) {
      const message = `${name.toString()} has ${typeText(host.type)} records, but is no host name`;
      report.warning(host, 'bad-host-name', message);
    }
    checkForgottenDots(types, { index, report });
  }
}

const HOST_TYPES: readonly number[] = [RRType.A, RRType.AAAA, RRType.MX];
const TARGET_TYPES: readonly number[] = [
  RRType.NS,
  RRType.CNAME,
  RRType.PTR,
  RRType.MX,
  RRType.SRV,
  RRType.DNAME,
];
const HYPHEN = 0x2d;
const ASTERISK = 0x2a;

function checkForgottenDots(
  types: ReadonlyMap<number, readonly LocatedRecord[]>,
  { index, report }: Pick<CheckContext, 'index' | 'report'>,
): void {
  for (const type of TARGET_TYPES) {
    for (const record of types.get(type) ?? []) {
      const target = namesIn(type, record.rdata).at(-1);
      if (target === undefined) continue;
      const isOdd =
        hasOriginTwice(target, index.origin) || (type === RRType.PTR && isBelow(target, index));
      if (!isOdd || index.node(target)) continue;
      report.warning(targetFieldOf(record), 'forgotten-dot', forgotten(target));
    }
  }
}

/** A host whose name is in the tree of addresses. */
function isBelow(target: DnsName, { origin }: { readonly origin: DnsName }): boolean {
  const top = origin.toString();
  return /\.(in-addr|ip6)\.arpa\.$/i.test(top) && target.isBelow(origin);
}

function forgotten(name: DnsName): string {
  return `${name.toString()} has the origin at its end by itself: is a final dot forgotten?`;
}

function firstOf(types: ReadonlyMap<number, readonly LocatedRecord[]>): LocatedRecord | undefined {
  let first: LocatedRecord | undefined;
  for (const [record] of types.values()) {
    if (record && (first === undefined || record.line < first.line)) first = record;
  }
  return first;
}

function hasInnerWildcard(name: DnsName): boolean {
  // The common name has no '*' at all.
  if (!name.wire.includes(ASTERISK)) return false;
  return name.labels.slice(1).some((label) => label.length === 1 && label[0] === ASTERISK);
}

function hasOriginTwice(name: DnsName, origin: DnsName): boolean {
  const { labelCount } = origin;
  if (labelCount === 0 || name.labelCount < 2 * labelCount || !name.isSubdomainOf(origin)) {
    return false;
  }
  const own = name.wire.subarray(0, name.wire.length - origin.wire.length);
  const tail = name.ancestor(2 * labelCount);
  const inner = tail.wire.subarray(0, tail.wire.length - origin.wire.length);
  const isTwice = Buffer.from(inner).equals(Buffer.from(origin.wire.subarray(0, -1)));
  return isTwice && own.length >= inner.length;
}

/** RFC 1123 §2.1: letters, digits and hyphens within; a wildcard stands for host names. */
function isHostName(name: DnsName): boolean {
  const { wire } = name;
  for (let at = name.isWildcard ? 2 : 0; wire[at] !== 0; at += wire[at]! + 1) {
    const last = at + wire[at]!;
    if (wire[at + 1] === HYPHEN || wire[last] === HYPHEN) return false;
    for (let i = at + 1; i <= last; i++) if (!isHostOctet(wire[i]!)) return false;
  }
  return true;
}

function isHostOctet(octet: number): boolean {
  const letter = octet | 0x20;
  const isDigit = octet >= 0x30 && octet <= 0x39;
  return isDigit || octet === HYPHEN || (letter >= 0x61 && letter <= 0x7a && octet >= 0x41);
}
