/**
 * When two rdata are the same: in the canonical form of RFC 4034 §6.2, in which the names of some
 * types are in lower case. It decides which records repeat another (RFC 4034 §6.3), and compares
 * zones. Names in other types keep their letter case and differ by it (RFC 3597 §7).
 */

import { foldOctet } from '../wire/case-fold.ts';
import { RRType } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';
import { descriptionOf } from '../wire/rdata/descriptions.ts';
import { fieldEnds } from '../wire/rdata/rdata.ts';

/** RFC 4034 §6.2, item 3, as corrected by RFC 6840 §5.1: names in these types in lower case. */
export function canonicalRdata(type: number, rdata: Uint8Array): Uint8Array {
  if (!hasFoldedNames(type)) return rdata;
  const description = descriptionOf(type);
  const ends = description && fieldEnds(description, rdata);
  if (!ends) return rdata;
  const canonical = Uint8Array.from(rdata);
  for (const [i, end] of ends.entries()) {
    if (description.fields[i]!.kind !== 'name') continue;
    const start = ends[i - 1] ?? 0;
    canonical.set(foldedName(DnsName.fromWire(rdata.subarray(start, end))).wire, start);
  }
  return canonical;
}

/** Whether the letter case of names in such rdata makes no difference. */
export function hasFoldedNames(type: number): boolean {
  return FOLDED_TYPES.has(type);
}

/** Length octets are below the letters, so folding every octet folds the labels only. */
export function foldedName(name: DnsName): DnsName {
  return DnsName.fromWire(name.wire.map(foldOctet));
}

const FOLDED_TYPES: ReadonlySet<number> = new Set([
  RRType.NS,
  RRType.MD,
  RRType.MF,
  RRType.CNAME,
  RRType.SOA,
  RRType.MB,
  RRType.MG,
  RRType.MR,
  RRType.PTR,
  RRType.MINFO,
  RRType.MX,
  RRType.RP,
  RRType.AFSDB,
  RRType.RT,
  RRType.SIG,
  RRType.PX,
  RRType.NXT,
  RRType.NAPTR,
  RRType.KX,
  RRType.SRV,
  RRType.DNAME,
  RRType.RRSIG,
]);
