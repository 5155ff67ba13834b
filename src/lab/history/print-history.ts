/**
 * A history for the checkers of others, a line an event:
 *
 * - *Jepsen's EDN* (for Knossos): {:process 0, :type :invoke, :f :cas, :value [3 7], …}. Where
 *   there are several keys, values are pairs of key and value, as of jepsen.independent.
 * - *JSON lines* with the fields of Porcupine's `Event`: ClientId, Kind (false: call, true:
 *   return), Value, Id. Porcupine wants every call to return: what nobody has heard of returns at
 *   the end, with { "unknown": true }; what was refused is left out.
 *
 * Both demand clients that ask for one thing at a time. So an operation belongs to a client of its
 * own node that is free; and who never hears of one never asks again.
 */

import {
  type Answer,
  isKnown,
  isPossible,
  NOTHING,
  type Operation,
  type RegisterCall,
} from './history.ts';

export const HISTORY_FORMATS = ['edn', 'json'] as const;
export type HistoryFormat = (typeof HISTORY_FORMATS)[number];

interface Step {
  readonly operation: Operation;
  readonly client: number;
  /** Undefined for the call. */
  readonly answer: Answer | undefined;
  readonly atNs: number;
}

/** The lines of the file. `operations` in the order of their calls. */
export function* printHistory(
  operations: readonly Operation[],
  format: HistoryFormat,
): Generator<string> {
  const steps = stepsOf(operations);
  const hasKeys = new Set(operations.map(({ call }) => call.key)).size > 1;
  if (format === 'edn') {
    for (const [index, step] of steps.entries()) yield `${ednOf(step, { index, hasKeys })}\n`;
    return;
  }
  const possible = steps.filter(({ operation }) => isPossible(operation));
  for (const step of possible) if (isHeard(step)) yield `${jsonOf(step)}\n`;
  for (const { client, operation, answer } of possible) {
    if (answer !== undefined || isKnown(operation)) continue;
    yield `${eventOf(client, operation, { isReturn: true, value: { unknown: true } })}\n`;
  }
}

function isHeard({ operation, answer }: Step): boolean {
  return answer === undefined || isKnown(operation);
}

/** Calls and returns in the order of time, each with its client. */
function stepsOf(operations: readonly Operation[]): readonly Step[] {
  const moments = operations.flatMap((operation) => {
    const { atNs, event, returned } = operation;
    const call = { operation, atNs, event, answer: undefined as Answer | undefined };
    return returned ? [call, { operation, ...returned }] : [call];
  });
  const clients = new Map<Operation, number>();
  const free = new Map<number, number[]>();
  let count = 0;
  return moments
    .toSorted((a, b) => a.event - b.event)
    .map(({ operation, atNs, answer }): Step => {
      const idle = free.get(operation.node) ?? [];
      free.set(operation.node, idle);
      const client = clients.get(operation) ?? idle.shift() ?? count++;
      clients.set(operation, client);
      if (answer !== undefined && answer.kind !== 'gives up') idle.push(client);
      return { operation, client, answer, atNs };
    });
}

const EDN_TYPES = {
  ok: 'ok',
  value: 'ok',
  mismatch: 'fail',
  refused: 'fail',
  'gives up': 'info',
} as const;

function ednOf(
  { client, operation, answer, atNs }: Step,
  { index, hasKeys }: { readonly index: number; readonly hasKeys: boolean },
): string {
  const { call } = operation;
  const type = answer ? EDN_TYPES[answer.kind] : 'invoke';
  const value = ednValue(call, answer);
  const told = hasKeys ? `["${call.key}" ${value}]` : value;
  return (
    `{:index ${index}, :time ${atNs}, :process ${client}, :type :${type}, ` +
    `:f :${call.kind}, :value ${told}}`
  );
}

function ednValue(call: RegisterCall, answer: Answer | undefined): string {
  const word = (value: number): string => (value === NOTHING ? 'nil' : String(value));
  if (call.kind === 'read') return answer?.kind === 'value' ? word(answer.value) : 'nil';
  return call.kind === 'write' ? word(call.value) : `[${word(call.from)} ${word(call.value)}]`;
}

function jsonOf({ client, operation, answer }: Step): string {
  const word = (value: number): number | null => (value === NOTHING ? null : value);
  const { call } = operation;
  if (answer?.kind === 'value') {
    return eventOf(client, operation, { isReturn: true, value: { value: word(answer.value) } });
  }
  if (answer) {
    return eventOf(client, operation, { isReturn: true, value: { ok: answer.kind === 'ok' } });
  }
  const { kind: op, key } = call;
  const value = {
    ...{ op, key },
    ...(call.kind === 'cas' && { from: word(call.from) }),
    ...(call.kind !== 'read' && { value: word(call.value) }),
  };
  return eventOf(client, operation, { isReturn: false, value });
}

function eventOf(
  client: number,
  operation: Operation,
  { isReturn, value }: { readonly isReturn: boolean; readonly value: object },
): string {
  return JSON.stringify({ ClientId: client, Kind: isReturn, Value: value, Id: operation.id });
}
