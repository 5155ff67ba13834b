/**
 * The values that dns-packet's objects are made of, each from and to its octets: integers, names as
 * text without the trailing dot, addresses as text, strings in UTF-8, lists of type mnemonics, and
 * Buffers. Reading takes octets that `end` has delimited; writing takes anything at all, and throws
 * `ShapeError`, which `fromPacket` turns into a value: it never leaves this folder.
 */

import { parseType, RRType, typeText } from '../iana.ts';
import { parseIPv4, parseIPv6, printIPv4, printIPv6 } from '../ip-address.ts';
import { DnsName } from '../name.ts';
import { octetsOf, parseName } from '../name-text.ts';
import { skipPlainName } from '../name-wire.ts';
import {
  bitmapTypes,
  encodeBitmap,
  parseHex,
  printHex,
  typeBitmap,
} from '../rdata/binary-fields.ts';
import { fixedEnd, readU16, readU32, type Field } from '../rdata/field.ts';
import { Octets } from '../rdata/octets.ts';
import { characterStringEnd, characterStrings } from '../rdata/string-fields.ts';

export interface Value {
  /** The offset behind the value in `bytes`[start, limit), or -1. */
  readonly end: Field['end'];
  read(octets: Uint8Array): unknown;
  write(value: unknown): Uint8Array;
}

export class ShapeError extends Error {}

export const u8: Value = integer(1);
export const u16: Value = integer(2);
export const u32: Value = integer(4);

export const name: Value = {
  end: skipPlainName,
  read: (octets) => textOfName(DnsName.fromWire(octets)),
  write: (value) => nameOfText(value).wire,
};

export const ipv4: Value = {
  end: fixedEnd(4),
  read: printIPv4,
  write: (value) => parseIPv4(stringOf(value)) ?? refuse(value, 'an IPv4 address'),
};

export const ipv6: Value = {
  end: fixedEnd(16),
  read: printIPv6,
  write: (value) => parseIPv6(stringOf(value)) ?? refuse(value, 'an IPv6 address'),
};

/** A character string (RFC 1035 §3.3) in UTF-8. */
export const text: Value = {
  end: characterStringEnd,
  read: (octets) => Buffer.from(octets.subarray(1)).toString('utf8'),
  write: (value) => counted(Buffer.from(stringOf(value), 'utf8')),
};

/** Text without a length octet, to the end. */
export const restText: Value = {
  end: (_bytes, _start, limit) => limit,
  read: (octets) => Buffer.from(octets).toString('utf8'),
  write: (value) => Buffer.from(stringOf(value), 'utf8'),
};

export const rest: Value = {
  end: (_bytes, _start, limit) => limit,
  read: (octets) => Buffer.from(octets),
  write: bytesOf,
};

export const restHex: Value = {
  end: (_bytes, _start, limit) => limit,
  read: printHex,
  write: (value) => parseHex(stringOf(value)) ?? refuse(value, 'hexadecimal digits'),
};

/** Octets behind a length octet. */
export const countedBytes: Value = {
  end: characterStringEnd,
  read: (octets) => Buffer.from(octets.subarray(1)),
  write: (value) => counted(bytesOf(value)),
};

export const type: Value = {
  end: fixedEnd(2),
  read: (octets) => textOfType(readU16(octets, 0)),
  write: (value) => u16.write(typeOfText(value)),
};

export const types: Value = {
  end: typeBitmap.end,
  read: (octets) => bitmapTypes(octets).map(textOfType),
  write: (value) => encodeBitmap(listOf(value).map(typeOfText)),
};

/** TXT: a list of Buffers; written from strings and single ones, too. */
export const strings: Value = {
  end: characterStrings.end,
  read(octets) {
    const texts: Buffer[] = [];
    for (let at = 0; at < octets.length; at += octets[at]! + 1) {
      texts.push(Buffer.from(octets.subarray(at + 1, at + 1 + octets[at]!)));
    }
    return texts;
  },
  write(value) {
    const out = new Octets();
    for (const one of Array.isArray(value) ? (value as unknown[]) : [value]) {
      out.bytes(counted(typeof one === 'string' ? Buffer.from(one, 'utf8') : bytesOf(one)));
    }
    return out.finish();
  },
};

