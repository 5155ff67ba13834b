/**
 * Fields of keys and of where to find them: KEY and DNSKEY (RFC 2535 §3.1, RFC 4034 §2), hosts'
 * identities (RFC 8005 §5), gateways in IPSECKEY (RFC 4025 §2) and AMTRELAY (RFC 8777 §4), hashed
 * names (RFC 5155 §3.2), digests of keys (RFC 4034 §5.1.4), and the empty fields that ask a parent
 * to delete (RFC 8078 §4).
 *
 * Some take another form by an octet that stands before them. Such a field looks back for it, which
 * is safe since the fields before it in its description hold that octet.
 */

import { KeyFlag, KeyProtocol } from '../iana.ts';
import { skipPlainName } from '../name-wire.ts';
import { parseBase32Hex, printBase32Hex } from './base32.ts';
import {
  hexadecimal,
  parseBase64,
  parseHex,
  printBase64,
  printHex,
  restOfBase64,
} from './binary-fields.ts';
import { ipv4, ipv6, mnemonic, name, parseInteger, readU16, type Field } from './field.ts';
import type { Octets } from './octets.ts';
import type { RdataTokens } from './tokens.ts';

/** A digest of any length, to the end of the rdata. */
export const digest: Field = hexadecimal('a digest');

/** Flags as a number, or BIND's mnemonics with '|' between them. */
export const keyFlags: Field = {
  ...mnemonic('flags', 2, {}),
  parse(tokens, out) {
    const expected = "flags (0 to 65535) or names such as 'ZONE|FLAG4'";
    const token = tokens.next(expected);
    const hex = /^0x([0-9a-f]{1,4})$/i.exec(token.text)?.[1];
    const number = hex === undefined ? parseInteger(token.text, 0xffff) : parseInt(hex, 16);
    const names = token.text.toUpperCase().split('|'); // tidy-allow text-case: mnemonics of flags
    const flags = names.map((flag) => FLAGS.get(flag));
    if (number === undefined && flags.includes(undefined)) tokens.fail(token, expected);
    out.u16(number ?? flags.reduce<number>((sum, flag) => sum | flag!, 0));
  },
};

const FLAGS: ReadonlyMap<string, number> = new Map(Object.entries(KeyFlag));

export const keyProtocol: Field = mnemonic('a protocol', 1, KeyProtocol);

/** The key of a KEY, behind flags, protocol and algorithm: none where the flags say so. */
export const optionalKey: Field = {
  kind: 'other',
  end: (bytes, start, limit) => (start < limit || saysNoKey(bytes[start - 4]!) ? limit : -1),
  print: (bytes, start, end) => printBase64(bytes.subarray(start, end)),
  parse(tokens, out) {
    if (tokens.atEnd && saysNoKey(out.fromEnd(4))) return;
    out.bytes(restOfBase64(tokens, 'a public key'));
  },
};

/** Both of the first bits: NOKEY (RFC 2535 §3.1.2). */
function saysNoKey(highFlags: number): boolean {
  return highFlags >= 0xc0;
}

/**
 * The digest of a DS, behind its type: as long as that type makes it. BIND and Knot refuse others;
 * types that nobody registered may have any length.
 */
export const keyDigest: Field = {
  ...digest,
  end(bytes, start, limit) {
    const length = DIGEST_OCTETS.get(bytes[start - 1]!);
    const isRight = length === undefined || limit - start === length;
    return isRight ? digest.end(bytes, start, limit) : -1;
  },
  parse(tokens, out) {
    const length = DIGEST_OCTETS.get(out.fromEnd(1));
    const first = tokens.peek();
    const before = out.length;
    digest.parse(tokens, out);
    const found = out.length - before;
    if (length === undefined || found === length) return;
    tokens.fail(first, `a digest of ${length} octets in hexadecimal, not ${found}`);
  },
};

/** SHA-1 (RFC 4034 §5.1.4), SHA-256 (RFC 4509 §2.2), SHA-384 (RFC 6605 §2). */
export const DIGEST_OCTETS: ReadonlyMap<number, number> = new Map([
  [1, 20],
  [2, 32],
  [4, 48],
]);

/**
 * `inner` to the end of the rdata, or no octets where the algorithm, `distance` octets before, is
 * 0; text is then '0' (RFC 8078 §4, as it was before its errata; simdzone and NSD keep to it).
 */
export function orDeletion(inner: Field, distance: 1 | 2): Field {
  return {
    kind: 'other',
    end: (bytes, start, limit) =>
      start === limit && bytes[start - distance] === 0 ? limit : inner.end(bytes, start, limit),
    print: (bytes, start, end) => (start === end ? '0' : inner.print(bytes, start, end)),
    parse(tokens, out) {
      const isDeletion = tokens.peek()?.text === '0' && out.fromEnd(distance) === 0;
      if (isDeletion) tokens.next('0');
      else inner.parse(tokens, out);
    },
  };
}

/** None, an IPv4 address, an IPv6 address, a name: by the number that says so in both types. */
const GATEWAYS: readonly (Field | undefined)[] = [undefined, ipv4, ipv6, name];

function gatewayEnd(type: number, bytes: Uint8Array, range: readonly [number, number]): number {
  if (type >= GATEWAYS.length) return -1;
  return GATEWAYS[type]?.end(bytes, range[0], range[1]) ?? range[0];
}

function printGateway(type: number, bytes: Uint8Array, range: readonly [number, number]): string {
  return GATEWAYS[type]?.print(bytes, range[0], range[1]) ?? '.';
}

