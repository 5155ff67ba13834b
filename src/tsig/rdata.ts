/**
 * The rdata of a TSIG record (RFC 8945 §4.2), from and to octets:
 *
 *     algorithm name | time 6 | fudge 2 | MAC size 2 | MAC | id 2 | error 2 | other size 2 | other
 */

import { DnsName } from '../wire/name.ts';
import { skipPlainName } from '../wire/name-wire.ts';
import { Octets } from '../wire/rdata/octets.ts';

export interface TsigFields {
  readonly algorithm: DnsName;
  /** Seconds since 1970, 48 bits: no overflow in a number. */
  readonly timeSeconds: number;
  /** How far the clocks may differ. */
  readonly fudgeSeconds: number;
  /** Empty in errors that nobody could sign. */
  readonly mac: Uint8Array;
  readonly originalId: number;
  /** An extended rcode: BADSIG is 16. */
  readonly error: number;
  /** With BADTIME the server's time in 6 octets, else empty. */
  readonly other: Uint8Array;
}

/** Undefined when the octets do not have the form. The arrays are views of `rdata`. */
export function readTsig(rdata: Uint8Array): TsigFields | undefined {
  const time = skipPlainName(rdata, 0, rdata.length);
  if (time < 0 || time + 10 > rdata.length) return undefined;
  const macEnd = time + 10 + u16(rdata, time + 8);
  if (macEnd + 6 > rdata.length) return undefined;
  if (macEnd + 6 + u16(rdata, macEnd + 4) !== rdata.length) return undefined;
  return {
    algorithm: DnsName.fromWire(rdata.subarray(0, time)),
    timeSeconds: readTime(rdata, time),
    fudgeSeconds: u16(rdata, time + 6),
    mac: rdata.subarray(time + 10, macEnd),
    originalId: u16(rdata, macEnd),
    error: u16(rdata, macEnd + 2),
    other: rdata.subarray(macEnd + 6),
  };
}

export function writeTsig(fields: TsigFields): Uint8Array {
  const rdata = new Octets();
  rdata.bytes(fields.algorithm.wire);
  rdata.bytes(timeOctets(fields.timeSeconds));
  rdata.u16(fields.fudgeSeconds);
  rdata.u16(fields.mac.length);
  rdata.bytes(fields.mac);
  rdata.u16(fields.originalId);
  rdata.u16(fields.error);
  rdata.u16(fields.other.length);
  rdata.bytes(fields.other);
  return rdata.finish();
}

/** 48 bits. */
export function timeOctets(timeSeconds: number): Uint8Array {
  const octets = new Octets();
  octets.u16(Math.floor(timeSeconds / 2 ** 32));
  octets.u32(timeSeconds % 2 ** 32);
  return octets.finish();
}

function readTime(rdata: Uint8Array, at: number): number {
  return u16(rdata, at) * 2 ** 32 + u16(rdata, at + 2) * 2 ** 16 + u16(rdata, at + 4);
}

function u16(octets: Uint8Array, at: number): number {
  return (octets[at]! << 8) | octets[at + 1]!;
}
