/** What a node has learnt to be decided; each decision is handed up once. */

import { makePayload } from '../../process/payload.ts';
import type { Context } from '../../process/process.ts';

export class Decisions {
  readonly #context: Context;
  readonly #values = new Map<number, number>();

  constructor(context: Context) {
    this.#context = context;
  }

  valueOf(decision: number): number | undefined {
    return this.#values.get(decision);
  }

  learn({ decision, value }: { readonly decision: number; readonly value: number }): void {
    if (this.#values.has(decision)) return;
    this.#values.set(decision, value);
    const { self } = this.#context;
    this.#context.deliver(makePayload(value), self, { tag: 'decide', detail: decision });
  }
}
