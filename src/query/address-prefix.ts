/** Address prefixes in CIDR notation (RFC 4632 §3.1, RFC 4291 §2.3), for access lists. */

import { parseIPv4, parseIPv6 } from '../wire/ip-address.ts';

export interface AddressPrefix {
  readonly octets: Uint8Array;
  readonly bits: number;
}

/** '192.0.2.0/24', '2001:db8::/32', or one address; undefined when it is neither. */
export function parsePrefix(text: string): AddressPrefix | undefined {
  const [address, length, ...more] = text.split('/');
  const octets = parseIPv4(address!) ?? parseIPv6(address!);
  if (!octets || more.length > 0) return undefined;
  if (length === undefined) return { octets, bits: octets.length * 8 };
  if (!/^[0-9]{1,3}$/.test(length) || Number(length) > octets.length * 8) return undefined;
  return { octets, bits: Number(length) };
}

/** Whether `address` lies in one of `prefixes`. An IPv4 address in IPv6 clothes counts as IPv4. */
export function isWithin(address: string, prefixes: readonly AddressPrefix[]): boolean {
  const plain = address.startsWith('::ffff:') && address.includes('.') ? address.slice(7) : address;
  const octets = parseIPv4(plain) ?? parseIPv6(plain.split('%')[0]!);
  return octets !== undefined && prefixes.some((prefix) => matchesPrefix(octets, prefix));
}

/** As `isWithin`, of an address in network order. */
export function holdsOctets(prefixes: readonly AddressPrefix[], octets: Uint8Array): boolean {
  for (const prefix of prefixes) if (matchesPrefix(octets, prefix)) return true;
  return false;
}

export const LOOPBACK_PREFIXES: readonly AddressPrefix[] = [
  { octets: Uint8Array.of(127, 0, 0, 0), bits: 8 },
  { octets: Uint8Array.of(0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 0, 1), bits: 128 },
];

/** Whether an address of 4 or 16 octets lies in the prefix. */
export function matchesPrefix(octets: Uint8Array, prefix: AddressPrefix): boolean {
  if (octets.length !== prefix.octets.length) return false;
  for (let bit = 0; bit < prefix.bits; bit += 8) {
    const mask = prefix.bits - bit >= 8 ? 0xff : (0xff << (8 - (prefix.bits - bit))) & 0xff;
    if (((octets[bit >> 3]! ^ prefix.octets[bit >> 3]!) & mask) !== 0) return false;
  }
  return true;
}
