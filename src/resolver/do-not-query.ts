/**
 * Addresses that no zone may make us send to (RFC 6890): this host, this network, multicast,
 * broadcast; and our own listening addresses, which would make us ask ourselves. A zone that names
 * them as its servers turns the resolver against its own host otherwise.
 */

import { addressToBytes, bytesToAddress } from '../net/address.ts';

export interface DoNotQueryOptions {
  /** For test networks and the embedded internet on 127.0.0.0/8. */
  readonly allowLoopback: boolean;
  /** Further addresses, such as our own. */
  readonly addresses: readonly string[];
}

/** The test: canonical text when the address may be asked, undefined when it may not. */
export type AddressFilter = (octets: Uint8Array) => string | undefined;

export function createAddressFilter(options: DoNotQueryOptions): AddressFilter {
  const own = new Set(options.addresses.map(canonical));
  return (octets) => {
    if (octets.length === 4 ? isBadIPv4(octets, options) : isBadIPv6(octets, options)) {
      return undefined;
    }
    const text = bytesToAddress(octets);
    return own.has(text) ? undefined : text;
  };
}

function canonical(text: string): string {
  const octets = addressToBytes(text);
  return octets ? bytesToAddress(octets) : text;
}

function isBadIPv4(octets: Uint8Array, { allowLoopback }: DoNotQueryOptions): boolean {
  const first = octets[0]!;
  if (first === 127) return !allowLoopback;
  // 0/8 reaches this host on many systems; 224/3 is multicast, reserved and broadcast.
  return first === 0 || first >= 224;
}

function isBadIPv6(octets: Uint8Array, { allowLoopback }: DoNotQueryOptions): boolean {
  if (octets[0] === 0xff) return true;
  // Link-local needs an interface, which no record can name.
  if (octets[0] === 0xfe && (octets[1]! & 0xc0) === 0x80) return true;
  if (octets.subarray(0, 10).some((octet) => octet !== 0)) return false;
  // ::, ::1, and IPv4 in disguise (::ffff:0:0/96, ::0:0/96), which the first check would not see.
  const isLoopback = octets[15] === 1 && octets.subarray(10, 15).every((octet) => octet === 0);
  return !(isLoopback && allowLoopback);
}
