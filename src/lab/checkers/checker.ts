/** What checkers share: each keeps the first few violations of one property. */

import type { Checker, Violation } from '../experiment/experiment.ts';
import type { TraceEvent } from '../run/trace-event.ts';

/** Enough to understand what goes wrong. */
const MAX_VIOLATIONS = 3;

/** What happened instead, and the events that show it. */
export type Report = (text: string, ...events: number[]) => void;

export interface CheckerParts {
  readonly observe: (event: TraceEvent, report: Report) => void;
  readonly atEnd?: (report: Report) => void;
  /** What is told at the end is not that something is missing, which may yet come. */
  readonly isFinal?: boolean;
}

export function makeChecker(
  property: string,
  { observe, atEnd, isFinal = false }: CheckerParts,
): Checker {
  const violations: Violation[] = [];
  const add = (violation: Violation): void => {
    if (violations.length < MAX_VIOLATIONS) violations.push(violation);
  };
  const report: Report = (text, ...events) => add({ property, text, events });
  return {
    property,
    observe: (event) => observe(event, report),
    finish: () => {
      const missing = isFinal ? {} : { isMissing: true as const };
      atEnd?.((text, ...events) => add({ property, text, events, ...missing }));
      return violations;
    },
  };
}
