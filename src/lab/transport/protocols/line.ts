/**
 * The sender's end of a line on which a message takes time: one at a time, the next when the one
 * before has left. With no such time the line is always free.
 */

import type { Context } from '../../process/process.ts';

/** The timer by which a waiting sender is told that the line is free again. */
export const LINE_TIMER = 'line is free';

export class Line {
  readonly #context: Context;
  readonly #frameNs: number;
  #freeAtNs = 0;
  #isAwaited = false;

  constructor(context: Context, frameNs: number) {
    this.#context = context;
    this.#frameNs = frameNs;
  }

  /** Whether a message may leave now. If not, `LINE_TIMER` runs out when one may. */
  isFree(): boolean {
    if (this.#frameNs === 0) return true;
    const waitNs = this.#freeAtNs - this.#context.monotonicNs();
    if (waitNs <= 0) return true;
    if (!this.#isAwaited) this.#context.setTimer(waitNs, LINE_TIMER);
    this.#isAwaited = true;
    return false;
  }

  /** A message leaves. */
  take(): void {
    this.#freeAtNs = this.#context.monotonicNs() + this.#frameNs;
  }

  /** `LINE_TIMER` has run out. */
  released(): void {
    this.#isAwaited = false;
  }
}
