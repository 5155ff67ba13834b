/** What can be promised of clocks, checked on the remarks in which nodes say what theirs show. */

import type { Checker } from '../experiment/experiment.ts';
import { makeChecker } from '../checkers/checker.ts';
import type { NodeId } from '../process/process.ts';
import { WALL } from './watch.ts';

/** No reading is before an earlier one of the same node. */
export function neverBackwards(remark: string = WALL): Checker {
  const last = new Map<NodeId, { readonly value: number; readonly id: number }>();
  return makeChecker(`${remark} never goes backwards`, {
    observe: ({ kind, text, node, detail: value, id }, report) => {
      if (kind !== 'note' || text !== remark) return;
      const before = last.get(node);
      if (before && value < before.value) {
        report(`node ${node} read ${before.value} ns, then ${value} ns`, before.id, id);
      }
      last.set(node, { value, id });
    },
  });
}

/** No reading is farther from the truth than `boundNs` of the true time. */
export function withinBound(
  property: string,
  boundNs: (trueNs: number) => number,
  truth: (trueNs: number) => number = (trueNs) => trueNs,
): Checker {
  return makeChecker(property, {
    observe: ({ kind, text, node, atNs, detail: value, id }, report) => {
      if (kind !== 'note' || text !== WALL) return;
      const errorNs = Math.abs(value - truth(atNs));
      if (errorNs <= boundNs(atNs)) return;
      report(`node ${node} is wrong by ${errorNs} ns, and ${boundNs(atNs)} were promised`, id);
    },
  });
}
