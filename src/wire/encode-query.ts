/**
 * A query of one question, and EDNS perhaps, to octets (RFC 1035 §4.1, RFC 6891 §6.1): what a
 * resolver sends thousands of times a second. Same octets as `encodeMessage` makes of the message,
 * without the message.
 */

import { briefOctets } from './bytes.ts';
import { optRecordLength, type Edns, type EdnsOptionValue } from './edns.ts';
import { EdnsOption, RRType } from './iana.ts';
import { HEADER_OCTETS, type Header } from './message.ts';
import type { Question } from './record.ts';

export interface PlainQuery {
  readonly id: number;
  readonly question: Question;
  /** All clear but those named. */
  readonly flags?: Partial<Header> | undefined;
  readonly edns: Edns | false;
  /** One more option, of EDNS. */
  readonly cookie?: Uint8Array | undefined;
}

/** Octets that nobody else has, for as long as the exchange takes. */
export function encodeQuery({ id, question, flags, edns, cookie }: PlainQuery): Uint8Array {
  const { wire } = question.name;
  const optAt = HEADER_OCTETS + wire.length + 4;
  const cookieOctets = cookie ? 4 + cookie.length : 0;
  const out = briefOctets(edns === false ? optAt : optAt + optRecordLength(edns) + cookieOctets);
  write16(out, 0, id);
  if (flags) writeFlags(out, flags);
  out[5] = 1;
  // Short, so a loop is sooner done than a call of `set`.
  for (let i = 0; i < wire.length; i++) out[HEADER_OCTETS + i] = wire[i]!;
  write16(out, optAt - 4, question.type);
  write16(out, optAt - 2, question.class);
  if (edns === false) return out;
  out[11] = 1;
  const end = writeOpt(out, optAt, edns);
  if (cookie) writeOption(out, end, { code: EdnsOption.COOKIE, data: cookie });
  write16(out, optAt + 9, out.length - optAt - 11);
  return out;
}

function writeFlags(out: Uint8Array, flags: Partial<Header>): void {
  const { opcode = 0, qr, aa, tc, rd, ra, z, ad, cd } = flags;
  out[2] = bit(qr, 0x80) | (opcode << 3) | bit(aa, 0x04) | bit(tc, 0x02) | bit(rd, 0x01);
  out[3] = bit(ra, 0x80) | bit(z, 0x40) | bit(ad, 0x20) | bit(cd, 0x10);
}

function bit(flag: boolean | undefined, mask: number): number {
  return flag === true ? mask : 0;
}

/** Without the length of the options. Returns where they end. */
function writeOpt(out: Uint8Array, start: number, edns: Edns): number {
  write16(out, start + 1, RRType.OPT);
  write16(out, start + 3, edns.udpPayloadSize);
  out[start + 6] = edns.version;
  write16(out, start + 7, (edns.dnssecOk ? 0x8000 : 0) | (edns.flags & 0x7fff));
  let at = start + 11;
  for (const option of edns.options) at = writeOption(out, at, option);
  return at;
}

function writeOption(out: Uint8Array, at: number, { code, data }: EdnsOptionValue): number {
  write16(out, at, code);
  write16(out, at + 2, data.length);
  for (let i = 0; i < data.length; i++) out[at + 4 + i] = data[i]!;
  return at + 4 + data.length;
}

function write16(out: Uint8Array, at: number, value: number): void {
  out[at] = value >>> 8;
  out[at + 1] = value & 0xff;
}
