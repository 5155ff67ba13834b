/**
 * What a delivery layer may promise, each property checked on the events alone:
 *
 * - *no creation*: nothing is delivered that nobody submitted, and no other octets;
 * - *no duplicate*: no node delivers a message twice;
 * - *no gap*: what was submitted is delivered, by the end of the run;
 * - *FIFO*: no node delivers a message before an earlier one of the same sender. Those that were
 *   left out in between are not its business.
 *
 * Messages are numbered in the order in which their sender's application submits them.
 */

import type { Checker } from '../experiment/experiment.ts';
import { NumberSet } from '../process/number-set.ts';
import { makeChecker } from './checker.ts';

/** As many of the missing as are named. */
const MAX_NAMED = 8;

export function noCreation(): Checker {
  const submitted = new NumberSet();
  return makeChecker('no creation', {
    observe: ({ kind, message, node, id }, report) => {
      if (kind === 'submit') submitted.add(message);
      if (kind !== 'deliver' || submitted.has(message)) return;
      const what = message < 0 ? 'octets that nobody submitted' : `message ${message}`;
      report(`node ${node} delivered ${what}`, id);
    },
  });
}

export function noDuplicate(): Checker {
  const delivered = new Map<number, NumberSet>();
  return makeChecker('no duplicate', {
    observe: ({ kind, message, node, id }, report) => {
      if (kind !== 'deliver' || message < 0) return;
      const before = delivered.get(node) ?? new NumberSet();
      delivered.set(node, before);
      if (!before.add(message)) report(`node ${node} delivered message ${message} again`, id);
    },
  });
}

export function noGap(): Checker {
  /** Submitted and nowhere delivered: the event of the submission, by message. */
  const missing = new Map<number, number>();
  return makeChecker('no gap', {
    observe: ({ kind, message, id }) => {
      if (kind === 'submit') missing.set(message, id);
      else if (kind === 'deliver') missing.delete(message);
    },
    atEnd: (report) => {
      if (missing.size === 0) return;
      const named = [...missing.keys()].slice(0, MAX_NAMED).join(', ');
      const more = missing.size > MAX_NAMED ? `, … (${missing.size})` : '';
      report(`never delivered: ${named}${more}`, ...[...missing.values()].slice(0, MAX_NAMED));
    },
  });
}

export function fifo(): Checker {
  const latest = new Map<string, { readonly message: number; readonly event: number }>();
  return makeChecker('FIFO', {
    observe: ({ kind, message, node, peer, id }, report) => {
      if (kind !== 'deliver' || message < 0) return;
      const pair = `${peer} > ${node}`;
      const before = latest.get(pair);
      if (before !== undefined && message < before.message) {
        report(`node ${node} delivered ${message} after ${before.message}`, before.event, id);
      } else latest.set(pair, { message, event: id });
    },
  });
}
