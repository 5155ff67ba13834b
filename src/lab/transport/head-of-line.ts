/**
 * How long messages wait for earlier ones when they are delivered in order.
 *
 * Message i is submitted at i·T and arrives at i·T + d + τ·K, where K counts the losses of it, so
 * that P(K > k) = p^(k+1). In order it is delivered when it and all earlier ones have arrived. So
 * it is not delivered x after it could have been, if it or any earlier one is still missing then:
 *
 *     1 − Π (1 − p^(1 + floor((x + i·T) / τ)))    over i = 0, 1, 2…
 *
 * and the mean wait is the integral of this over x. It is the same for the newest state of a game
 * in which states come in order: by so much it is older than it need be.
 */

/** Factors nearer to 1 than this change nothing any more. */
const NEGLIGIBLE = 1e-12;
/** Of the integral, which is exact where the steps fall between the jumps of the integrand. */
const MAX_STEPS = 4000;

export interface Repair {
  /** p, the chance of a try to be lost. */
  readonly loss: number;
  /** τ, from one try to the next. */
  readonly timerNs: number;
  /** T, between two messages. */
  readonly intervalNs: number;
}

/** The mean wait in nanoseconds, besides the way itself; `loss` is below 1, `intervalNs` not 0. */
export function headOfLineNs({ loss, timerNs, intervalNs }: Repair): number {
  if (loss === 0) return 0;
  const longestNs = timerNs * Math.ceil(Math.log(NEGLIGIBLE) / Math.log(loss));
  const stepNs = Math.max(greatestCommonDivisor(timerNs, intervalNs), longestNs / MAX_STEPS);
  let waitNs = 0;
  for (let x = stepNs / 2; x < longestNs; x += stepNs) {
    let allArrived = 1;
    for (let ago = x; ago < longestNs; ago += intervalNs) {
      allArrived *= 1 - loss ** (1 + Math.floor(ago / timerNs));
    }
    waitNs += (1 - allArrived) * stepNs;
  }
  return waitNs;
}

function greatestCommonDivisor(a: number, b: number): number {
  return b === 0 ? a : greatestCommonDivisor(b, a % b);
}
