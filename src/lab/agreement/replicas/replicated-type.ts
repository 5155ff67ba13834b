/**
 * A replicated data type: what a replica keeps of all updates that it has heard of, and how two
 * such states become one. `merge` is commutative, associative and idempotent, and an update only
 * ever adds to what is known: so replicas that know the same updates show the same, in whatever
 * order and however often they heard of them (Shapiro, Preguiça, Baquero, Zawirski, SSS 2011).
 *
 * States are values: nobody changes one. `pack` gives equal lists of 32-bit integers for equal
 * states, and is what travels and what is on the disk.
 */

import type { NodeId } from '../../process/process.ts';

/** What a user asks for. Elements, characters and values are the numbers of messages. */
export interface Operation {
  readonly kind: 'sets' | 'adds' | 'removes' | 'counts' | 'inserts' | 'deletes';
  /** 'sets' a value, 'adds' or 'removes' an element, 'counts' so many, 'deletes' a character. */
  readonly value: number;
  /** 'inserts' behind this character; `HEAD`: at the beginning. */
  readonly after?: number;
}

/** Before the first character. */
export const HEAD = -1;

/** Who makes an update, when, and knowing what. */
export interface Stamp {
  readonly origin: NodeId;
  /** The updates of this origin, from 1. */
  readonly count: number;
  /** Of the clock by which the last writer wins. */
  readonly l: number;
  readonly c: number;
  /** By origin, how many updates were known, this one included. */
  readonly seen: readonly number[];
}

export interface ReplicatedType<State> {
  readonly empty: State;
  update(state: State, operation: Operation, stamp: Stamp): State;
  merge(a: State, b: State): State;
  /** What a user sees, as integers: elements in order, characters in their places, a total. */
  shows(state: State): readonly number[];
  pack(state: State): readonly number[];
  /** Undefined when these are not the integers of a state. */
  unpack(numbers: readonly number[]): State | undefined;
}

/** `numbers` in rows of `width`; undefined when they do not come out even. */
export function rowsOf(
  numbers: readonly number[],
  width: number,
): readonly (readonly number[])[] | undefined {
  if (numbers.length % width !== 0) return undefined;
  return Array.from({ length: numbers.length / width }, (_, row) =>
    numbers.slice(row * width, (row + 1) * width),
  );
}

/** Entry by entry the larger one: what somebody knows who knows what both know. */
export function largerOf(a: readonly number[], b: readonly number[]): readonly number[] {
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, node) => Math.max(a[node] ?? 0, b[node] ?? 0));
}

/** Whether who knows `b` knows all of `a`. */
export function isWithin(a: readonly number[], b: readonly number[]): boolean {
  return a.every((count, node) => count <= (b[node] ?? 0));
}

/** Below 0 when the first number in which two rows differ is smaller in `a`. */
export function compareRows(a: readonly number[], b: readonly number[]): number {
  for (const [place, value] of a.entries()) {
    const difference = value - (b[place] ?? 0);
    if (difference !== 0) return difference;
  }
  return 0;
}
