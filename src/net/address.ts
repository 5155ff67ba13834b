/**
 * Endpoints as people write them: `192.0.2.1:53`, `[2001:db8::1]:53`, with IPv6 zone ids
 * (RFC 4007 §11). Strict, and no host names. A zone id names an interface of this machine, so only
 * endpoints may carry one, never record data.
 */

import { assert } from '../wire/assert.ts';

import { parseIPv4, parseIPv6, printIPv4, printIPv6 } from '../wire/ip-address.ts';
import type { Endpoint } from './ports.ts';

export type Family = 4 | 6;

/** Why a text is no endpoint, as the end of a sentence that starts with the text itself. */
export interface AddressProblem {
  readonly problem: string;
}

const MAX_PORT = 65535;
/** The longest text of an IPv6 address: six groups and a dotted quad. */
const MAX_ADDRESS_LENGTH = 45;

/**
 * Reads `ADDR`, `ADDR:PORT`, `[IPv6]` or `[IPv6]:PORT`, where IPv6 may carry a zone id (`%eth0`).
 * The address of the result is canonical text.
 */
export function parseEndpoint(text: string, defaultPort: number): Endpoint | AddressProblem {
  const parts = splitPort(text);
  if ('problem' in parts) return parts;
  const address = canonicalEndpointAddress(parts.host);
  if (address === undefined) return { problem: `'${parts.host}' is not an IP address` };
  if (parts.bracketed && endpointFamily(address) !== 6) {
    return { problem: `only IPv6 addresses stand in brackets, not '${parts.host}'` };
  }
  if (parts.port === undefined) return { address, port: defaultPort };
  const port = parsePort(parts.port);
  if (port === undefined) return { problem: `'${parts.port}' is not a port (0 to ${MAX_PORT})` };
  return { address, port };
}

/** `192.0.2.1:53` or `[2001:db8::1]:53`. */
export function formatEndpoint(endpoint: Endpoint): string {
  const { address, port } = endpoint;
  return address.includes(':') ? `[${address}]:${port}` : `${address}:${port}`;
}

/** The family of a plain address; undefined when it is none. A zone id makes it none. */
export function addressFamily(text: string): Family | undefined {
  const bytes = addressToBytes(text);
  if (bytes === undefined) return undefined;
  return bytes.length === 4 ? 4 : 6;
}

/** As `addressFamily`, for the address of an endpoint, which may carry a zone id. */
export function endpointFamily(text: string): Family | undefined {
  const { address, zone } = splitZone(text);
  const family = addressFamily(address);
  return zone !== undefined && (family !== 6 || zone === '') ? undefined : family;
}

/** The family of what is known to be an address, without a look at the rest of it. */
export function familyOfAddress(text: string): Family {
  return text.includes(':') ? 6 : 4;
}

/** The one text for an endpoint's address, so that texts compare as addresses do. */
export function canonicalEndpointAddress(text: string): string | undefined {
  const { address, zone } = splitZone(text);
  const bytes = addressToBytes(address);
  if (bytes === undefined || endpointFamily(text) === undefined) return undefined;
  const canonical = bytesToAddress(bytes);
  return zone === undefined ? canonical : `${canonical}%${zone}`;
}

/** 4 octets or 16, in network order; undefined when `text` is not an address. */
export function addressToBytes(text: string): Uint8Array | undefined {
  if (text.length > MAX_ADDRESS_LENGTH) return undefined;
  return text.includes(':') ? parseIPv6(text) : parseIPv4(text);
}

/** The octets of an endpoint's address, without its zone. */
export function endpointOctets(text: string): Uint8Array {
  const bytes = addressToBytes(splitZone(text).address);
  assert(bytes !== undefined, 'an endpoint has an address');
  return bytes;
}

/** Canonical text of 4 or 16 octets. */
export function bytesToAddress(bytes: Uint8Array): string {
  assert(bytes.length === 4 || bytes.length === 16, 'an address has 4 or 16 octets');
  return bytes.length === 4 ? printIPv4(bytes) : printIPv6(bytes);
}

interface HostAndPort {
  readonly host: string;
  readonly port: string | undefined;
  readonly bracketed: boolean;
}

function splitPort(text: string): HostAndPort | AddressProblem {
  if (text === '') return { problem: 'the address is empty' };
  if (text.startsWith('[')) {
    const end = text.indexOf(']');
    if (end < 0) return { problem: `']' is missing in '${text}'` };
    const host = text.slice(1, end);
    const rest = text.slice(end + 1);
    if (rest === '') return { host, port: undefined, bracketed: true };
    if (!rest.startsWith(':')) return { problem: `expected ':PORT' after ']' in '${text}'` };
    return { host, port: rest.slice(1), bracketed: true };
  }
  const colon = text.indexOf(':');
  // Two colons and no brackets: all of it is one IPv6 address.
  if (colon < 0 || text.includes(':', colon + 1)) {
    return { host: text, port: undefined, bracketed: false };
  }
  return { host: text.slice(0, colon), port: text.slice(colon + 1), bracketed: false };
}

function splitZone(text: string): { readonly address: string; readonly zone: string | undefined } {
  const percent = text.indexOf('%');
  if (percent < 0) return { address: text, zone: undefined };
  return { address: text.slice(0, percent), zone: text.slice(percent + 1) };
}

function parsePort(text: string): number | undefined {
  if (!/^[0-9]{1,5}$/.test(text)) return undefined;
  const port = Number(text);
  return port <= MAX_PORT ? port : undefined;
}
