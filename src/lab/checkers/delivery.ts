/**
 * What a delivery layer may promise, each property checked on the events alone: *no creation*,
 * nothing is delivered that nobody submitted, and no other octets.
 */

import type { Checker, Violation } from '../experiment/experiment.ts';
import type { TraceEvent } from '../run/trace-event.ts';

/** Enough to understand what goes wrong. */
const MAX_VIOLATIONS = 3;

/** Collects the first few violations of one property. */
function checker(
  property: string,
  parts: {
    readonly observe: (
      event: TraceEvent,
      report: (text: string, ...events: number[]) => void,
    ) => void;
    readonly atEnd?: (report: (text: string, ...events: number[]) => void) => void;
  },
): Checker {
  const violations: Violation[] = [];
  const report = (text: string, ...events: number[]): void => {
    if (violations.length < MAX_VIOLATIONS) violations.push({ property, text, events });
  };
  return {
    property,
    observe: (event) => parts.observe(event, report),
    finish: () => {
      parts.atEnd?.(report);
      return violations;
    },
  };
}

export function noCreation(): Checker {
  const submitted = new Set<number>();
  return checker('no creation', {
    observe: ({ kind, message, node, id }, report) => {
      if (kind === 'submit') submitted.add(message);
      if (kind !== 'deliver' || submitted.has(message)) return;
      const what = message < 0 ? 'octets that nobody submitted' : `message ${message}`;
      report(`node ${node} delivered ${what}`, id);
    },
  });
}