function parseGateway(type: number, tokens: RdataTokens, out: Octets): void {
  if (type >= GATEWAYS.length) tokens.fail(tokens.peek(), 'a gateway of type 0 to 3');
  const gateway = GATEWAYS[type];
  if (gateway) return gateway.parse(tokens, out);
  const token = tokens.next("a gateway, which for type 0 is '.'");
  if (token.text !== '.') tokens.fail(token, "'.', since type 0 has no gateway");
}

/** Gateway and key, behind precedence, gateway type and algorithm; algorithm 0 needs no key. */
export const gatewayAndKey: Field = {
  kind: 'other',
  end(bytes, start, limit) {
    const behind = gatewayEnd(bytes[start - 2]!, bytes, [start, limit]);
    if (behind < 0) return -1;
    return behind === limit && bytes[start - 1] !== 0 ? -1 : limit;
  },
  print(bytes, start, end) {
    const type = bytes[start - 2]!;
    const behind = gatewayEnd(type, bytes, [start, end]);
    const gateway = printGateway(type, bytes, [start, behind]);
    return behind === end ? gateway : `${gateway} ${printBase64(bytes.subarray(behind, end))}`;
  },
  parse(tokens, out) {
    const needsKey = out.fromEnd(1) !== 0;
    parseGateway(out.fromEnd(2), tokens, out);
    if (tokens.atEnd && !needsKey) return;
    out.bytes(restOfBase64(tokens, 'a public key'));
  },
};

/** Discovery-optional bit, relay type, relay: '0 1 192.0.2.1'. */
export const relay: Field = {
  kind: 'other',
  end: (bytes, start, limit) =>
    start < limit ? gatewayEnd(bytes[start]! & 0x7f, bytes, [start + 1, limit]) : -1,
  print(bytes, start, end) {
    const type = bytes[start]! & 0x7f;
    return `${bytes[start]! >> 7} ${type} ${printGateway(type, bytes, [start + 1, end])}`;
  },
  parse(tokens, out) {
    const optional = parseBelow(tokens, 2, 'whether discovery is optional');
    const type = parseBelow(tokens, GATEWAYS.length, 'a relay type');
    out.u8((optional << 7) | type);
    parseGateway(type, tokens, out);
  },
};

function parseBelow(tokens: RdataTokens, count: number, what: string): number {
  const expected = `${what} (0 to ${count - 1})`;
  const token = tokens.next(expected);
  return parseInteger(token.text, count - 1) ?? tokens.fail(token, expected);
}

/**
 * All of HIP: algorithm, host identity tag, public key, and servers that know the host. On the wire
 * the lengths of tag and key come first.
 */
export const hostIdentity: Field = {
  kind: 'other',
  end(bytes, start, limit) {
    if (start + 4 > limit || bytes[start] === 0 || readU16(bytes, start + 2) === 0) return -1;
    let at = start + 4 + bytes[start]! + readU16(bytes, start + 2);
    while (at >= 0 && at < limit) at = skipPlainName(bytes, at, limit);
    return at === limit ? limit : -1;
  },
  print(bytes, start, end) {
    const keyStart = start + 4 + bytes[start]!;
    let at = keyStart + readU16(bytes, start + 2);
    const tag = printHex(bytes.subarray(start + 4, keyStart));
    const texts = [bytes[start + 1]!, tag, printBase64(bytes.subarray(keyStart, at))];
    while (at < end) {
      const behind = skipPlainName(bytes, at, end);
      texts.push(name.print(bytes, at, behind));
      at = behind;
    }
    return texts.join(' ');
  },
  parse(tokens, out) {
    const algorithm = parseBelow(tokens, 256, 'an algorithm');
    const tagToken = tokens.next('a host identity tag in hexadecimal');
    const tag = tagToken.text === '' ? undefined : parseHex(tagToken.text);
    if (!tag || tag.length > 255) return tokens.fail(tagToken, 'a tag of 1 to 255 octets in hex');
    const keyToken = tokens.next('a public key in base64');
    const key = parseBase64(keyToken.text);
    if (!key || key.length > 0xffff) return tokens.fail(keyToken, 'a public key in base64');
    out.u8(tag.length);
    out.u8(algorithm);
    out.u16(key.length);
    out.bytes(tag);
    out.bytes(key);
    while (!tokens.atEnd) name.parse(tokens, out);
  },
};

/** Salt in hexadecimal, or '-' (RFC 5155 §3.3). */
export const salt: Field = {
  kind: 'other',
  end: countedEnd,
  print: (bytes, start, end) =>
    end === start + 1 ? '-' : printHex(bytes.subarray(start + 1, end)),
  parse(tokens, out) {
    const expected = "a salt of at most 255 octets in hexadecimal, or '-'";
    const token = tokens.next(expected);
    const octets = token.text === '-' ? new Uint8Array(0) : parseHex(token.text);
    if (!octets || octets.length > 255 || token.text === '') return tokens.fail(token, expected);
    out.u8(octets.length);
    out.bytes(octets);
  },
};

/** The next hashed owner, in base32hex without padding (RFC 5155 §3.3). */
export const hashedName: Field = {
  kind: 'other',
  end: (bytes, start, limit) => (bytes[start] === 0 ? -1 : countedEnd(bytes, start, limit)),
  print: (bytes, start, end) => printBase32Hex(bytes.subarray(start + 1, end)),
  parse(tokens, out) {
    const expected = 'a hashed name of 1 to 255 octets in base32hex';
    const token = tokens.next(expected);
    const octets = token.text === '' ? undefined : parseBase32Hex(token.text);
    if (!octets || octets.length === 0 || octets.length > 255) return tokens.fail(token, expected);
    out.u8(octets.length);
    out.bytes(octets);
  },
};

function countedEnd(bytes: Uint8Array, start: number, limit: number): number {
  if (start >= limit) return -1;
  const end = start + 1 + bytes[start]!;
  return end <= limit ? end : -1;
}
