/**
 * Reads trace files (`trace-file.ts`). A file may come from anywhere: what is wrong with it is told
 * with line and column, and nothing is guessed.
 */

import type { EventKind, LossReason, TraceEvent } from '../run/trace-event.ts';
import { UNSAID } from './short-event.ts';
import { TRACE_FORMAT, type TraceHead, type TraceResult } from './trace-file.ts';

/** What is wrong, and where: lines and columns count from 1. */
export class TraceFileError extends Error {
  override readonly name = 'TraceFileError';
  readonly line: number;
  readonly column: number;

  constructor(message: string, { line, column }: Place) {
    super(message);
    this.line = line;
    this.column = column;
  }
}

interface Place {
  readonly line: number;
  readonly column: number;
}
type Fields = Readonly<Record<string, unknown>>;

export interface TraceReader {
  /** Called once, first; what it returns is called with every event. */
  head(
    head: TraceHead,
    fail: (field: string, problem: string) => Error,
  ): (event: TraceEvent) => void;
}

/** Reads all of it; returns the last line. Throws `TraceFileError`, and what `reader` throws. */
export function readTrace(lines: Iterable<string>, reader: TraceReader): TraceResult {
  let observe: ((event: TraceEvent) => void) | undefined;
  let result: TraceResult | undefined;
  let before: TraceEvent | undefined;
  let nodeCount = 0;
  let number = 0;
  for (const text of lines) {
    number += 1;
    const line = new Line(number, text);
    if (result) throw line.error('nothing follows the result', 1);
    if (observe === undefined) {
      const head = readHead(line);
      nodeCount = head.nodes.length;
      observe = reader.head(head, (field, problem) => line.fault(field, problem));
    } else if (line.has('result')) result = readResult(line);
    else {
      before = readEvent(line, { before, nodeCount });
      observe(before);
    }
  }
  if (result) return result;
  const problem = number === 0 ? 'the file is empty' : 'the file ends without its result';
  throw new TraceFileError(problem, { line: number + 1, column: 1 });
}

/** One line: its object, and where in it a field is. */
class Line {
  readonly #number: number;
  readonly #text: string;
  readonly #fields: Fields;

  constructor(number: number, text: string) {
    this.#number = number;
    this.#text = text;
    let value: unknown;
    try {
      value = JSON.parse(text);
    } catch (error) {
      // The position of what was not expected is told in some cases only.
      const place = /position (\d+)/.exec(String(error))?.[1];
      const end = String(error).includes('end of JSON') ? text.length : 0;
      throw this.error('this is no JSON', 1 + (place === undefined ? end : Number(place)));
    }
    if (!isObject(value)) throw this.error('expected an object, {…}', 1);
    this.#fields = value;
  }

