/**
 * IP addresses and endpoints as text and as octets: RFC 4291 §2.2 (IPv6 text), RFC 5952 (its one
 * canonical form, §5 for the IPv4-mapped prefix), RFC 4007 §11 (zone ids).
 *
 * Pure and strict: four decimal octets without leading zeros or nothing, and no host names. A zone
 * id names an interface of this machine, so only endpoints may carry one, never record data.
 */

import assert from 'node:assert/strict';

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
  return text.includes(':') ? ipv6ToBytes(text) : ipv4ToBytes(text);
}

/** Canonical text of 4 or 16 octets. */
export function bytesToAddress(bytes: Uint8Array): string {
  assert(bytes.length === 4 || bytes.length === 16, 'an address has 4 or 16 octets');
  return bytes.length === 4 ? bytes.join('.') : ipv6ToText(bytes);
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

function ipv4ToBytes(text: string): Uint8Array | undefined {
  const parts = text.split('.');
  if (parts.length !== 4) return undefined;
  const bytes = new Uint8Array(4);
  for (const [index, part] of parts.entries()) {
    // Leading zeros are refused: some readers take them for octal, so they name two addresses.
    if (!/^(0|[1-9][0-9]{0,2})$/.test(part) || Number(part) > 255) return undefined;
    bytes[index] = Number(part);
  }
  return bytes;
}

function ipv6ToBytes(text: string): Uint8Array | undefined {
  const halves = text.split('::');
  if (halves.length > 2) return undefined;
  const isCompressed = halves.length === 2;
  const head = groupsToBytes(halves[0] ?? '', !isCompressed);
  const tail = isCompressed ? groupsToBytes(halves[1] ?? '', true) : [];
  if (head === undefined || tail === undefined) return undefined;
  const length = head.length + tail.length;
  // '::' stands for one group at least.
  if (isCompressed ? length > 14 : length !== 16) return undefined;
  const bytes = new Uint8Array(16);
  bytes.set(head, 0);
  bytes.set(tail, 16 - tail.length);
  return bytes;
}

/** The octets of groups between single colons; a dotted quad may stand only at the very end. */
function groupsToBytes(text: string, isLast: boolean): number[] | undefined {
  if (text === '') return [];
  const groups = text.split(':');
  const bytes: number[] = [];
  for (const [index, group] of groups.entries()) {
    if (/^[0-9a-fA-F]{1,4}$/.test(group)) {
      const value = Number.parseInt(group, 16);
      bytes.push(value >>> 8, value & 0xff);
      continue;
    }
    const quad = isLast && index === groups.length - 1 ? ipv4ToBytes(group) : undefined;
    if (quad === undefined) return undefined;
    bytes.push(...quad);
  }
  return bytes;
}

function ipv6ToText(bytes: Uint8Array): string {
  if (isIpv4Mapped(bytes)) return `::ffff:${bytes.subarray(12).join('.')}`;
  const groups: number[] = [];
  for (let index = 0; index < 16; index += 2) {
    groups.push(((bytes[index] ?? 0) << 8) | (bytes[index + 1] ?? 0));
  }
  const run = longestZeroRun(groups);
  const hex = (part: readonly number[]): string =>
    part.map((group) => group.toString(16)).join(':');
  if (run === undefined) return hex(groups);
  return `${hex(groups.slice(0, run.start))}::${hex(groups.slice(run.start + run.length))}`;
}

/** RFC 5952 §4.2: the longest run of zero groups, the first of equals, never a single group. */
function longestZeroRun(
  groups: readonly number[],
): { readonly start: number; readonly length: number } | undefined {
  let best = { start: 0, length: 0 };
  let length = 0;
  for (const [index, group] of groups.entries()) {
    length = group === 0 ? length + 1 : 0;
    if (length > best.length) best = { start: index - length + 1, length };
  }
  return best.length >= 2 ? best : undefined;
}

function isIpv4Mapped(bytes: Uint8Array): boolean {
  return (
    bytes.subarray(0, 10).every((byte) => byte === 0) && bytes[10] === 255 && bytes[11] === 255
  );
}
