/**
 * Fields that are binary on the wire and encoded in text: hexadecimal and base64 (RFC 4034 §2.2,
 * §5.3), signature times (RFC 4034 §3.2), the type bitmaps of RFC 4034 §4.1.2 and RFC 2535 §5.2.
 */

import { parseType, typeText } from '../iana.ts';
import { fixedEnd, parseInteger, readU32, type Field } from './field.ts';
import type { RdataTokens } from './tokens.ts';

/** Hexadecimal to the end of the rdata; blanks between digits are allowed. */
export function hexadecimal(what: string): Field {
  return {
    kind: 'other',
    end: (_bytes, start, limit) => (start < limit ? limit : -1),
    print: (bytes, start, end) => printHex(bytes.subarray(start, end)),
    parse(tokens, out) {
      const first = tokens.peek();
      const text = joinRest(tokens);
      const octets = text === '' ? undefined : parseHex(text);
      out.bytes(octets ?? tokens.fail(first, `${what} in hexadecimal`));
    },
  };
}

/** Base64 (RFC 4648 §4) to the end of the rdata; blanks are allowed. */
export function base64(what: string): Field {
  return {
    kind: 'other',
    end: (_bytes, start, limit) => (start < limit ? limit : -1),
    print: (bytes, start, end) => printBase64(bytes.subarray(start, end)),
    parse(tokens, out) {
      out.bytes(restOfBase64(tokens, what));
    },
  };
}

/** The octets of all tokens left. Throws `PresentationError`. */
export function restOfBase64(tokens: RdataTokens, what: string): Uint8Array {
  const first = tokens.peek();
  return parseBase64(joinRest(tokens)) ?? tokens.fail(first, `${what} in base64`);
}

/** The text of all tokens left: blanks between digits mean nothing. */
function joinRest(tokens: RdataTokens): string {
  const texts = tokens.rest().map((token) => token.text);
  return texts.join('');
}

/** Seconds since 1970 modulo 2^32; text is YYYYMMDDHHmmSS in UTC or the number. */
export const signatureTime: Field = {
  kind: 'other',
  end: fixedEnd(4),
  print: (bytes, start) => printTime(readU32(bytes, start)),
  parse(tokens, out) {
    const expected = 'a time as YYYYMMDDHHmmSS';
    const token = tokens.next(expected);
    out.u32(parseTime(token.text) ?? tokens.fail(token, expected));
  },
};

/** The types at a name (RFC 4034 §4.1.2): windows of 256 types, each with a trimmed bitmap. */
export const typeBitmap: Field = {
  kind: 'other',
  end(bytes, start, limit) {
    let at = start;
    let lastWindow = -1;
    while (at < limit) {
      if (at + 2 > limit) return -1;
      const length = bytes[at + 1]!;
      if (bytes[at]! <= lastWindow || length === 0 || length > 32 || at + 2 + length > limit)
        return -1;
      lastWindow = bytes[at]!;
      at += 2 + length;
      // RFC 4034 §4.1.2: trailing zero octets must be omitted, so a set of types has one form.
      if (bytes[at - 1] === 0) return -1;
    }
    return at;
  },
  print: (bytes, start, end) => bitmapTypes(bytes.subarray(start, end)).map(typeText).join(' '),
  parse(tokens, out) {
    const types = tokens
      .rest()
      .map((token) => parseType(token.text) ?? tokens.fail(token, 'a record type'));
    out.bytes(encodeBitmap(types));
  },
};

/** The types below 128 at a name, in one bitmap (RFC 2535 §5.2); unknown ones are bare numbers. */
export const oldTypeBitmap: Field = {
  kind: 'other',
  end(bytes, start, limit) {
    const length = limit - start;
    if (length === 0) return limit;
    // The top bit would say that the bitmap has another form, which nobody ever defined.
    return length > 16 || bytes[start]! >= 0x80 || bytes[limit - 1] === 0 ? -1 : limit;
  },
  print(bytes, start, end) {
    const types = bitsOf(bytes.subarray(start, end));
    return types.map((type) => typeText(type).replace(/^TYPE/, '')).join(' ');
  },
  parse(tokens, out) {
    const bits = new Uint8Array(16);
    for (const token of tokens.rest()) {
      const type = parseType(token.text) ?? parseInteger(token.text, 127) ?? 0;
      if (type < 1 || type > 127) tokens.fail(token, 'a record type from 1 to 127');
      bits[type >> 3]! |= 0x80 >> (type & 7);
    }
    out.bytes(trimZeros(bits));
  },
};

export function bitsOf(bitmap: Uint8Array): number[] {
  const set: number[] = [];
  for (const [i, octet] of bitmap.entries()) {
    for (let bit = 0; bit < 8; bit++) if (octet & (0x80 >> bit)) set.push(8 * i + bit);
  }
  return set;
}

export function trimZeros(octets: Uint8Array): Uint8Array {
  return octets.subarray(0, octets.findLastIndex((octet) => octet !== 0) + 1);
}

