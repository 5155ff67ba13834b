/** `ts-dns lab check FILE`: meters and checkers once more, on a stored trace. */

import { statusOf } from '../../lab/experiment/play.ts';
import { printComparisons } from '../../lab/report/table.ts';
import type { TraceResult } from '../../lab/report/trace-file.ts';
import { HistoryFile } from './history-file.ts';
import { judgeTrace } from './judged-trace.ts';

export interface CheckOptions {
  /** Write the operations of the clients there. */
  readonly history?: string;
}

/** Exit status: that of the run; 1 also when the hash is another, 2 when events are missing. */
export function checkTrace(file: string, { history }: CheckOptions = {}): number {
  const observers = history === undefined ? [] : [new HistoryFile(history)];
  const { head, result, judgement } = judgeTrace(file, { observers });
  for (const found of observers) found.write(head.experiment);
  const { comparisons, violations, traceHash } = judgement;
  const isComplete = result.leftOut === 0;
  const isSame = traceHash === result.traceHash;
  // Of half a run neither figures nor missing deliveries mean anything.
  const found = isComplete
    ? [
        ...printComparisons(comparisons),
        '',
        ...violations.map(({ property, text }) => `violated: ${property}: ${text}`),
      ]
    : [];
  const title = `${file}: ${head.experiment}   seed ${head.seed}, ${result.eventCount} events`;
  const lines = [title, '', ...found, hashLine(result, traceHash)];
  process.stdout.write(`${lines.join('\n')}\n`);
  if (!isComplete) return 2;
  return isSame ? statusOf({ comparisons, violations, end: result.end }) : 1;
}

function hashLine({ leftOut, traceHash }: TraceResult, found: string): string {
  if (leftOut > 0) {
    return `unknown: the last ${leftOut} events are not in the file, and half a run proves nothing`;
  }
  if (found === traceHash) return `the trace is as it was written: ${found}`;
  return `changed: the events hash to ${found}, and the file says ${traceHash}`;
}
