/**
 * What users do, by the number of their message: odd ones read, even ones change something. A fixed
 * rule rather than a draw, so that the same messages are the same deeds in every run.
 */

import type { Merge } from './replica-options.ts';
import { HEAD, type Operation } from './replicated-type.ts';

/** A shared set has so few elements that they are added, removed and added again. */
const ELEMENTS = 4;
/** One update in so many takes something away. */
const REMOVES_EVERY = 3;
/** One character in so many is put somewhere else than behind the one before. */
const JUMPS_EVERY = 5;

export function isRead(message: number): boolean {
  return message % 2 === 1;
}

export interface Desk {
  /** What the user sees: for a text the characters in their places. */
  readonly shown: readonly number[];
  /** The character that this user typed last, if any. */
  readonly typed: number | undefined;
}

export function operationOf(merge: Merge, message: number, desk: Desk): Operation {
  const step = message / 2;
  const isRemoval = step % REMOVES_EVERY === REMOVES_EVERY - 1;
  switch (merge) {
    case 'lww-wall':
    case 'lww-hlc':
    case 'mvr':
      return { kind: 'sets', value: message };
    case 'gset':
      return { kind: 'adds', value: message };
    case 'pncounter':
      return { kind: 'counts', value: isRemoval ? -1 - (step % 2) : 1 + (step % 5) };
    case 'orset':
      return { kind: isRemoval ? 'removes' : 'adds', value: Math.floor(step / 2) % ELEMENTS };
    case 'text':
      return editOf(message, isRemoval, desk);
  }
}

function editOf(message: number, isRemoval: boolean, { shown, typed }: Desk): Operation {
  const step = message / 2;
  const { length } = shown;
  const some = shown[(step * 7) % Math.max(1, length)] ?? HEAD;
  if (isRemoval && length > 0) return { kind: 'deletes', value: some };
  const isJump = step % JUMPS_EVERY === 0 || typed === undefined || !shown.includes(typed);
  return { kind: 'inserts', value: message, after: isJump ? some : typed };
}
