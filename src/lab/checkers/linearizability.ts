/**
 * The registers of a run are linearizable, each by itself (which is as much as all together:
 * Herlihy and Wing 1990, §3.2).
 */

import type { Checker } from '../experiment/experiment.ts';
import { describeCall, History, type Operation } from '../history/history.ts';
import { makeChecker, type Report } from './checker.ts';
import { linearize } from './linearize.ts';

export function linearizability(): Checker {
  const history = new History();
  return makeChecker('linearizability', {
    observe: (event) => history.observe(event),
    atEnd: (report) => {
      for (const operations of history.byKey().values()) judge(operations, report);
    },
    // What was answered wrongly stays so, however long one waits.
    isFinal: true,
  });
}

function judge(operations: readonly Operation[], report: Report): void {
  const found = linearize(operations);
  if (found.kind === 'yes') return;
  if (found.kind === 'unknown') {
    report(`${found.steps} steps were not enough to find an order of ${operations.length}`);
    return;
  }
  const { stuck, next, before } = found;
  const name = ({ call, node }: Operation): string => `${describeCall(call)} (node ${node})`;
  const last = before.at(-1);
  const after = last ? `after ${name(last)}` : 'before anything else';
  const gap = next ? `; then it must come before ${name(next)}, which had returned by then` : '';
  const shown = [last, next].filter((operation) => operation !== undefined);
  report(
    `node ${stuck.node}: ${describeCall(stuck.call)}, answered ${answerText(stuck)}, fits ` +
      `nowhere: the longest order of the others ends ${after}${gap}`,
    ...[stuck.event, stuck.returned?.event ?? stuck.event],
    ...shown.map(({ event, returned }) => returned?.event ?? event),
  );
}

function answerText({ returned }: Operation): string {
  if (returned === undefined) return 'nothing';
  const { answer } = returned;
  return answer.kind === 'value' ? String(answer.value) : answer.kind;
}
