/**
 * What leads from one version of a zone to the next (RFC 1995 §4): the records that went and those
 * that came, SOA records apart.
 */

import type { ResourceRecord } from '../wire/record.ts';
import { readU32 } from '../wire/rdata/field.ts';

export interface ZoneDifference {
  /** The SOA record of the version before. */
  readonly from: ResourceRecord;
  /** That of the version after. */
  readonly to: ResourceRecord;
  /** None of them a SOA, as in all that follows. TTLs are those of the version before. */
  readonly deleted: readonly ResourceRecord[];
  readonly added: readonly ResourceRecord[];
}

/** Of a well-formed SOA record (RFC 1035 §3.3.13): its last twenty octets are five numbers. */
export function serialOf({ rdata }: Pick<ResourceRecord, 'rdata'>): number {
  return readU32(rdata, rdata.length - 20);
}

/** Of well-formed SOA rdata (RFC 1035 §3.3.13): its last twenty octets are five numbers. */
export interface SoaTimes {
  readonly serial: number;
  readonly refreshSeconds: number;
  readonly retrySeconds: number;
  readonly expireSeconds: number;
}

export function soaTimes(rdata: Uint8Array): SoaTimes {
  const at = rdata.length - 20;
  return {
    serial: readU32(rdata, at),
    refreshSeconds: readU32(rdata, at + 4),
    retrySeconds: readU32(rdata, at + 8),
    expireSeconds: readU32(rdata, at + 12),
  };
}

/** The one that follows (RFC 1982 §3.1), but for 0, which some take for none. */
export function nextSerial(serial: number): number {
  return serial === 0xffffffff ? 1 : serial + 1;
}

/** Serial number arithmetic (RFC 1982 §3.2): `a` comes after `b`. At 2^31 apart neither does. */
export function isNewer(a: number, b: number): boolean {
  const distance = (a - b) | 0;
  return distance > 0;
}