export function bitmapTypes(bitmap: Uint8Array): number[] {
  const types: number[] = [];
  for (let at = 0; at < bitmap.length; at += 2 + bitmap[at + 1]!) {
    const bits = bitsOf(bitmap.subarray(at + 2, at + 2 + bitmap[at + 1]!));
    types.push(...bits.map((bit) => bitmap[at]! * 256 + bit));
  }
  return types;
}

export function encodeBitmap(types: readonly number[]): Uint8Array {
  const windows = new Map<number, Uint8Array>();
  for (const type of types) {
    const bits = windows.get(type >> 8) ?? new Uint8Array(32);
    windows.set(type >> 8, bits);
    bits[(type & 0xff) >> 3]! |= 0x80 >> (type & 7);
  }
  const octets: number[] = [];
  for (const [window, bits] of [...windows].toSorted(([a], [b]) => a - b)) {
    const trimmed = trimZeros(bits);
    octets.push(window, trimmed.length, ...trimmed);
  }
  return Uint8Array.from(octets);
}

export function printHex(octets: Uint8Array): string {
  let text = '';
  for (const octet of octets) text += octet.toString(16).padStart(2, '0');
  return text.toUpperCase(); // tidy-allow text-case: hexadecimal digits
}

/** Undefined when the digits are no whole octets or no digits. */
export function parseHex(text: string): Uint8Array | undefined {
  if (text.length % 2 !== 0 || /[^0-9a-fA-F]/.test(text)) return undefined;
  return Uint8Array.from({ length: text.length / 2 }, (_, i) =>
    parseInt(text.slice(2 * i, 2 * i + 2), 16),
  );
}

export function printBase64(octets: Uint8Array): string {
  let binary = '';
  for (const octet of octets) binary += String.fromCharCode(octet);
  return btoa(binary);
}

/** Undefined when `text` is no base64 with its padding. */
export function parseBase64(text: string): Uint8Array | undefined {
  if (text === '' || text.length % 4 !== 0 || !/^[A-Za-z0-9+/]*={0,2}$/.test(text))
    return undefined;
  return Uint8Array.from(atob(text), (character) => character.charCodeAt(0));
}

const SECONDS_A_DAY = 86400;

function printTime(seconds: number): string {
  const days = Math.floor(seconds / SECONDS_A_DAY);
  const { year, month, day } = civilDate(days);
  const ofDay = seconds % SECONDS_A_DAY;
  const parts = [month, day, Math.floor(ofDay / 3600), Math.floor(ofDay / 60) % 60, ofDay % 60];
  return (
    String(year).padStart(4, '0') + parts.map((part) => String(part).padStart(2, '0')).join('')
  );
}

function parseTime(text: string): number | undefined {
  if (text.length !== 14) return parseInteger(text, 0xffffffff);
  const match = /^(\d{4})(\d\d)(\d\d)(\d\d)(\d\d)(\d\d)$/.exec(text);
  if (!match) return undefined;
  const [year, month, day, hour, minute, second] = match.slice(1).map(Number) as [
    number,
    number,
    number,
    number,
    number,
    number,
  ];
  if (month < 1 || month > 12 || day < 1 || hour > 23 || minute > 59 || second > 60)
    return undefined;
  const days = dayNumber(year, month, day);
  const back = civilDate(days);
  if (back.day !== day || back.month !== month || year < 1970) return undefined;
  return (days * SECONDS_A_DAY + hour * 3600 + minute * 60 + second) % 2 ** 32;
}

/** Days since 1970-01-01 in the proleptic Gregorian calendar; years start in March inside. */
function dayNumber(year: number, month: number, day: number): number {
  const shifted = month <= 2 ? year - 1 : year;
  const era = Math.floor(shifted / 400);
  const yearOfEra = shifted - era * 400;
  const dayOfYear = Math.floor((153 * ((month + 9) % 12) + 2) / 5) + day - 1;
  const dayOfEra =
    yearOfEra * 365 + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100) + dayOfYear;
  return era * 146097 + dayOfEra - 719468;
}

/** The inverse. */
export function civilDate(days: number): { year: number; month: number; day: number } {
  const shifted = days + 719468;
  const era = Math.floor(shifted / 146097);
  const dayOfEra = shifted - era * 146097;
  const yearOfEra = Math.floor(
    (dayOfEra -
      Math.floor(dayOfEra / 1460) +
      Math.floor(dayOfEra / 36524) -
      Math.floor(dayOfEra / 146096)) /
      365,
  );
  const dayOfYear =
    dayOfEra - (365 * yearOfEra + Math.floor(yearOfEra / 4) - Math.floor(yearOfEra / 100));
  const shiftedMonth = Math.floor((5 * dayOfYear + 2) / 153);
  const day = dayOfYear - Math.floor((153 * shiftedMonth + 2) / 5) + 1;
  const month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9;
  return { year: yearOfEra + era * 400 + (month <= 2 ? 1 : 0), month, day };
}
