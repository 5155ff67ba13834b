/** A stored trace, read and judged once more. */

import type { Experiment } from '../../lab/experiment/experiment.ts';
import { Judge, type Judgement } from '../../lab/experiment/judge.ts';
import {
  ParameterError,
  type ParameterValue,
  readParameter,
} from '../../lab/experiment/parameters.ts';
import { findExperiment } from '../../lab/experiment/registry.ts';
import { readTrace, TraceFileError, type TraceReader } from '../../lab/report/read-trace.ts';
import type { TraceHead, TraceResult } from '../../lab/report/trace-file.ts';
import { Recorder } from '../../lab/run/recorder.ts';
import type { TraceEvent } from '../../lab/run/trace-event.ts';
import { linesOf } from './lines.ts';
import { UsageError } from './usage-error.ts';

export interface JudgedTrace {
  readonly experiment: Experiment;
  readonly head: TraceHead;
  readonly result: TraceResult;
  readonly judgement: Judgement;
  readonly values: Values;
  /** Only when they were asked for, and the first ones of very many. */
  readonly events: readonly TraceEvent[];
}
type Values = Readonly<Record<string, ParameterValue>>;

/** Throws `UsageError` with file, line and column when the file is none that a run wrote. */
export function judgeTrace(
  file: string,
  {
    keepsEvents = false,
    observers = [],
  }: {
    readonly keepsEvents?: boolean;
    readonly observers?: readonly { observe(event: TraceEvent): void }[];
  } = {},
): JudgedTrace {
  const recorder = new Recorder();
  let told: { head: TraceHead; experiment: Experiment; values: Values; judge: Judge } | undefined;
  const reader: TraceReader = {
    head: (head, fail) => {
      const experiment = findExperiment(head.experiment);
      if (!experiment) throw fail('experiment', `there is no experiment '${head.experiment}'`);
      const values = valuesOf(experiment, head, fail);
      const judge = new Judge(experiment, values);
      told = { head, experiment, values, judge };
      return (event: TraceEvent) => {
        judge.observe(event);
        for (const observer of observers) observer.observe(event);
        if (keepsEvents) recorder.observe(event);
      };
    },
  };
  try {
    const result = readTrace(linesOf(file), reader);
    if (told === undefined) throw new TraceFileError('the file is empty', { line: 1, column: 1 });
    const { head, experiment, values, judge } = told;
    const { events } = recorder;
    return { experiment, head, result, judgement: judge.finish(), values, events };
  } catch (error) {
    if (!(error instanceof TraceFileError)) throw error;
    throw new UsageError(`${file}:${error.line}:${error.column}: ${error.message}`);
  }
}

function valuesOf(
  experiment: Experiment,
  { params }: TraceHead,
  fail: (field: string, problem: string) => Error,
): Values {
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
