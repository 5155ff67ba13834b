/**
 * A node with a clock and nothing to do: it says what its clock shows whenever it is asked. The
 * harness asks at true times, so that what a clock is wrong by is known to the nanosecond.
 */

import type { Command } from '../experiment/experiment.ts';
import { makePayload } from '../process/payload.ts';
import type { Context, NodeId, Process } from '../process/process.ts';

/** The remark that says what a wall clock shows. */
export const WALL = 'wall';

/** How a program makes a time of what its clock shows. */
export type Reading = (wallNs: number) => number;

export class Watch implements Process {
  readonly #context: Context;
  readonly #read: Reading;

  constructor(context: Context, read: Reading = (wallNs) => wallNs) {
    this.#context = context;
    this.#read = read;
  }

  onCommand(): void {
    this.#context.note(WALL, this.#read(this.#context.wallNs()));
  }
}

/** Asks every node at each of the times. */
export function* looks(timesNs: Iterable<number>, nodes: readonly NodeId[]): Generator<Command> {
  let number = 0;
  for (const atNs of timesNs) {
    for (const node of nodes) {
      yield { atNs, node, payload: makePayload(number) };
      number += 1;
    }
  }
}

/** 0, step, 2 step … up to the end. */
export function* every(stepNs: number, untilNs: number): Generator<number> {
  for (let atNs = 0; atNs <= untilNs; atNs += stepNs) yield atNs;
}
