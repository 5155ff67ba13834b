/**
 * The packet of NTP version 4 (RFC 5905 §7.3), 48 octets before extensions, which are not read:
 *
 *     0  LI VN Mode │ stratum │ poll │ precision
 *     4  root delay      8  root dispersion     12  reference identifier
 *     16 reference      24  origin (T1)         32  receive (T2)     40  transmit (T3)
 *
 * Reading never throws: what is no packet is undefined.
 */

import type { NtpTimestamp } from './timestamp.ts';

export const PACKET_OCTETS = 48;

/** Leap indicator: 0 none, 1 a second is added at midnight, 2 taken away, 3 not synchronised. */
export type LeapIndicator = 0 | 1 | 2 | 3;

export interface NtpPacket {
  readonly leap: LeapIndicator;
  readonly version: number;
  /** 3 client, 4 server. */
  readonly mode: number;
  /** 0: a kiss of death, 1: primary, 2 to 15: so far from one, 16: not synchronised. */
  readonly stratum: number;
  /** The binary logarithm of seconds. */
  readonly poll: number;
  /** The same of the clock's. */
  readonly precision: number;
  /** In the short format: 2⁻¹⁶ s. */
  readonly rootDelay: number;
  readonly rootDispersion: number;
  /** 32 bits: an address, four letters of a source, or of a kiss. */
  readonly referenceId: number;
  readonly reference: NtpTimestamp;
  readonly origin: NtpTimestamp;
  readonly receive: NtpTimestamp;
  readonly transmit: NtpTimestamp;
}

export const modes = { client: 3, server: 4 } as const;
export const UNSYNCHRONISED_STRATUM = 16;

export function readPacket(bytes: Uint8Array): NtpPacket | undefined {
  if (bytes.length < PACKET_OCTETS) return undefined;
  const view = new DataView(bytes.buffer, bytes.byteOffset, PACKET_OCTETS);
  const first = view.getUint8(0);
  return {
    leap: (first >> 6) as LeapIndicator,
    version: (first >> 3) & 7,
    mode: first & 7,
    stratum: view.getUint8(1),
    poll: view.getInt8(2),
    precision: view.getInt8(3),
    rootDelay: view.getUint32(4),
    rootDispersion: view.getUint32(8),
    referenceId: view.getUint32(12),
    reference: view.getBigUint64(16),
    origin: view.getBigUint64(24),
    receive: view.getBigUint64(32),
    transmit: view.getBigUint64(40),
  };
}

/** Into `bytes`, or octets of its own; at least 48. */
export function writePacket(
  packet: NtpPacket,
  bytes: Uint8Array = new Uint8Array(PACKET_OCTETS),
): Uint8Array {
  const view = new DataView(bytes.buffer, bytes.byteOffset, PACKET_OCTETS);
  view.setUint8(0, (packet.leap << 6) | (packet.version << 3) | packet.mode);
  view.setUint8(1, packet.stratum);
  view.setInt8(2, packet.poll);
  view.setInt8(3, packet.precision);
  view.setUint32(4, packet.rootDelay);
  view.setUint32(8, packet.rootDispersion);
  view.setUint32(12, packet.referenceId);
  view.setBigUint64(16, packet.reference);
  view.setBigUint64(24, packet.origin);
  view.setBigUint64(32, packet.receive);
  view.setBigUint64(40, packet.transmit);
  return bytes;
}

/** Four letters as a reference identifier: 'RATE', 'LOCL'. */
export function identifierOf(letters: string): number {
  let identifier = 0;
  for (let place = 0; place < 4; place += 1) {
    identifier = identifier * 256 + (letters.charCodeAt(place) || 0);
  }
  return identifier;
}

/** The letters of an identifier, or the address that it is (RFC 5905 §7.3). */
export function sourceOf(identifier: number): string {
  const octets = [24, 16, 8, 0].map((shift) => (identifier >>> shift) & 255);
  const letters = String.fromCharCode(...octets).replace(/\0+$/, '');
  return /^[!-~]+$/.test(letters) ? letters : octets.join('.');
}
