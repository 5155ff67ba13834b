/**
 * Where the TSIG record of a message is, in octets, since what is signed are octets: it stands
 * last, alone, of class ANY and TTL 0 (RFC 8945 §5.1); else the message is malformed (§5.2).
 */

import { DnsClass, RRType } from '../wire/iana.ts';
import { HEADER_OCTETS } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import { readName, skipName } from '../wire/name-wire.ts';
import { readTsig, type TsigFields } from './rdata.ts';

export type Placed =
  | { readonly kind: 'unsigned' }
  | { readonly kind: 'malformed' }
  | {
      readonly kind: 'signed';
      /** Where the record begins, and what is signed ends. */
      readonly start: number;
      readonly keyName: DnsName;
      readonly fields: TsigFields;
    };

/** Any octets are safe. What is returned refers to `octets`. */
export function findTsigRecord(octets: Uint8Array): Placed {
  if (octets.length < HEADER_OCTETS) return { kind: 'malformed' };
  let at = HEADER_OCTETS;
  for (let left = u16(octets, 4); left > 0; left--) {
    at = skipName(octets, at, octets.length) + 4;
    if (at < HEADER_OCTETS || at > octets.length) return { kind: 'malformed' };
  }
  for (let left = recordCount(octets); left > 0; left--) {
    const fixed = skipName(octets, at, octets.length);
    if (fixed < 0 || fixed + 10 > octets.length) return { kind: 'malformed' };
    const end = fixed + 10 + u16(octets, fixed + 8);
    if (end > octets.length) return { kind: 'malformed' };
    if (u16(octets, fixed) === RRType.TSIG) {
      return left === 1 && end === octets.length && u16(octets, 10) > 0
        ? readRecord(octets, at, fixed)
        : { kind: 'malformed' };
    }
    at = end;
  }
  return { kind: 'unsigned' };
}

function readRecord(octets: Uint8Array, start: number, fixed: number): Placed {
  const fields = readTsig(octets.subarray(fixed + 10));
  const ttl = u16(octets, fixed + 4) | u16(octets, fixed + 6);
  if (!fields || u16(octets, fixed + 2) !== DnsClass.ANY || ttl !== 0) return { kind: 'malformed' };
  return { kind: 'signed', start, keyName: readName(octets, start), fields };
}

function recordCount(octets: Uint8Array): number {
  return u16(octets, 6) + u16(octets, 8) + u16(octets, 10);
}

function u16(octets: Uint8Array, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}
