/**
 * Makes a failing trial small: the run is cut short, whole fault classes go, then single mishaps,
 * values, commands; then whatever links do by chance is written down as faults of single datagrams,
 * and these are taken out; again until nothing changes. A smaller trial counts only if the same
 * property fails.
 */

import type { Played } from '../experiment/play.ts';
import { Search, type Step } from './search.ts';
import { shorten } from './shorten.ts';
import { dropClasses, dropCommands, dropMishaps, dropWhatIsTooLate } from './shrink-lists.ts';
import { roundTimes, simplifyValues } from './simplify.ts';
import { playTrial, type Trial } from './trial.ts';
import { writeDownChances } from './write-down-chances.ts';

export interface Shrunk {
  readonly trial: Trial;
  readonly run: Played;
  readonly property: string;
  /** How many trials were played. */
  readonly tries: number;
}

/** A round takes seconds; what a fourth one takes out is seldom worth it. */
const MAX_ROUNDS = 3;

const STEPS: readonly Step[] = [
  shorten,
  dropClasses,
  dropMishaps,
  simplifyValues,
  dropCommands,
  shorten,
  writeDownChances,
  dropMishaps,
];

/** Undefined when the trial does not fail. `onTry` hears how many trials have been played. */
export function shrink(trial: Trial, onTry?: (tries: number) => void): Shrunk | undefined {
  const first = playTrial(trial).violations[0];
  if (first === undefined) return undefined;
  const search = new Search(first.property, onTry);
  let small = trial;
  for (let round = 0; round < MAX_ROUNDS; round += 1) {
    const before = small;
    for (const step of STEPS) small = step(small, search);
    if (small === before) break;
  }
  small = dropWhatIsTooLate(roundTimes(small, search), search);
  return { trial: small, run: search.play(small), property: search.property, tries: search.tries };
}
