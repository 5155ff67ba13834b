/** The simplest state machine: hands every command up, with its place in the log. */

import type { Context, NodeId, Payload } from '../../process/process.ts';
import type { StateMachine } from './raft-options.ts';

export class Delivering implements StateMachine {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  apply(entry: { readonly origin: NodeId; readonly payload: Payload }, index: number): void {
    this.#context.deliver(entry.payload, entry.origin, { tag: 'apply', detail: index });
  }

  /** What was handed up is the application's; there is nothing else. */
  snapshot(): Uint8Array {
    return new Uint8Array(0);
  }

  restore(): void {}
}
