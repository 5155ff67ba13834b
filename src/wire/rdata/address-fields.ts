/**
 * Addresses other than plain IP: identifiers and locators of ILNP (RFC 6742 §2), EUI-48 and EUI-64
 * (RFC 7043), NSAP (RFC 1706 §5), ATM end systems (AF-SAA-0069), parts of IPv6 addresses with
 * who has the rest (RFC 2874 §3.1), lists of prefixes (RFC 3123 §4), and the ports of a well-known
 * service (RFC 1035 §3.4.2).
 */

import { IpProtocol, ServicePort } from '../iana.ts';
import { parseIPv4, parseIPv6, printIPv4, printIPv6 } from '../ip-address.ts';
import { skipPlainName } from '../name-wire.ts';
import { bitsOf, parseHex, printHex, trimZeros } from './binary-fields.ts';
import { fixedEnd, ipv4, mnemonic, name, parseInteger, readU16, type Field } from './field.ts';
import type { RdataTokens, Token } from './tokens.ts';

/** 64 bits as four groups: '14:4fff:ff20:ee64'. Never shortened as IPv6 addresses are. */
export function hexGroups(what: string): Field {
  return {
    kind: 'other',
    end: fixedEnd(8),
    print: (bytes, start) =>
      [0, 2, 4, 6].map((i) => readU16(bytes, start + i).toString(16)).join(':'),
    parse(tokens, out) {
      const expected = `${what} such as '14:4fff:ff20:ee64'`;
      const token = tokens.next(expected);
      const groups = token.text.split(':');
      const areRight = groups.every((group) => /^[0-9a-fA-F]{1,4}$/.test(group));
      if (groups.length !== 4 || !areRight) tokens.fail(token, expected);
      for (const group of groups) out.u16(parseInt(group, 16));
    },
  };
}

/** Octets in hexadecimal with dashes: '00-00-5e-00-53-2a'. */
export function extendedUniqueIdentifier(octets: 6 | 8): Field {
  return {
    kind: 'other',
    end: fixedEnd(octets),
    print: (bytes, start, end) =>
      Array.from(bytes.subarray(start, end), (octet) => hexText(Uint8Array.of(octet))).join('-'),
    parse(tokens, out) {
      const expected = `${octets} octets such as '00-5e-…' in hexadecimal`;
      const token = tokens.next(expected);
      const parts = token.text.split('-');
      const areRight = parts.every((part) => /^[0-9a-fA-F]{2}$/.test(part));
      if (parts.length !== octets || !areRight) tokens.fail(token, expected);
      for (const part of parts) out.u8(parseInt(part, 16));
    },
  };
}

/** '0x47.0005.80…': dots are for the reader. */
export const nsap: Field = {
  kind: 'other',
  end: toLimit,
  print: (bytes, start, end) => `0x${hexText(bytes.subarray(start, end))}`,
  parse(tokens, out) {
    const expected = "an NSAP address such as '0x47.0005.80'";
    const token = tokens.next(expected);
    const digits = /^0[xX]([0-9a-fA-F.]+)$/.exec(token.text)?.[1]?.replaceAll('.', '') ?? '';
    const octets = digits === '' ? undefined : parseHex(digits);
    out.bytes(octets ?? tokens.fail(token, expected));
  },
};

const AESA = 0;
const E164 = 1;

/** The octets of an end system in hexadecimal, or '+' and the digits of E.164. */
export const atmAddress: Field = {
  kind: 'other',
  end(bytes, start, limit) {
    if (limit - start < 2) return -1;
    if (bytes[start] === AESA) return limit;
    return bytes[start] === E164 && bytes.subarray(start + 1, limit).every(isDigit) ? limit : -1;
  },
  print(bytes, start, end) {
    const address = bytes.subarray(start + 1, end);
    return bytes[start] === E164 ? `+${String.fromCharCode(...address)}` : hexText(address);
  },
  parse(tokens, out) {
    const expected = "an ATM address such as '39.246f…' or '+19085551212'";
    const token = tokens.next(expected);
    if (!/^\+?[0-9a-fA-F]+(?:\.[0-9a-fA-F]+)*$/.test(token.text)) tokens.fail(token, expected);
    const digits = token.text.replaceAll('.', '');
    const octets = digits.startsWith('+') ? decimalOctets(digits.slice(1)) : parseHex(digits);
    out.u8(digits.startsWith('+') ? E164 : AESA);
    out.bytes(octets ?? tokens.fail(token, expected));
  },
};

/** Prefix length, the address bits behind the prefix, and the name that has the prefix. */
export const chainedIPv6: Field = {
  kind: 'other',
  end(bytes, start, limit) {
    const prefix = start < limit ? bytes[start]! : 255;
    const behind = start + 1 + suffixOctets(prefix);
    if (prefix > 128 || behind > limit) return -1;
    // RFC 2874 §3.1: the bits before the suffix in its first octet are zero.
    if (prefix % 8 > 0 && bytes[start + 1]! > 0xff >> (prefix % 8)) return -1;
    return prefix === 0 ? behind : skipPlainName(bytes, behind, limit);
  },
  print(bytes, start, end) {
    const prefix = bytes[start]!;
    const behind = start + 1 + suffixOctets(prefix);
    const address = new Uint8Array(16);
    address.set(bytes.subarray(start + 1, behind), 16 - suffixOctets(prefix));
    const texts = [String(prefix)];
    if (prefix < 128) texts.push(printIPv6(address));
    if (prefix > 0) texts.push(name.print(bytes, behind, end));
    return texts.join(' ');
  },
  parse(tokens, out) {
    const expected = 'a prefix length (0 to 128)';
    const token = tokens.next(expected);
    const prefix = parseInteger(token.text, 128) ?? tokens.fail(token, expected);
    out.u8(prefix);
    if (prefix < 128) {
      const suffix = nextIPv6(tokens).slice(16 - suffixOctets(prefix));
      suffix[0]! &= 0xff >> (prefix % 8);
      out.bytes(suffix);
    }
    if (prefix > 0) name.parse(tokens, out);
  },
};

