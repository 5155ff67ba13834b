/** What is wrong with a part of a message, in the words of dig 9.18. */

import type { EdnsOptionValue } from '../wire/edns.ts';
import { DnsClass, EdnsOption } from '../wire/iana.ts';
import { skipName } from '../wire/name-wire.ts';
import { descriptionOf } from '../wire/rdata/descriptions.ts';
import type { Field } from '../wire/rdata/field.ts';
import { CLASS_BOUND } from './class-bound.ts';

export type Fault =
  | 'unexpected end of input'
  | 'bad label type'
  | 'bad compression pointer'
  | 'extra input text'
  | 'malformed OPT option'
  | 'FORMERR';

const MAX_LABEL_OCTETS = 63;
const POINTER = 0xc0;

interface Range {
  readonly start: number;
  readonly end: number;
}

/** The offset behind the name at `start`, or what is wrong with it. */
export function nameEnd(bytes: Uint8Array, start: number, limit: number): number | Fault {
  const end = skipName(bytes, start, limit);
  if (end >= 0) return end;
  let at = start;
  // Of the first part alone: what a pointer leads to can be wrong in one way only.
  while (at < limit) {
    const length = bytes[at]!;
    if (length >= POINTER) return at + 1 < limit ? 'bad compression pointer' : CUT;
    if (length > MAX_LABEL_OCTETS) return 'bad label type';
    at += length + 1;
    if (length === 0) return 'FORMERR';
  }
  return CUT;
}

/** Undefined where the data have the form of their type, or the type is not known. */
export function rdataFault(
  { type, class: dnsClass }: { readonly type: number; readonly class: number },
  bytes: Uint8Array,
  { start, end }: Range,
): Fault | undefined {
  const description = descriptionOf(type);
  if (!description || (dnsClass !== DnsClass.IN && CLASS_BOUND.has(type))) return undefined;
  let at = start;
  for (const field of description.fields) {
    const behind = field.kind === 'name' ? nameEnd(bytes, at, end) : field.end(bytes, at, end);
    if (typeof behind === 'string') return behind;
    if (behind < 0) return isCut(field, bytes.subarray(at, end)) ? CUT : 'FORMERR';
    at = behind;
  }
  return at === end ? undefined : 'extra input text';
}

const CUT: Fault = 'unexpected end of input';

/** Whether a field would be whole if there were more octets. */
function isCut(field: Field, octets: Uint8Array): boolean {
  const longer = new Uint8Array(octets.length + 512);
  longer.set(octets);
  return field.end(longer, 0, longer.length) >= 0;
}

/** Whether an EDNS option has the form of its kind, as far as dig knows it. */
export function isOptionSound({ code, data }: EdnsOptionValue): boolean {
  return FORMS.get(code)?.(data) ?? true;
}

const FORMS: ReadonlyMap<number, (data: Uint8Array) => boolean> = new Map([
  // LLQ and UPDATE-LEASE (RFC 8764, RFC 9664).
  [1, ({ length }) => length === 18],
  [2, ({ length }) => length === 4 || length === 8],
  [EdnsOption.CLIENT_SUBNET, isSubnetSound],
  [EdnsOption.EXPIRE, ({ length }) => length === 0 || length === 4],
  [EdnsOption.COOKIE, ({ length }) => length === 8 || (length >= 16 && length <= 40)],
  // The tags of keys (RFC 8145).
  [14, ({ length }) => length > 0 && length % 2 === 0],
  [EdnsOption.EDE, ({ length }) => length >= 2],
  // Client and server tags.
  [16, ({ length }) => length === 2],
  [17, ({ length }) => length === 2],
]);

/** RFC 7871 §6. */
function isSubnetSound(data: Uint8Array): boolean {
  if (data.length === 0) return true;
  if (data.length < 4) return false;
  const family = (data[0]! << 8) | data[1]!;
  const most = FAMILY_BITS.get(family);
  const bits = data[2]!;
  if (most === undefined || bits > most || data[3]! > most) return false;
  const octets = Math.ceil(bits / 8);
  if (data.length !== 4 + octets) return false;
  const rest = bits % 8 === 0 ? 0 : data.at(-1)! & (0xff >> (bits % 8));
  return rest === 0;
}

const FAMILY_BITS: ReadonlyMap<number, number> = new Map([
  [0, 0],
  [1, 32],
  [2, 128],
]);
