/**
 * The short way for what nearly every line of a large zone holds: names without escapes, IPv4
 * addresses and decimal numbers, read from the file's octets without making a string. Whatever is
 * unusual or wrong comes back as undefined, and the caller takes the way that knows all rules and
 * words the errors (`wire`).
 */

import { DnsName, nameLimits } from '../wire/name.ts';
import type { OctetPool } from './octet-pool.ts';

/** A file, and where the octets made of it go. */
export interface PlainSource {
  readonly octets: Uint8Array;
  readonly pool: OctetPool;
}

export interface Range {
  readonly start: number;
  readonly end: number;
}

/** A name without escapes that is not '@' or the root. */
export function readPlainName(
  { octets, pool }: PlainSource,
  { start, end }: Range,
  origin: DnsName | undefined,
): DnsName | undefined {
  const isAbsolute = octets[end - 1] === DOT;
  const suffix = isAbsolute ? DnsName.root : origin;
  if (suffix === undefined || (end - start === 1 && octets[start] === AT)) return undefined;
  const ownOctets = end - start + (isAbsolute ? 0 : 1);
  if (ownOctets + suffix.wire.length > nameLimits.octets) return undefined;
  const wire = pool.take(ownOctets + suffix.wire.length);
  const labelsEnd = writeLabels(octets, { start, end: isAbsolute ? end - 1 : end }, wire);
  if (labelsEnd < 0) return undefined;
  const { wire: tail } = suffix;
  for (let i = 0; i < tail.length; i++) wire[labelsEnd + i] = tail[i]!;
  return DnsName.fromWire(wire);
}

/** Labels between dots as length and octets; returns the offset behind, or -1: not plain. */
function writeLabels(octets: Uint8Array, { start, end }: Range, wire: Uint8Array): number {
  let labelStart = 0;
  let at = 1;
  for (let from = start; from <= end; from++, at++) {
    const octet = from < end ? octets[from]! : DOT;
    if (octet === BACKSLASH) return -1;
    wire[at] = octet;
    if (octet !== DOT) continue;
    const length = at - labelStart - 1;
    if (length === 0 || length > nameLimits.labelOctets) return -1;
    wire[labelStart] = length;
    labelStart = at;
  }
  return labelStart;
}

/** A dotted quad (RFC 1123 §2.1), strict: no leading zeros. */
export function readIPv4(
  { octets, pool }: PlainSource,
  { start, end }: Range,
): Uint8Array | undefined {
  if (end - start < 7 || end - start > 15) return undefined;
  let address = 0;
  let dots = 0;
  let value = -1;
  for (let at = start; at < end; at++) {
    const octet = octets[at]!;
    if (octet === DOT && value >= 0 && dots < 3) {
      address = address * 256 + value;
      dots++;
      value = -1;
    } else if (isDigit(octet) && value !== 0) {
      value = (value < 0 ? 0 : value * 10) + octet - ZERO;
      if (value > 255) return undefined;
    } else return undefined;
  }
  if (dots !== 3 || value < 0) return undefined;
  const rdata = pool.take(4);
  rdata[0] = address >> 16;
  rdata[1] = address >> 8;
  rdata[2] = address;
  rdata[3] = value;
  return rdata;
}

/** A decimal number of at most nine digits. */
export function readDecimal(octets: Uint8Array, { start, end }: Range): number | undefined {
  if (end - start > 9) return undefined;
  let value = 0;
  for (let at = start; at < end; at++) {
    const octet = octets[at]!;
    if (!isDigit(octet)) return undefined;
    value = value * 10 + octet - ZERO;
  }
  return value;
}

export function isDigit(octet: number): boolean {
  return octet >= ZERO && octet <= ZERO + 9;
}

/** Whether two stretches of one file are the same, letter case included. */
export function equalStretches(octets: Uint8Array, a: Range, b: Range): boolean {
  const length = a.end - a.start;
  if (length !== b.end - b.start) return false;
  for (let i = 0; i < length; i++) {
    if (octets[a.start + i] !== octets[b.start + i]) return false;
  }
  return true;
}

const DOT = 0x2e;
const AT = 0x40;
const ZERO = 0x30;
const BACKSLASH = 0x5c;
