/**
 * What a delivery layer may promise, each property checked on the events alone: *no creation*,
 * nothing is delivered that nobody submitted, and no other octets.
 */

import type { Checker } from '../experiment/experiment.ts';
import { makeChecker } from './checker.ts';

export function noCreation(): Checker {
  const submitted = new Set<number>();
  return makeChecker('no creation', {
    observe: ({ kind, message, node, id }, report) => {
      if (kind === 'submit') submitted.add(message);
      if (kind !== 'deliver' || submitted.has(message)) return;
      const what = message < 0 ? 'octets that nobody submitted' : `message ${message}`;
      report(`node ${node} delivered ${what}`, id);
    },
  });
}
