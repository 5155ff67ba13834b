/**
 * The quartz crystal under a clock: how many nanoseconds it has counted when so many have passed.
 * Its rate is wrong by a constant, by the temperature of the day, and by a random walk.
 *
 *     dC/dt = 1 + (ppm + a · sin 2π(t/P + φ) + walk(t) + drift(t)) / 10⁶
 */

import assert from 'node:assert/strict';

import type { Random } from '../net/ports.ts';
import { log, sineOfTurns } from './math.ts';
import { NS_PER_S } from './units.ts';

export interface CrystalOptions {
  /** Parts per million by which it is too fast; negative is slow. */
  readonly ppm?: number;
  /** A random walk of the rate: its deviation after a second; after n seconds √n times that. */
  readonly wanderPpm?: number;
  readonly temperature?: TemperatureOptions;
}

/** The rate follows the temperature, which follows the day. */
export interface TemperatureOptions {
  /** The largest change of the rate. */
  readonly ppm: number;
  readonly periodNs: number;
  /** Where in the period the run begins, in turns: 0.25 is the warmest. Default 0. */
  readonly phase?: number;
}

/** No crystal is so wrong, and a clock that stands still or runs backwards is none. */
const MAX_PPM = 500_000;
const MILLION = 1_000_000;
/** The rate changes once in so long. */
const WALK_STEP_NS = NS_PER_S;
/** Half of the circle's tries hit: 2^−64 never finds one. */
const MAX_TRIES = 64;

export class Crystal {
  readonly #options: CrystalOptions;
  readonly #walk: Walk | undefined;
  /** A fault's addition to the rate, since when, and what it had added by then. */
  #drift = { ppm: 0, sinceNs: 0, addedNs: 0 };

  constructor(options: CrystalOptions, random: Random) {
    const { ppm = 0, wanderPpm = 0, temperature } = options;
    const most = Math.abs(ppm) + Math.abs(temperature?.ppm ?? 0);
    assert(most < MAX_PPM, `a crystal is not wrong by ${most} ppm`);
    assert(wanderPpm >= 0, 'a deviation is not negative');
    assert(temperature === undefined || temperature.periodNs > 0, 'a period has a length');
    this.#options = options;
    this.#walk = wanderPpm > 0 ? new Walk(wanderPpm, random) : undefined;
  }

  /** Nanoseconds counted from 0 to `trueNs`; with a random walk, asked in the order of time. */
  ticksNs(trueNs: number): number {
    return trueNs + this.#excessNs(trueNs);
  }

  /** Parts per million by which it is too fast now. */
  ppmAt(trueNs: number): number {
    const { ppm = 0, temperature } = this.#options;
    const walk = this.#walk?.ppmAt(trueNs) ?? 0;
    const heat = temperature ? temperature.ppm * sineOfTurns(turnsOf(temperature, trueNs)) : 0;
    return ppm + heat + walk + this.#drift.ppm;
  }

  /** From now on it is faster by `ppm` than it would be. */
  drift(ppm: number, trueNs: number): void {
    assert(Math.abs(ppm) < MAX_PPM, `a crystal is not wrong by ${ppm} ppm`);
    this.#drift = { ppm, sinceNs: trueNs, addedNs: this.#driftNs(trueNs) };
  }

  #excessNs(trueNs: number): number {
    const { ppm = 0, temperature } = this.#options;
    const constantNs = (ppm * trueNs) / MILLION;
    const heatNs = temperature ? heatOf(temperature, trueNs) : 0;
    const walkNs = this.#walk?.excessNs(trueNs) ?? 0;
    return constantNs + heatNs + walkNs + this.#driftNs(trueNs);
  }

  #driftNs(trueNs: number): number {
    const { ppm, sinceNs, addedNs } = this.#drift;
    return addedNs + (ppm * (trueNs - sinceNs)) / MILLION;
  }
}

function turnsOf({ periodNs, phase = 0 }: TemperatureOptions, trueNs: number): number {
  return trueNs / periodNs + phase;
}

/** The integral of the sinusoid from 0. */
function heatOf(temperature: TemperatureOptions, trueNs: number): number {
  const { ppm, periodNs, phase = 0 } = temperature;
  const cosineOf = (turns: number): number => sineOfTurns(turns + 0.25);
  const turned = cosineOf(phase) - cosineOf(turnsOf(temperature, trueNs));
  return ((ppm * periodNs) / (2 * Math.PI) / MILLION) * turned;
}

/** The rate is constant for a second, then another by a normal draw. */
class Walk {
  readonly #deviationPpm: number;
  readonly #random: Random;
  #segment = 0;
  #ppm = 0;
  /** Added until the segment began. */
  #addedNs = 0;

  constructor(deviationPpm: number, random: Random) {
    this.#deviationPpm = deviationPpm;
    this.#random = random;
  }

  ppmAt(trueNs: number): number {
    this.#walkTo(trueNs);
    return this.#ppm;
  }

  excessNs(trueNs: number): number {
    this.#walkTo(trueNs);
    return this.#addedNs + (this.#ppm * (trueNs - this.#segment * WALK_STEP_NS)) / MILLION;
  }

  #walkTo(trueNs: number): void {
    const target = Math.floor(trueNs / WALK_STEP_NS);
    assert(target >= this.#segment, 'a random walk is read in the order of time');
    for (; this.#segment < target; this.#segment += 1) {
      this.#addedNs += (this.#ppm * WALK_STEP_NS) / MILLION;
      this.#ppm += this.#deviationPpm * drawNormal(this.#random);
    }
  }
}

/** By Marsaglia's polar method. */
function drawNormal(random: Random): number {
  for (let tries = 0; tries < MAX_TRIES; tries += 1) {
    const x = random.below(2 ** 32) / 2 ** 31 - 1;
    const y = random.below(2 ** 32) / 2 ** 31 - 1;
    const square = x * x + y * y;
    if (square < 1 && square > 0) return x * Math.sqrt((-2 * log(square)) / square);
  }
  return 0;
}