/** Text without the trailing dot, '.' for the root; escapes as everywhere in this project. */
export function textOfName(dnsName: DnsName): string {
  return dnsName.isRoot ? '.' : dnsName.toString().slice(0, -1);
}

export function nameOfText(value: unknown): DnsName {
  const given = stringOf(value);
  if (given === '' || given === '@') {
    // dns-packet: '' is the root. In master files '@' is the origin; here there is none.
    return given === '' ? DnsName.root : DnsName.root.child(Uint8Array.of(0x40))!;
  }
  const result = parseName(octetsOf(given), DnsName.root);
  return result.ok ? result.value : refuse(value, `a domain name (${result.error})`);
}

/** 'MX', 'UNKNOWN_65280': the latter is dns-packet's form for types without a mnemonic. */
export function textOfType(number: number): string {
  const mnemonic = typeText(number);
  return /^TYPE[0-9]/.test(mnemonic) ? `UNKNOWN_${number}` : mnemonic;
}

export function typeOfText(value: unknown): number {
  const given = stringOf(value);
  if (given === '*') return RRType.ANY;
  return unknownNumber(given) ?? parseType(given) ?? refuse(value, 'a record type');
}

/** The number in 'UNKNOWN_65280'. */
export function unknownNumber(given: string): number | undefined {
  const digits = /^UNKNOWN_([0-9]{1,5})$/i.exec(given)?.[1];
  return digits !== undefined && Number(digits) <= 0xffff ? Number(digits) : undefined;
}

/** A Buffer, another Uint8Array, or a Buffer that went through JSON. */
export function bytesOf(value: unknown): Uint8Array {
  if (value instanceof Uint8Array) return value;
  const data: unknown = objectOf(value)['data'];
  if (objectOf(value)['type'] !== 'Buffer' || !Array.isArray(data))
    return refuse(value, 'a Buffer');
  return Uint8Array.from((data as unknown[]).map((octet) => integerOf(octet, 0xff)));
}

export function integerOf(value: unknown, max: number): number {
  if (value === undefined) return 0;
  const isRight =
    typeof value === 'number' && Number.isInteger(value) && value >= 0 && value <= max;
  return isRight ? value : refuse(value, `an integer from 0 to ${max}`);
}

export function stringOf(value: unknown): string {
  return typeof value === 'string' ? value : refuse(value, 'a string');
}

export function listOf(value: unknown): readonly unknown[] {
  return Array.isArray(value) ? value : refuse(value, 'an array');
}

export function objectOf(value: unknown): Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null
    ? (value as Record<string, unknown>)
    : refuse(value, 'an object');
}

export function refuse(value: unknown, expected: string): never {
  const shown = typeof value === 'string' ? `'${value.slice(0, 80)}'` : kindOf(value);
  throw new ShapeError(`expected ${expected}, found ${shown}`);
}

function kindOf(value: unknown): string {
  if (typeof value === 'number') return String(value);
  if (value === null) return 'null';
  return Array.isArray(value) ? 'an array' : typeof value;
}

function counted(octets: Uint8Array): Uint8Array {
  if (octets.length > 255) throw new ShapeError(`a string has ${octets.length} octets, 255 fit`);
  return Uint8Array.of(octets.length, ...octets);
}

function integer(octets: 1 | 2 | 4): Value {
  const max = 2 ** (8 * octets) - 1;
  return {
    end: fixedEnd(octets),
    read(bytes) {
      if (octets === 1) return bytes[0]!;
      return octets === 2 ? readU16(bytes, 0) : readU32(bytes, 0);
    },
    write(value) {
      const number = integerOf(value, max);
      return Uint8Array.from({ length: octets }, (_, i) => number / 256 ** (octets - 1 - i));
    },
  };
}
