/**
 * Ratios measured over cycles that are independent of each other, with an honest standard error.
 *
 * A cache forgets everything at a miss: what follows does not depend on what went before. So the
 * queries from one miss to the next are a cycle, cycles are independent, and the ratio of two sums
 * over cycles has the standard error of the regenerative method (Crane and Lemoine, *Introduction
 * to the Regenerative Method for Simulation Analysis*, 1977) where queries alone, which come in
 * clumps of hits, would claim far too small a one.
 */

import type { Measurement, Unit } from '../experiment/prediction.ts';

export class RegenerativeRatio {
  #cycles = 0;
  #y = 0;
  #x = 0;
  #yy = 0;
  #xx = 0;
  #xy = 0;

  /** One cycle: so much of what is counted, among so much of what it is counted by. */
  add(numerator: number, denominator: number): void {
    this.#cycles += 1;
    this.#y += numerator;
    this.#x += denominator;
    this.#yy += numerator * numerator;
    this.#xx += denominator * denominator;
    this.#xy += numerator * denominator;
  }

  get cycles(): number {
    return this.#cycles;
  }

  get value(): number {
    return this.#x === 0 ? 0 : this.#y / this.#x;
  }

  /** Infinity before there are two cycles: nothing is known of their spread. */
  get standardError(): number {
    const n = this.#cycles;
    if (n < 2 || this.#x === 0) return Infinity;
    const { value } = this;
    const meanX = this.#x / n;
    const meanY = this.#y / n;
    const variance =
      (this.#yy - 2 * value * this.#xy + value * value * this.#xx) / (n - 1) -
      (n / (n - 1)) * (meanY - value * meanX) ** 2;
    return Math.sqrt(Math.max(0, variance) / n) / meanX;
  }

  /** In `unit`, of which what was added has one in `scale`. */
  measurement(unit: Unit, scale: number = 1): Measurement {
    return { value: this.value * scale, unit, standardError: this.standardError * scale };
  }
}

/** The mean of independent samples, with its standard error. */
export class SampleMean {
  readonly #ratio = new RegenerativeRatio();
  #max = -Infinity;

  add(sample: number): void {
    this.#ratio.add(sample, 1);
    this.#max = Math.max(this.#max, sample);
  }

  get count(): number {
    return this.#ratio.cycles;
  }

  /** −Infinity of nothing. */
  get max(): number {
    return this.#max;
  }

  measurement(unit: Unit, scale: number = 1): Measurement {
    return this.#ratio.measurement(unit, scale);
  }
}
