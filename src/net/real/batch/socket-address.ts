/** Endpoints as the kernel takes them: `sockaddr_in` and `sockaddr_in6`, laid out in `abi.ts`. */

import { addressToBytes, bytesToAddress, type Family } from '../../address.ts';
import type { Endpoint } from '../../ports.ts';
import { AF_INET, AF_INET6, SOCKADDR_IN6_OCTETS, SOCKADDR_IN_OCTETS } from './abi.ts';
import type { Libc } from './libc.ts';

/** IF_NAMESIZE, with the 0 at its end. */
const INTERFACE_NAME_OCTETS = 16;

export function socketAddressOctets(family: Family): number {
  return family === 6 ? SOCKADDR_IN6_OCTETS : SOCKADDR_IN_OCTETS;
}

/** Undefined for an address not of `family`, or with a zone (RFC 4007 §11) that is not ours. */
export function encodeSocketAddress(
  endpoint: Endpoint,
  family: Family,
  libc: Libc,
): Uint8Array | undefined {
  const { address: text, port } = endpoint;
  const zoneAt = text.indexOf('%');
  const address = addressToBytes(zoneAt < 0 ? text : text.slice(0, zoneAt));
  if (address?.length !== (family === 6 ? 16 : 4)) return undefined;
  const bytes = new Uint8Array(socketAddressOctets(family));
  bytes[0] = family === 6 ? AF_INET6 : AF_INET;
  bytes[2] = port >>> 8;
  bytes[3] = port & 0xff;
  bytes.set(address, family === 6 ? 8 : 4);
  if (zoneAt < 0) return bytes;
  const scope = interfaceIndex(text.slice(zoneAt + 1), libc);
  if (scope === 0 || family === 4) return undefined;
  new DataView(bytes.buffer).setUint32(24, scope, true);
  return bytes;
}

/** The endpoint at the start of `bytes`. Link-local addresses carry their zone, as in dgram. */
export function decodeSocketAddress(bytes: Uint8Array, family: Family, libc: Libc): Endpoint {
  const port = socketAddressPort(bytes, 0);
  if (family === 4) return { address: bytesToAddress(bytes.subarray(4, 8)), port };
  const address = bytes.subarray(8, 24);
  const scope = new DataView(bytes.buffer, bytes.byteOffset).getUint32(24, true);
  const zone = isLinkLocal(address, 0) && scope !== 0 ? `%${interfaceName(scope, libc)}` : '';
  return { address: bytesToAddress(address) + zone, port };
}

/** Port and address; both start with those of one family. */
export function isSameSocketAddress(a: Uint8Array, b: Uint8Array, family: Family): boolean {
  if (a[2] !== b[2] || a[3] !== b[3]) return false;
  const start = family === 6 ? 8 : 4;
  const end = family === 6 ? 24 : 8;
  for (let i = start; i < end; i++) if (a[i] !== b[i]) return false;
  return true;
}

function socketAddressPort(bytes: Uint8Array, offset: number): number {
  return (bytes[offset + 2]! << 8) | bytes[offset + 3]!;
}

/** fe80::/10 (RFC 4291 §2.5.6). */
export function isLinkLocal(bytes: Uint8Array, offset: number): boolean {
  return bytes[offset] === 0xfe && (bytes[offset + 1]! & 0xc0) === 0x80;
}

function interfaceIndex(zone: string, libc: Libc): number {
  return /^[0-9]{1,9}$/.test(zone) ? Number(zone) : libc.interfaceIndex(zone);
}

function interfaceName(index: number, libc: Libc): string {
  const name = Buffer.alloc(INTERFACE_NAME_OCTETS);
  if (libc.interfaceName(index, name) === null) return String(index);
  return name.toString('latin1', 0, name.indexOf(0));
}
