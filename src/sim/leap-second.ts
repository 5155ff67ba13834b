/**
 * A leap second, as the ways in which computers live through one. A day of 86,401 seconds has no
 * room in time that counts days of 86,400 (POSIX): some second must be shown twice, or all seconds
 * of a day are longer.
 *
 *     23:59:59   23:59:60   00:00:00      true
 *     23:59:59   23:59:59   00:00:00      repeat: what Linux does, and what POSIX time is
 *     23:59:59   (stands)   00:00:00      freeze
 *     23:59:59   00:00:00   00:00:01 ↘    slew: too early, and slow until it is right
 *     … all of 86,401 s longer by 1/86,400    smear
 *     23:59:59   00:00:00   00:00:01      ignore: nobody told it
 */

import assert from 'node:assert/strict';

import { NS_PER_S } from './units.ts';

export interface LeapSecond {
  /** When the added second begins, or the one that is left out: true time since the start. */
  readonly atNs: number;
  /** A second is added (the only kind there has been), or one is left out. Default 'insert'. */
  readonly kind?: 'insert' | 'delete';
  readonly handling: LeapHandling;
  /** 'smear': how long, around `atNs`; default 86,401 s, from noon to noon. */
  readonly spanNs?: number;
  /** 'slew': the rate at which the clock is corrected; default 500, which is NTP's. */
  readonly ppm?: number;
  /** 'repeat': how long after the leap it is noticed; default 0. */
  readonly lateNs?: number;
}

export type LeapHandling = 'repeat' | 'freeze' | 'slew' | 'smear' | 'ignore';

/** From noon to noon with a leap second in the middle. */
const SMEAR_NS = 86_401 * NS_PER_S;
const SLEW_PPM = 500;
const MILLION = 1_000_000;

/** What the leap second has added to a clock that does not know of it: from 0 to −1 s (or +1 s). */
export function leapOffsetNs(leap: LeapSecond, trueNs: number): number {
  const { kind = 'insert', handling } = leap;
  const share = shareDone(leap, trueNs);
  assert(kind === 'insert' || handling !== 'freeze', 'only an added second can be frozen');
  return Math.round((kind === 'insert' ? -NS_PER_S : NS_PER_S) * share);
}

/** POSIX time's own: what a clock that is right has added at `trueNs`. */
export function posixOffsetNs(leap: Pick<LeapSecond, 'atNs' | 'kind'>, trueNs: number): number {
  return leapOffsetNs({ ...leap, handling: 'repeat' }, trueNs);
}

/** From 0 before to 1 after. */
function shareDone(leap: LeapSecond, trueNs: number): number {
  const { handling, atNs, spanNs = SMEAR_NS, ppm = SLEW_PPM, lateNs = 0 } = leap;
  const sinceNs = trueNs - atNs;
  switch (handling) {
    case 'repeat':
      return sinceNs >= lateNs ? 1 : 0;
    case 'freeze':
      return between(sinceNs / NS_PER_S);
    case 'slew':
      return between((sinceNs * ppm) / MILLION / NS_PER_S);
    case 'smear':
      // The second itself lies in the middle.
      return between((sinceNs + (spanNs - NS_PER_S) / 2) / spanNs);
    case 'ignore':
      return 0;
  }
}

function between(share: number): number {
  return Math.min(1, Math.max(0, share));
}
