/** Ends a failing run as soon as it has failed. */

import type { TraceEvent } from '../run/trace-event.ts';
import type { Search } from './search.ts';
import { lastTroubleNs, type Trial } from './trial.ts';

export function shorten(trial: Trial, search: Search): Trial {
  const times = new Map<number, number>();
  const observe = ({ id, atNs }: TraceEvent): void => void times.set(id, atNs);
  const violation = search.violationIn(search.play(trial, [observe]));
  if (violation === undefined) return trial;
  if (violation.isMissing) return waitLess(trial, search);
  const untilNs = Math.max(...violation.events.map((id) => times.get(id) ?? 0));
  const short = { ...trial, untilNs };
  return untilNs < trial.untilNs && search.fails(short) ? short : trial;
}

/**
 * What is missing is waited for half as long, as long as the run without the bug does not miss it:
 * the search sees to that.
 */
function waitLess(trial: Trial, search: Search): Trial {
  const fromNs = Math.min(lastTroubleNs(trial), trial.untilNs);
  let small = trial;
  for (;;) {
    const waitNs = Math.floor((small.untilNs - fromNs) / 2);
    const short = { ...small, untilNs: fromNs + waitNs };
    if (waitNs === 0 || !search.fails(short)) return small;
    small = short;
  }
}
