/**
 * An RRset as one string of octets of its own: no view of a packet, which would keep the whole
 * packet alive, and no object per record.
 *
 *     [length, 2 octets] [rdata] [length] [rdata] …
 */

import { DnsName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';

export interface PackedRRset {
  readonly name: DnsName;
  readonly type: number;
  readonly class: number;
  readonly rdata: Uint8Array;
}

export function packRRset(rrset: RRset): PackedRRset {
  const rdata = new Uint8Array(packedLength(rrset));
  let at = 0;
  for (const octets of rrset.rdatas) {
    rdata[at] = octets.length >>> 8;
    rdata[at + 1] = octets.length & 0xff;
    rdata.set(octets, at + 2);
    at += 2 + octets.length;
  }
  return { name: ownName(rrset.name), type: rrset.type, class: rrset.class, rdata };
}

/** The octets inside are views of the packed ones: nobody changes either. */
export function unpackRRset(packed: PackedRRset, ttl: number, expiresAtMs: number): RRset {
  const rdatas: Uint8Array[] = [];
  for (let at = 0; at < packed.rdata.length;) {
    const length = (packed.rdata[at]! << 8) | packed.rdata[at + 1]!;
    rdatas.push(packed.rdata.subarray(at + 2, at + 2 + length));
    at += 2 + length;
  }
  return { name: packed.name, type: packed.type, class: packed.class, ttl, rdatas, expiresAtMs };
}

export function packedLength(rrset: RRset): number {
  return rrset.rdatas.reduce((sum, octets) => sum + 2 + octets.length, 0);
}

/** A name in octets of its own. */
export function ownName(name: DnsName): DnsName {
  return DnsName.fromWire(new Uint8Array(name.wire));
}
