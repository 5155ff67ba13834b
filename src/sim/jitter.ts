/**
 * Distributions of what a link adds to its delay. All draws are functions of fractions that the
 * caller gives, computed to the same bits on every machine (`math.ts`).
 */

import assert from 'node:assert/strict';

import { exp, log } from './math.ts';
import { NS_PER_MS } from './units.ts';

/** Milliseconds, never below 0. */
export type Jitter =
  /** Uniform in [0, maxMs). */
  | { readonly kind: 'uniform'; readonly maxMs: number }
  /** Never below `minMs`, and above it exponential: `meanMs` is the mean of the whole. */
  | { readonly kind: 'exponential'; readonly meanMs: number; readonly minMs?: number }
  /** Normal, drawn again when it falls below 0. */
  | { readonly kind: 'normal'; readonly meanMs: number; readonly deviationMs: number }
  /** A heavy tail: P(more than x) = (scaleMs / x)^shape for x above `scaleMs`. */
  | { readonly kind: 'pareto'; readonly scaleMs: number; readonly shape: number }
  /** One of these, each as likely as the others. */
  | { readonly kind: 'empirical'; readonly samplesMs: readonly number[] };

/** Of a normal distribution around 0 half of the draws are thrown away: 2^−64 never finds one. */
const MAX_TRIES = 64;

/** Fractions in [0, 1): the `nth` one for this draw, independent of the others. */
export type Fractions = (nth: number) => number;
/** Integer nanoseconds. */
export type Sampler = (fractions: Fractions) => number;

export function samplerOf(jitter: Jitter): Sampler {
  switch (jitter.kind) {
    case 'uniform': {
      const maxNs = nanosecondsOf(jitter.maxMs);
      return (fractions) => Math.floor(maxNs * fractions(0));
    }
    case 'exponential': {
      const minNs = nanosecondsOf(jitter.minMs ?? 0);
      const restNs = nanosecondsOf(jitter.meanMs) - minNs;
      assert(restNs >= 0, 'the mean of an exponential distribution is at least its minimum');
      return (fractions) => minNs + Math.round(-restNs * log(1 - fractions(0)));
    }
    case 'normal':
      return normal(nanosecondsOf(jitter.meanMs), nanosecondsOf(jitter.deviationMs));
    case 'pareto': {
      const scaleNs = nanosecondsOf(jitter.scaleMs);
      assert(jitter.shape > 0, 'the shape of a Pareto distribution is above 0');
      return (fractions) => Math.round(scaleNs * exp(-log(1 - fractions(0)) / jitter.shape));
    }
    case 'empirical': {
      const samples = jitter.samplesMs.map(nanosecondsOf);
      assert(samples.length > 0, 'an empirical distribution has at least one sample');
      return (fractions) => samples[Math.floor(samples.length * fractions(0))] ?? 0;
    }
  }
}

/** By Marsaglia's polar method: a point in the unit circle, without sine and cosine. */
function normal(meanNs: number, deviationNs: number): Sampler {
  return (fractions) => {
    for (let tries = 0; tries < MAX_TRIES; tries += 1) {
      const x = 2 * fractions(2 * tries) - 1;
      const y = 2 * fractions(2 * tries + 1) - 1;
      const square = x * x + y * y;
      if (square >= 1 || square === 0) continue;
      const ns = Math.round(meanNs + deviationNs * x * Math.sqrt((-2 * log(square)) / square));
      if (ns >= 0) return ns;
    }
    return Math.max(meanNs, 0);
  };
}

function nanosecondsOf(ms: number): number {
  assert(ms >= 0 && Number.isFinite(ms), `a delay of ${ms} ms is none`);
  return Math.round(ms * NS_PER_MS);
}
