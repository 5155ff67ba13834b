/**
 * What one exchange says (RFC 5905 §8): four times, two of each clock.
 *
 *     client  T1 ─────────────── T4        offset  θ = ((T2 − T1) + (T3 − T4)) / 2
 *               ╲              ╱           delay   δ = (T4 − T1) − (T3 − T2)
 *     server     T2 ──────── T3
 *
 * With the true delays f there and b back, θ is wrong by exactly (f − b)/2, and so by δ/2 at most.
 */

import { differenceNs, type NtpTimestamp } from './timestamp.ts';

export interface Sample {
  /** How far the server's clock is ahead of ours. */
  readonly offsetNs: number;
  /** At least the precision: two wrong crystals can make it negative (RFC 5905 §8). */
  readonly delayNs: number;
}

export interface FourTimes {
  readonly t1: NtpTimestamp;
  readonly t2: NtpTimestamp;
  readonly t3: NtpTimestamp;
  readonly t4: NtpTimestamp;
}

export function sampleOf({ t1, t2, t3, t4 }: FourTimes, precisionNs: number): Sample {
  const offsetNs = (differenceNs(t2, t1) + differenceNs(t3, t4)) / 2;
  const delayNs = differenceNs(t4, t1) - differenceNs(t3, t2);
  return { offsetNs, delayNs: Math.max(delayNs, precisionNs) };
}
