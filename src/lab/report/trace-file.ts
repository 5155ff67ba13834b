/**
 * A run as a file: JSON, one object a line. The first line says what was played, then come the
 * events, and the last line is the result. Fields of an event that say nothing (−1, 0, '') are left
 * out; what is read back is the event that was written, so that meters and checkers find the same.
 *
 *     {"trace":1,"experiment":"A0","params":{"loss":"0.1",…},"seed":"4","version":"…","nodes":[…]}
 *     {"id":1,"kind":"start","node":0}
 *     {"id":3,"kind":"submit","node":0,"message":0}
 *     {"id":4,"cause":3,"kind":"send","node":0,"peer":1,"packet":1,"octets":13,"text":"data",…}
 *     {"result":{"traceHash":"…","eventCount":1234,"leftOut":0,…}}
 */

import { printParameter } from '../experiment/parameters.ts';
import type { Played } from '../experiment/play.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { shortEvent } from './short-event.ts';

/** The version of this format. */
export const TRACE_FORMAT = 1;

export interface TraceHead {
  readonly experiment: string;
  /** As on the command line. */
  readonly params: Readonly<Record<string, string>>;
  readonly seed: string;
  readonly mutant?: string;
  readonly version: string;
  /** Names, in the order of ids. */
  readonly nodes: readonly string[];
}

export interface TraceResult {
  readonly traceHash: string;
  readonly eventCount: number;
  /** Events that happened and are not in the file: it was full. */
  readonly leftOut: number;
  readonly end: Played['end'];
  readonly durationNs: number;
}

function headOf(run: Played, version: string): TraceHead {
  const { experiment, values, seed, mutant, nodes } = run;
  const params = Object.entries(experiment.parameters).map(([name, parameter]) => {
    const value = values[name];
    return [name, value === undefined ? '' : printParameter(parameter, value)];
  });
  return {
    experiment: experiment.id,
    params: Object.fromEntries(params) as Record<string, string>,
    seed,
    ...(mutant !== undefined && { mutant }),
    version,
    nodes,
  };
}

function printHead(head: TraceHead): string {
  return JSON.stringify({ trace: TRACE_FORMAT, ...head });
}

function printResult(run: Played, leftOut: number): string {
  const { traceHash, eventCount, end, durationNs } = run;
  const result: TraceResult = { traceHash, eventCount, leftOut, end, durationNs };
  return JSON.stringify({ result });
}

/** The whole file, a line at a time. */
export function* printTrace(
  run: Played,
  {
    events,
    leftOut,
    version,
  }: {
    readonly events: readonly TraceEvent[];
    readonly leftOut: number;
    readonly version: string;
  },
): Generator<string> {
  yield `${printHead(headOf(run, version))}\n`;
  for (const event of events) yield `${JSON.stringify(shortEvent(event))}\n`;
  yield `${printResult(run, leftOut)}\n`;
}
