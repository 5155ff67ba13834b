/**
 * One field of a record's data: how far it reaches on the wire, how it is printed, how it is read
 * from text. A type's description is a list of fields (`descriptions.ts`); everything that the
 * project does with rdata follows from the list. This file has numbers, names and addresses;
 * `string-fields.ts` and `binary-fields.ts` the rest.
 */

import { DnssecAlgorithm, parseType, typeText } from '../iana.ts';
import { parseIPv4, parseIPv6, printIPv4, printIPv6 } from '../ip-address.ts';
import { printName } from '../name-print.ts';
import { parseName } from '../name-text.ts';
import { skipPlainName } from '../name-wire.ts';
import type { Octets } from './octets.ts';
import type { RdataTokens } from './tokens.ts';

export interface Field {
  /** 'name' fields are found by the decoder, to expand them, and by the encoder, to compress. */
  readonly kind: 'name' | 'other';
  /** The offset behind the field in uncompressed rdata `bytes`[start, limit), or -1: malformed. */
  readonly end: (bytes: Uint8Array, start: number, limit: number) => number;
  /** Presentation form of the well-formed field `bytes`[start, end); '' prints nothing. */
  readonly print: (bytes: Uint8Array, start: number, end: number) => string;
  /** Consumes tokens, appends wire form. Throws `PresentationError`. */
  readonly parse: (tokens: RdataTokens, out: Octets) => void;
}

/** A fixed number of octets. */
export function fixedEnd(octets: number): Field['end'] {
  return (_bytes, start, limit) => (start + octets <= limit ? start + octets : -1);
}

export function u8(what: string): Field {
  return integer(what, 1, (text) => parseInteger(text, 0xff));
}

export function u16(what: string): Field {
  return integer(what, 2, (text) => parseInteger(text, 0xffff));
}

export function u32(what: string): Field {
  return integer(what, 4, (text) => parseInteger(text, 0xffffffff));
}

/** Seconds; text may have units ('1h30m'), as BIND and Knot take them in SOA records. */
export function period(what: string): Field {
  return integer(`${what} in seconds`, 4, (text) => parsePeriod(text, 0xffffffff));
}

/** A DNSSEC algorithm: number, or mnemonic as RFC 4034 §5.3 allows. */
export const algorithm: Field = mnemonic('a DNSSEC algorithm', 1, DnssecAlgorithm);

export const rrType: Field = {
  ...integer('a record type', 2, parseType),
  print: (bytes, start) => typeText(readU16(bytes, start)),
};

export const name: Field = {
  kind: 'name',
  end: skipPlainName,
  print: (bytes, start, end) => printName(bytes.subarray(start, end)),
  parse(tokens, out) {
    const token = tokens.next('a domain name');
    const result = parseName(token.text, tokens.origin);
    if (!result.ok) tokens.fail(token, `a domain name (${result.error})`);
    else out.bytes(result.value.wire);
  },
};

export const ipv4: Field = {
  kind: 'other',
  end: fixedEnd(4),
  print: (bytes, start, end) => printIPv4(bytes.subarray(start, end)),
  parse(tokens, out) {
    const token = tokens.next('an IPv4 address');
    out.bytes(parseIPv4(token.text) ?? tokens.fail(token, "an IPv4 address such as '192.0.2.1'"));
  },
};

export const ipv6: Field = {
  kind: 'other',
  end: fixedEnd(16),
  print: (bytes, start, end) => printIPv6(bytes.subarray(start, end)),
  parse(tokens, out) {
    const token = tokens.next('an IPv6 address');
    out.bytes(parseIPv6(token.text) ?? tokens.fail(token, "an IPv6 address such as '2001:db8::1'"));
  },
};

/** A number that text may give by name; printed as a number. */
export function mnemonic(
  what: string,
  octets: 1 | 2,
  table: Readonly<Record<string, number>>,
): Field {
  const numbers = new Map(Object.entries(table));
  return integer(what, octets, (text) => {
    const known = numbers.get(text.toUpperCase()); // tidy-allow text-case: a mnemonic
    return known ?? parseInteger(text, 2 ** (8 * octets) - 1);
  });
}

/** The same, printed by name: by the last of several in the table. */
export function namedMnemonic(
  what: string,
  octets: 1 | 2,
  table: Readonly<Record<string, number>>,
): Field {
  const names = new Map(Object.entries(table).map(([text, value]) => [value, text]));
  const field = mnemonic(what, octets, table);
  return {
    ...field,
    print: (bytes, start, end) =>
      names.get(octets === 1 ? bytes[start]! : readU16(bytes, start)) ??
      field.print(bytes, start, end),
  };
}

/** A decimal integer of at most `max`; undefined when it is none. Leading zeros are allowed. */
export function parseInteger(text: string, max: number): number | undefined {
  if (!/^[0-9]{1,20}$/.test(text)) return undefined;
  const value = Number(text);
  return value <= max ? value : undefined;
}

/** Seconds from '3600', '1h', '1w2d3h4m5s'; each unit at most once, in any case. */
export function parsePeriod(text: string, max: number): number | undefined {
  const plain = parseInteger(text, max);
  if (plain !== undefined) return plain;
  if (!/^(?:[0-9]{1,10}[wdhms]){1,5}$/i.test(text)) return undefined;
  let seconds = 0;
  const seen = new Set<string>();
  for (const [, amount, unit] of text.matchAll(/([0-9]+)([wdhms])/gi)) {
    const key = unit!.toLowerCase(); // tidy-allow text-case: a unit letter
    if (seen.has(key)) return undefined;
    seen.add(key);
    seconds += Number(amount) * UNIT_SECONDS.get(key)!;
  }
  return seconds <= max ? seconds : undefined;
}

export function readU16(bytes: Uint8Array, at: number): number {
  return (bytes[at]! << 8) | bytes[at + 1]!;
}

export function readU32(bytes: Uint8Array, at: number): number {
  return readU16(bytes, at) * 0x10000 + readU16(bytes, at + 2);
}

const UNIT_SECONDS: ReadonlyMap<string, number> = new Map([
  ['w', 604800],
  ['d', 86400],
  ['h', 3600],
  ['m', 60],
  ['s', 1],
]);

function integer(
  what: string,
  octets: 1 | 2 | 4,
  parseText: (text: string) => number | undefined,
): Field {
  return {
    kind: 'other',
    end: fixedEnd(octets),
    print(bytes, start) {
      if (octets === 1) return String(bytes[start]!);
      return String(octets === 2 ? readU16(bytes, start) : readU32(bytes, start));
    },
    parse(tokens, out) {
      const expected = `${what} (0 to ${2 ** (8 * octets) - 1})`;
      const token = tokens.next(expected);
      const value = parseText(token.text) ?? tokens.fail(token, expected);
      if (octets === 1) out.u8(value);
      else if (octets === 2) out.u16(value);
      else out.u32(value);
    },
  };
}