  has(field: string): boolean {
    return Object.hasOwn(this.#fields, field);
  }

  get names(): readonly string[] {
    return Object.keys(this.#fields);
  }

  error(message: string, column: number): TraceFileError {
    return new TraceFileError(message, { line: this.#number, column });
  }

  fault(field: string, problem: string): TraceFileError {
    const place = this.#text.indexOf(`${JSON.stringify(field)}:`);
    return this.error(`${field}: ${problem}`, Math.max(place, 0) + 1);
  }

  /** The field's value, or `usual` when it is not there. */
  take<Value>(
    field: string,
    { is, expected, usual }: Shape<Value> & { readonly usual?: Value | undefined },
  ): Value {
    const value = this.#fields[field] ?? usual;
    if (is(value)) return value;
    const found = value === undefined ? 'nothing' : JSON.stringify(value);
    throw this.fault(field, `expected ${expected}, got ${found}`);
  }
}

interface Shape<Value> {
  readonly is: (value: unknown) => value is Value;
  readonly expected: string;
}

const TEXT: Shape<string> = { is: (value) => typeof value === 'string', expected: 'a text' };

function integer(min: number, max: number = Number.MAX_SAFE_INTEGER): Shape<number> {
  return {
    is: (value): value is number =>
      Number.isSafeInteger(value) && Number(value) >= min && Number(value) <= max,
    expected: `a whole number from ${min}${max < Number.MAX_SAFE_INTEGER ? ` to ${max}` : ''}`,
  };
}

function oneOf<Word extends string>(words: Readonly<Record<Word, true>>): Shape<Word> {
  return {
    is: (value): value is Word => typeof value === 'string' && Object.hasOwn(words, value),
    expected: `one of ${Object.keys(words).join(', ')}`,
  };
}

const KINDS = oneOf<EventKind>({
  start: true,
  submit: true,
  send: true,
  lose: true,
  receive: true,
  deliver: true,
  timer: true,
  note: true,
  state: true,
  crash: true,
  restart: true,
  pause: true,
  resume: true,
  clock: true,
  fault: true,
});
const REASONS = oneOf<LossReason>({
  loss: true,
  script: true,
  partition: true,
  queue: true,
  size: true,
  down: true,
});
const ENDS = oneOf<TraceResult['end']>({ idle: true, late: true, endless: true });

const NAMES: Shape<readonly string[]> = {
  is: (value): value is readonly string[] =>
    Array.isArray(value) && value.length > 0 && value.every((name) => typeof name === 'string'),
  expected: 'a list of names',
};
const WORDS: Shape<Readonly<Record<string, string>>> = {
  is: (value): value is Readonly<Record<string, string>> =>
    isObject(value) && Object.values(value).every((word) => typeof word === 'string'),
  expected: 'an object of texts',
};
const STATE: Shape<NonNullable<TraceEvent['state']>> = {
  is: (value): value is NonNullable<TraceEvent['state']> =>
    isObject(value) &&
    Object.values(value).every((word) => ['string', 'number', 'boolean'].includes(typeof word)),
  expected: 'an object of texts, numbers and flags',
};

function readHead(line: Line): TraceHead {
  if (!line.has('trace')) throw line.error('this is no trace of the laboratory', 1);
  const format = line.take('trace', integer(1));
  if (format !== TRACE_FORMAT) {
    throw line.fault('trace', `this is format ${format}, and this version reads ${TRACE_FORMAT}`);
  }
  return {
    experiment: line.take('experiment', TEXT),
    params: line.take('params', WORDS),
    seed: line.take('seed', TEXT),
    ...(line.has('mutant') && { mutant: line.take('mutant', TEXT) }),
    version: line.take('version', TEXT),
    nodes: line.take('nodes', NAMES),
  };
}

/** Every field that an event can have; all but four may be left unsaid. */
const EVENT_FIELDS = ['id', 'kind', 'node', 'reason', 'state', ...Object.keys(UNSAID)];

function readEvent(
  line: Line,
  { before, nodeCount }: { readonly before: TraceEvent | undefined; readonly nodeCount: number },
): TraceEvent {
  const stranger = line.names.find((name) => !EVENT_FIELDS.includes(name));
  if (stranger !== undefined) throw line.fault(stranger, 'events have no such field');
  const id = line.take('id', integer((before?.id ?? 0) + 1));
  const take = (
    field: 'cause' | 'atNs' | 'peer' | 'packet' | 'copy' | 'octets' | 'busyNs' | 'message',
    least: number,
    most?: number,
  ): number => line.take(field, { ...integer(least, most), usual: UNSAID[field] });
  return {
    id,
    cause: take('cause', 0, id - 1),
    kind: line.take('kind', KINDS),
    atNs: take('atNs', before?.atNs ?? 0),
    node: line.take('node', integer(-1, nodeCount - 1)),
    peer: take('peer', -1, nodeCount - 1),
    packet: take('packet', 0),
    copy: take('copy', 0),
    octets: take('octets', 0),
    busyNs: take('busyNs', 0),
    message: take('message', -1),
    text: line.take('text', { ...TEXT, usual: UNSAID.text }),
    detail: line.take('detail', { ...integer(-Number.MAX_SAFE_INTEGER), usual: UNSAID.detail }),
    ...(line.has('reason') && { reason: line.take('reason', REASONS) }),
    ...(line.has('state') && { state: line.take('state', STATE) }),
  };
}

function readResult(line: Line): TraceResult {
  const result = line.take('result', {
    is: isObject,
    expected: 'an object',
  });
  const inner = new Line(0, JSON.stringify(result));
  try {
    return {
      traceHash: inner.take('traceHash', TEXT),
      eventCount: inner.take('eventCount', integer(0)),
      leftOut: inner.take('leftOut', integer(0)),
      end: inner.take('end', ENDS),
      durationNs: inner.take('durationNs', integer(0)),
    };
  } catch (error) {
    if (!(error instanceof TraceFileError)) throw error;
    const [field = '', ...problem] = error.message.split(': ');
    throw line.fault(field, problem.join(': '));
  }
}

function isObject(value: unknown): value is Fields {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
