/**
 * The data of an RRset as one string of octets: no view of a packet, which would keep the whole
 * packet alive, and no object per record.
 *
 *     [length, 2 octets] [rdata] [length] [rdata] …
 */

import { DnsName } from '../wire/name.ts';

export function packedLength(rdatas: readonly Uint8Array[]): number {
  let octets = 0;
  for (const rdata of rdatas) octets += 2 + rdata.length;
  return octets;
}

export function pack(rdatas: readonly Uint8Array[], into: Uint8Array, start: number): void {
  let at = start;
  for (const rdata of rdatas) {
    into[at] = rdata.length >>> 8;
    into[at + 1] = rdata.length & 0xff;
    at += 2;
    // Most are short, so a loop is sooner done than a call of `set`.
    for (let i = 0; i < rdata.length; i++) into[at + i] = rdata[i]!;
    at += rdata.length;
  }
}

/** Views of `packed`, which nobody may change. */
export function unpack(packed: Uint8Array, start = 0): Uint8Array[] {
  const rdatas: Uint8Array[] = [];
  for (let at = start; at < packed.length;) {
    const end = at + 2 + ((packed[at]! << 8) | packed[at + 1]!);
    rdatas.push(packed.subarray(at + 2, end));
    at = end;
  }
  return rdatas;
}

/** A name in octets of its own. */
export function ownName(name: DnsName): DnsName {
  return DnsName.fromWire(new Uint8Array(name.wire));
}
