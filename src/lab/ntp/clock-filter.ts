/**
 * The clock filter (RFC 5905 §10): of the last eight samples of one server the one with the least
 * delay is right, most nearly; the others waited in queues. What is old is worth less: dispersion
 * grows by 15 ppm.
 */

import { ntp } from './constants.ts';
import type { Sample } from './on-wire.ts';

export interface FilteredSample extends Sample {
  /** On the monotonic clock. */
  readonly atNs: number;
  readonly dispersionNs: number;
}

export interface Filtered {
  readonly offsetNs: number;
  readonly delayNs: number;
  /** Of all eight, the nearer ones counting more; those that are missing count for 16 s each. */
  readonly dispersionNs: number;
  /** How much the others differ from the chosen one, root of the mean square. */
  readonly jitterNs: number;
  /** When the chosen sample was taken. */
  readonly atNs: number;
}

export class ClockFilter {
  readonly #samples: FilteredSample[] = [];

  add(sample: FilteredSample): void {
    this.#samples.unshift(sample);
    this.#samples.length = Math.min(this.#samples.length, ntp.stages);
  }

  /** Undefined before the first sample. */
  best(nowNs: number): Filtered | undefined {
    const aged = this.#samples.map((sample) => {
      const ageNs = nowNs - sample.atNs;
      return { ...sample, dispersionNs: sample.dispersionNs + (ageNs * ntp.phiPpm) / 1_000_000 };
    });
    const sorted = aged.toSorted((a, b) => a.delayNs - b.delayNs);
    const [chosen, ...others] = sorted;
    if (chosen === undefined) return undefined;
    let dispersionNs = 0;
    for (let stage = ntp.stages - 1; stage >= 0; stage -= 1) {
      dispersionNs = (dispersionNs + (sorted[stage]?.dispersionNs ?? ntp.maxDispersionNs)) / 2;
    }
    const squares = others.reduce((sum, one) => sum + (one.offsetNs - chosen.offsetNs) ** 2, 0);
    const jitterNs = others.length === 0 ? 0 : Math.sqrt(squares / others.length);
    const { offsetNs, delayNs, atNs } = chosen;
    return { offsetNs, delayNs, dispersionNs, jitterNs, atNs };
  }
}
