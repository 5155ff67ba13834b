/**
 * The clocks of one machine: what its crystal has counted (monotonic, which a program may steer but
 * never set) and what it believes the time to be (wall, which may jump).
 *
 *     crystal ─ steering ─► monotonic ─ offset, steps, leap seconds ─► wall ─ precision ─► read
 *
 * Knows the truth, which it is asked with, and no queue of events: it can be on top of virtual time
 * and of a real clock alike. All times are integer nanoseconds since the start of the run.
 */

import assert from 'node:assert/strict';

import type { Random } from '../net/ports.ts';
import { Crystal, type CrystalOptions } from './crystal.ts';
import { type LeapSecond, leapOffsetNs } from './leap-second.ts';

export interface ClockOptions extends CrystalOptions {
  /** How far the wall clock is ahead of the truth at the start. Default 0. */
  readonly offsetNs?: number;
  /** The wall clock is set, ahead or back by `byNs`, at a true time. In the order of time. */
  readonly steps?: readonly ClockStep[];
  readonly leaps?: readonly LeapSecond[];
  /** Readings are whole multiples of it. Default 1. */
  readonly precisionNs?: number;
}

export interface ClockStep {
  readonly atNs: number;
  readonly byNs: number;
}

const MILLION = 1_000_000;
/** What steering may do, as adjtimex(2) allows with ticks: a tenth. */
const MAX_STEERING_PPM = 100_000;

export class HostClock {
  readonly #crystal: Crystal;
  readonly #options: ClockOptions;
  #hasTrueRate: boolean;
  /** Where monotonic time was when it was steered last, and how. */
  #anchor = { ticksNs: 0, monotonicNs: 0, ppm: 0 };
  /** By `step`, besides those of the options. */
  #steppedNs = 0;

  constructor(options: ClockOptions, random: Random) {
    const { precisionNs = 1 } = options;
    assert(precisionNs >= 1, 'a clock is not read finer than to the nanosecond');
    this.#options = options;
    const { ppm = 0, wanderPpm = 0, temperature } = options;
    this.#hasTrueRate =
      ppm === 0 && wanderPpm === 0 && temperature === undefined && precisionNs === 1;
    this.#crystal = new Crystal(options, random);
  }

  /** Its monotonic clock has run at the rate of true time so far. */
  get hasTrueRate(): boolean {
    return this.#hasTrueRate;
  }

  /** Never decreases, is 0 at the start. */
  monotonicNs(trueNs: number): number {
    if (this.#hasTrueRate) return trueNs;
    return this.#read(this.#monotonicNs(trueNs));
  }

  wallNs(trueNs: number): number {
    const { offsetNs = 0, steps = [], leaps = [] } = this.#options;
    let wallNs = this.#monotonicNs(trueNs) + offsetNs + this.#steppedNs;
    for (const { atNs, byNs } of steps) if (atNs <= trueNs) wallNs += byNs;
    for (const leap of leaps) wallNs += leapOffsetNs(leap, trueNs);
    return this.#read(wallNs);
  }

  /** Sets the wall clock ahead by `byNs`, or back. */
  step(byNs: number): void {
    this.#steppedNs += Math.round(byNs);
  }

  /** From now on both clocks run faster by `ppm` than the crystal, whatever it was before. */
  steer(ppm: number, trueNs: number): void {
    assert(Math.abs(ppm) <= MAX_STEERING_PPM, `a clock is not steered by ${ppm} ppm`);
    this.#hasTrueRate = false;
    const ticksNs = this.#crystal.ticksNs(trueNs);
    this.#anchor = { ticksNs, monotonicNs: this.#monotonicNs(trueNs), ppm };
  }

  /** A fault: from now on the crystal is faster by `ppm` than it would be. */
  drift(ppm: number, trueNs: number): void {
    this.#hasTrueRate = false;
    this.#crystal.drift(ppm, trueNs);
  }

  /** How much true time passes, about, until the monotonic clock has moved on by `delayNs`. */
  trueDelayNs(delayNs: number, trueNs: number): number {
    const rate = (1 + this.#crystal.ppmAt(trueNs) / MILLION) * (1 + this.#anchor.ppm / MILLION);
    // What is left of a nanosecond takes one: with none, a timer would be armed for ever.
    return Math.max(delayNs > 0 ? 1 : 0, Math.round(delayNs / rate));
  }

  #monotonicNs(trueNs: number): number {
    const { ticksNs, monotonicNs, ppm } = this.#anchor;
    const passedNs = this.#crystal.ticksNs(trueNs) - ticksNs;
    return monotonicNs + passedNs + (passedNs * ppm) / MILLION;
  }

  #read(ns: number): number {
    const { precisionNs = 1 } = this.#options;
    // The quotient's last bit must not turn a whole reading into one less.
    return Math.floor(Math.round(ns) / precisionNs) * precisionNs;
  }
}
