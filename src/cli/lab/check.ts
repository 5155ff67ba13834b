/** `ts-dns lab check FILE`: meters and checkers once more, on a stored trace. */

import type { Experiment } from '../../lab/experiment/experiment.ts';
import { Judge, type Judgement } from '../../lab/experiment/judge.ts';
import {
  ParameterError,
  type ParameterValue,
  readParameter,
} from '../../lab/experiment/parameters.ts';
import { statusOf } from '../../lab/experiment/play.ts';
import { findExperiment } from '../../lab/experiment/registry.ts';
import { readTrace, TraceFileError, type TraceReader } from '../../lab/report/read-trace.ts';
import { printComparisons } from '../../lab/report/table.ts';
import type { TraceHead, TraceResult } from '../../lab/report/trace-file.ts';
import type { TraceEvent } from '../../lab/run/trace-event.ts';
import { linesOf } from './lines.ts';
import { UsageError } from './usage-error.ts';

/** Exit status: that of the run; 1 also when the hash is another, 2 when events are missing. */
export function checkTrace(file: string): number {
  const { head, result, judgement } = judgeTrace(file);
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

interface JudgedTrace {
  readonly experiment: Experiment;
  readonly head: TraceHead;
  readonly result: TraceResult;
  readonly judgement: Judgement;
}

/** Throws `UsageError` with file, line and column when the file is none that a run wrote. */
function judgeTrace(file: string): JudgedTrace {
  let told: { head: TraceHead; experiment: Experiment; judge: Judge } | undefined;
  const reader: TraceReader = {
    head: (head, fail) => {
      const experiment = findExperiment(head.experiment);
      if (!experiment) throw fail('experiment', `there is no experiment '${head.experiment}'`);
      const judge = new Judge(experiment, valuesOf(experiment, head, fail));
      told = { head, experiment, judge };
      return (event: TraceEvent) => judge.observe(event);
    },
  };
  try {
    const result = readTrace(linesOf(file), reader);
    if (told === undefined) throw new TraceFileError('the file is empty', { line: 1, column: 1 });
    const { head, experiment, judge } = told;
    return { experiment, head, result, judgement: judge.finish() };
  } catch (error) {
    if (!(error instanceof TraceFileError)) throw error;
    throw new UsageError(`${file}:${error.line}:${error.column}: ${error.message}`);
  }
}

function valuesOf(
  experiment: Experiment,
  { params }: TraceHead,
  fail: (field: string, problem: string) => Error,
): Readonly<Record<string, ParameterValue>> {
  const stranger = Object.keys(params).find((name) => experiment.parameters[name] === undefined);
  if (stranger !== undefined) {
    throw fail(stranger, `${experiment.id} has no such parameter`);
  }
  const pairs = Object.entries(experiment.parameters).map(([name, parameter]) => {
    const text = params[name];
    if (text === undefined) throw fail('params', `the parameter '${name}' is missing`);
    try {
      return [name, readParameter(name, parameter, text)] as const;
    } catch (error) {
      if (!(error instanceof ParameterError)) throw error;
      throw fail(name, error.message.slice(name.length + 2));
    }
  });
  return Object.fromEntries(pairs);
}
