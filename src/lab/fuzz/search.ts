/** What every step of shrinking asks: whether a candidate still fails, for the same reason. */

import type { Violation } from '../experiment/experiment.ts';
import { parseDuration } from '../experiment/duration.ts';
import type { Played } from '../experiment/play.ts';
import type { Observer } from '../run/trace-event.ts';
import { lastTroubleNs, playTrial, type Trial, USUAL_SETTLE } from './trial.ts';

/** Some twenty seconds of events; then it is small enough. */
const MAX_EVENTS = 4_000_000;

export class Search {
  readonly property: string;
  /** How many trials were played, and how many events these had. */
  tries = 0;
  events = 0;

  readonly #onTry: ((tries: number) => void) | undefined;

  constructor(property: string, onTry?: (tries: number) => void) {
    this.property = property;
    this.#onTry = onTry;
  }

  play(trial: Trial, observers: readonly Observer[] = []): Played {
    const run = playTrial(trial, { observers });
    this.tries += 1;
    this.#onTry?.(this.tries);
    this.events += run.eventCount;
    return run;
  }

  /** Always false when the search has cost enough. */
  fails(trial: Trial): boolean {
    if (this.events >= MAX_EVENTS) return false;
    const violation = this.violationIn(this.play(trial));
    return violation !== undefined && (!violation.isMissing || this.#waitsLongEnough(trial));
  }

  violationIn({ violations }: Played): Violation | undefined {
    return violations.find(({ property }) => property === this.property);
  }

  /**
   * Cut short, a run without any bug misses something too. So the same run without the mutant must
   * miss nothing; and where no mutant is known to blame, it must last as long as is claimed.
   */
  #waitsLongEnough(trial: Trial): boolean {
    const { mutant, ...healthy } = trial;
    if (mutant !== undefined) return this.violationIn(this.play(healthy)) === undefined;
    const settleNs = parseDuration(trial.experiment.claims?.settle ?? USUAL_SETTLE);
    return trial.untilNs >= lastTroubleNs(trial) + settleNs;
  }
}

/** Returns the trial itself when it finds no smaller one. */
export type Step = (trial: Trial, search: Search) => Trial;
