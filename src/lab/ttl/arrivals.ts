/**
 * When clients ask, and for what: arrival processes and the choice of names. All draws come from a
 * stream of their own, so that two runs that differ in a TTL have the same clients.
 */

import type { Random } from '../../net/ports.ts';
import { log } from '../../sim/math.ts';

const RANGE = 2 ** 32;
const DAY_MS = 86_400_000;

/** Milliseconds from one arrival to the next; `undefined` after the last. */
export type Gaps = () => number | undefined;

/** In (0, 1]: its logarithm is finite. */
function unit(random: Random): number {
  return (random.below(RANGE) + 1) / RANGE;
}

/** Exponential with the mean 1. */
function exponential(random: Random): number {
  return -log(unit(random));
}

/** A Poisson process: independent clients, whoever asks next. */
export function poisson(perSecond: number, random: Random): Gaps {
  const meanMs = 1000 / perSecond;
  return () => meanMs * exponential(random);
}

/** Every `periodMs`, as a monitor asks; the first after a part of it. */
export function periodic(periodMs: number, firstMs: number): Gaps {
  let isFirst = true;
  return () => {
    if (!isFirst) return periodMs;
    isFirst = false;
    return firstMs;
  };
}

/**
 * A Poisson process whose rate swings over the day by `amplitude` (0 to 1) around its mean, lowest
 * at the start: candidates at the highest rate, of which some are thinned out (Lewis and Shedler,
 * Naval Research Logistics Quarterly 26, 1979).
 */
export function diurnal(perSecond: number, amplitude: number, random: Random): Gaps {
  const highest = perSecond * (1 + amplitude);
  let nowMs = 0;
  return () => {
    const startMs = nowMs;
    for (;;) {
      nowMs += (1000 / highest) * exponential(random);
      const swing = triangle((nowMs % DAY_MS) / DAY_MS);
      if (unit(random) * highest <= perSecond * (1 + amplitude * swing)) return nowMs - startMs;
    }
  };
}

/** From −1 at 0 to 1 at noon and back: like a cosine, and the same to the bit on every machine. */
function triangle(phase: number): number {
  return phase < 0.5 ? 4 * phase - 1 : 3 - 4 * phase;
}

/** At these instants, in milliseconds, ascending: a query log. */
export function recorded(atMs: readonly number[]): Gaps {
  let index = 0;
  return () => {
    const next = atMs[index];
    if (next === undefined) return undefined;
    const gap = next - (atMs[index - 1] ?? 0);
    index += 1;
    return gap;
  };
}

/** The probability of each of `count` names: proportional to 1 / rank^exponent (Zipf). */
export function zipfShares(count: number, exponent: number): readonly number[] {
  const weights = Array.from({ length: count }, (_, index) => 1 / (index + 1) ** exponent);
  const sum = weights.reduce((total, weight) => total + weight, 0);
  return weights.map((weight) => weight / sum);
}

/** Draws an index with the given probabilities, which add up to 1. */
export function chooser(shares: readonly number[], random: Random): () => number {
  const upTo: number[] = [];
  let sum = 0;
  for (const share of shares) upTo.push((sum += share));
  return () => {
    const drawn = random.below(RANGE) / RANGE;
    let low = 0;
    let high = upTo.length - 1;
    while (low < high) {
      const middle = (low + high) >>> 1;
      if (upTo[middle]! > drawn) high = middle;
      else low = middle + 1;
    }
    return low;
  };
}
