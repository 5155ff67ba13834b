/**
 * Timestamps of NTP (RFC 5905 §6): 64 bits, the upper half seconds since 1900, the lower half a
 * fraction. Seconds wrap every 136 years: era 0 ends on 2036-02-07 at 06:28:16, and a timestamp
 * alone does not say its era. Differences of two are right across eras, as long as they are less
 * than 68 years apart.
 */

import { NS_PER_S } from '../../sim/units.ts';

/** 64 bits, unsigned. 0 is 'unknown' (RFC 5905 §6). */
export type NtpTimestamp = bigint;

/** From 1900 to 1970 (RFC 868): seventy years, seventeen of them leap years. */
const SECONDS_TO_1970 = 2_208_988_800n;
const NANO = BigInt(NS_PER_S);
const SECOND = 1n << 32n;
const ERA_SECONDS = 1n << 32n;

/** `unixNs` is nanoseconds since 1970-01-01, of any era; never 'unknown'. */
export function timestampOf(unixNs: bigint): NtpTimestamp {
  // BigInt division truncates towards zero; the fraction is never negative.
  const sinceNs = unixNs + SECONDS_TO_1970 * NANO;
  const timestamp = BigInt.asUintN(64, roundedQuotient(sinceNs * SECOND, NANO));
  return timestamp === 0n ? 1n : timestamp;
}

/** Nanoseconds since 1970, in the era that lies nearest to `nearNs`. */
export function unixNsOf(timestamp: NtpTimestamp, nearNs: bigint): bigint {
  const inEraNs = roundedQuotient(timestamp * NANO, SECOND) - SECONDS_TO_1970 * NANO;
  const eraNs = ERA_SECONDS * NANO;
  return inEraNs + roundedQuotient(nearNs - inEraNs, eraNs) * eraNs;
}

/** `a` − `b` in whole nanoseconds, right across eras up to 68 years. */
export function differenceNs(a: NtpTimestamp, b: NtpTimestamp): number {
  return Number(roundedQuotient(BigInt.asIntN(64, a - b) * NANO, SECOND));
}

/** Short format (16 bits of seconds, 16 of fraction) of a delay or dispersion: saturates. */
export function shortOf(ns: number): number {
  const units = Math.ceil((Math.max(0, ns) / NS_PER_S) * 65_536);
  return Math.min(units, 0xffff_ffff);
}

/** Whole nanoseconds. */
export function shortNs(short: number): number {
  return Math.round((short / 65_536) * NS_PER_S);
}

function roundedQuotient(value: bigint, by: bigint): bigint {
  const doubled = 2n * value + by;
  const quotient = doubled / (2n * by);
  const isBelow = doubled < 0n && quotient * 2n * by !== doubled;
  return isBelow ? quotient - 1n : quotient;
}
