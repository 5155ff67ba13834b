/**
 * The history of the operations of a run: what clients asked for, when, and what came of it, as
 * the application above the protocol sees it. Gathered from two kinds of events, whose labels this
 * module writes and reads:
 *
 *     submit  'read x'  ·  'write x', 7  ·  'cas x 3', 7         (7 in place of 3, if it is 3)
 *     deliver 'ok'  ·  'value', 7  ·  'mismatch'  ·  'refused'  ·  'gives up'
 *
 * An operation whose answer is not 'ok', 'value' or 'mismatch' may still take effect at any later
 * time, unless it was refused, which means that it never will.
 */

import type { Label, NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';

/** What a register holds before anybody has written. */
export const NOTHING = -1;

export type RegisterCall = {
  /** A word of letters and digits. */
  readonly key: string;
} & (
  | { readonly kind: 'read' }
  | { readonly kind: 'write'; readonly value: number }
  /** Compare and set: `value` in place of `from`, if that is there. */
  | { readonly kind: 'cas'; readonly from: number; readonly value: number }
);

export type Answer =
  | { readonly kind: 'ok' | 'mismatch' | 'refused' | 'gives up' }
  | { readonly kind: 'value'; readonly value: number };

export interface Returned {
  readonly answer: Answer;
  readonly atNs: number;
  /** The event of it. */
  readonly event: number;
}

export interface Operation {
  /** The number of the application's message. */
  readonly id: number;
  readonly node: NodeId;
  readonly call: RegisterCall;
  readonly atNs: number;
  readonly event: number;
  /** Undefined as long as nobody has heard of it. */
  returned?: Returned;
}

export function callLabel(call: RegisterCall): Label {
  if (call.kind === 'read') return { tag: `read ${call.key}` };
  if (call.kind === 'write') return { tag: `write ${call.key}`, detail: call.value };
  return { tag: `cas ${call.key} ${call.from}`, detail: call.value };
}

export function answerLabel(answer: Answer): Label {
  return answer.kind === 'value'
    ? { tag: answer.kind, detail: answer.value }
    : { tag: answer.kind };
}

const CALL = /^(?:(read|write) (\w+)|cas (\w+) (-?\d+))$/;
const PLAIN_ANSWERS = ['ok', 'mismatch', 'refused', 'gives up'] as const;

function readCall({ text, detail }: TraceEvent): RegisterCall | undefined {
  const [, kind, key = '', casKey = '', from] = CALL.exec(text) ?? [];
  if (kind === 'read') return { kind, key };
  if (kind === 'write') return { kind, key, value: detail };
  return from === undefined
    ? undefined
    : { kind: 'cas', key: casKey, from: Number(from), value: detail };
}

function readAnswer({ text, detail }: TraceEvent): Answer | undefined {
  if (text === 'value') return { kind: text, value: detail };
  const kind = PLAIN_ANSWERS.find((word) => word === text);
  return kind && { kind };
}

export class History {
  readonly #operations = new Map<number, Operation>();

  observe(event: TraceEvent): void {
    const { kind, message, node, atNs, id } = event;
    if (kind === 'submit') {
      const call = readCall(event);
      if (call) this.#operations.set(message, { id: message, node, call, atNs, event: id });
    } else if (kind === 'deliver') {
      const operation = this.#operations.get(message);
      const answer = operation?.node === node ? readAnswer(event) : undefined;
      if (operation && answer) operation.returned ??= { answer, atNs, event: id };
    }
  }

  find(id: number): Operation | undefined {
    return this.#operations.get(id);
  }

  /** In the order of the calls. */
  get operations(): readonly Operation[] {
    return [...this.#operations.values()];
  }

  byKey(): ReadonlyMap<string, readonly Operation[]> {
    const keys = new Map<string, Operation[]>();
    for (const operation of this.#operations.values()) {
      const { key } = operation.call;
      const known = keys.get(key) ?? [];
      known.push(operation);
      keys.set(key, known);
    }
    return keys;
  }
}

/** Whether it is known what came of it. */
export function isKnown({ returned }: Operation): boolean {
  return returned !== undefined && !['refused', 'gives up'].includes(returned.answer.kind);
}

/** Whether it may have taken effect, or yet may. */
export function isPossible({ returned }: Operation): boolean {
  return returned?.answer.kind !== 'refused';
}

/** 'write x 7'. */
export function describeCall(call: RegisterCall): string {
  if (call.kind === 'read') return `read ${call.key}`;
  if (call.kind === 'write') return `write ${call.key} ${call.value}`;
  return `cas ${call.key} ${call.from} to ${call.value}`;
}