interface Family {
  readonly octets: number;
  readonly parse: (text: string) => Uint8Array | undefined;
  readonly print: (octets: Uint8Array) => string;
}

/** By their numbers in RFC 3123 §4. */
const FAMILIES: ReadonlyMap<number, Family> = new Map([
  [1, { octets: 4, parse: parseIPv4, print: printIPv4 }],
  [2, { octets: 16, parse: parseIPv6, print: printIPv6 }],
]);

/** '1:192.0.2.0/24 !2:2001:db8::/32', or nothing. Zeros at an address's end are not sent. */
export const addressPrefixes: Field = {
  kind: 'other',
  end(bytes, start, limit) {
    let at = start;
    while (at >= 0 && at < limit) at = prefixEnd(bytes, at, limit);
    return at;
  },
  print(bytes, start, end) {
    const texts: string[] = [];
    for (let at = start; at < end; at = prefixEnd(bytes, at, end)) {
      const family = readU16(bytes, at);
      const { octets, print } = FAMILIES.get(family)!;
      const address = new Uint8Array(octets);
      address.set(bytes.subarray(at + 4, prefixEnd(bytes, at, end)));
      const negation = bytes[at + 3]! >= 0x80 ? '!' : '';
      texts.push(`${negation}${family}:${print(address)}/${bytes[at + 2]!}`);
    }
    return texts.join(' ');
  },
  parse(tokens, out) {
    for (const token of tokens.rest()) out.bytes(parsePrefix(tokens, token));
  },
};

function prefixEnd(bytes: Uint8Array, at: number, limit: number): number {
  if (at + 4 > limit) return -1;
  const family = FAMILIES.get(readU16(bytes, at));
  const length = bytes[at + 3]! & 0x7f;
  const end = at + 4 + length;
  if (!family || bytes[at + 2]! > family.octets * 8 || length > family.octets) return -1;
  return end > limit || (length > 0 && bytes[end - 1] === 0) ? -1 : end;
}

function parsePrefix(tokens: RdataTokens, token: Token): Uint8Array {
  const expected = "a prefix such as '1:192.0.2.0/24' or '!2:2001:db8::/32'";
  const match = /^(!?)([0-9]{1,5}):([^/]+)\/([0-9]{1,3})$/.exec(token.text);
  const number = Number(match?.[2]);
  const family = FAMILIES.get(number);
  const address = family?.parse(match![3]!);
  const bits = Number(match?.[4]);
  if (!match || !family || !address || bits > family.octets * 8) {
    return tokens.fail(token, expected);
  }
  const sent = trimZeros(address);
  const negation = match[1] === '!' ? 0x80 : 0;
  return Uint8Array.of(0, number, bits, negation | sent.length, ...sent);
}

const protocol = mnemonic('a protocol', 1, IpProtocol);
const PORTS: ReadonlyMap<string, number> = new Map(Object.entries(ServicePort));
/** All of the 65536 ports. */
const MOST_PORT_OCTETS = 8192;

/** Address, protocol, and a bit for each port: '192.0.2.1 6 21 25'. */
export const wellKnownServices: Field = {
  kind: 'other',
  end(bytes, start, limit) {
    const length = limit - start - 5;
    // Zero octets at the end would be lost in text.
    return length < 0 || length > MOST_PORT_OCTETS || (length > 0 && bytes[limit - 1] === 0)
      ? -1
      : limit;
  },
  print(bytes, start, end) {
    const ports = bitsOf(bytes.subarray(start + 5, end));
    return [printIPv4(bytes.subarray(start, start + 4)), bytes[start + 4]!, ...ports].join(' ');
  },
  parse(tokens, out) {
    ipv4.parse(tokens, out);
    protocol.parse(tokens, out);
    const bits = new Uint8Array(MOST_PORT_OCTETS);
    for (const token of tokens.rest()) {
      const known = PORTS.get(token.text.toUpperCase()); // tidy-allow text-case: a mnemonic
      const port =
        known ??
        parseInteger(token.text, 0xffff) ??
        tokens.fail(token, "a port (0 to 65535) or a service such as 'smtp'");
      bits[port >> 3]! |= 0x80 >> (port & 7);
    }
    out.bytes(trimZeros(bits));
  },
};

function toLimit(_bytes: Uint8Array, start: number, limit: number): number {
  return start < limit ? limit : -1;
}

function suffixOctets(prefix: number): number {
  return 16 - (prefix >> 3);
}

function nextIPv6(tokens: RdataTokens): Uint8Array {
  const expected = 'the IPv6 address bits behind the prefix';
  const token = tokens.next(expected);
  return parseIPv6(token.text) ?? tokens.fail(token, expected);
}

function hexText(octets: Uint8Array): string {
  return printHex(octets).toLowerCase(); // tidy-allow text-case: hexadecimal digits
}

function isDigit(octet: number): boolean {
  return octet >= 0x30 && octet <= 0x39;
}

function decimalOctets(digits: string): Uint8Array | undefined {
  const octets = Uint8Array.from(digits, (digit) => digit.charCodeAt(0));
  return octets.every(isDigit) ? octets : undefined;
}
