/**
 * Two generals who attack together or not at all, and have only messengers who may be caught. The
 * plan goes over, its confirmation comes back, the confirmation of that goes over, and so on, `n`
 * messengers in all. A general attacks when every messenger that he expects has come.
 *
 *     general 1 ──1──► general 2 ──2──► general 1 ──3──► …  ──n──►  no answer to this one
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import type { Context, NodeId, Payload, Process } from '../../process/process.ts';

const SHAPES = { messenger: { number: 'u32', plan: 'rest' } } as const;
const format: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

export class General implements Process {
  readonly #context: Context;
  readonly #messengers: number;

  constructor(context: Context, messengers: number) {
    this.#context = context;
    this.#messengers = messengers;
  }

  onCommand(plan: Payload): void {
    this.#follow(0, plan, 1 - this.#context.self);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message) this.#follow(message.number, message.plan, from);
  }

  /** Messenger `number` has come, or the plan was made: 0. */
  #follow(number: number, plan: Payload, other: NodeId): void {
    // The next but one would be the next to come here: without it, there is nothing to wait for.
    if (number + 2 > this.#messengers) this.#context.deliver(plan, other);
    if (number === this.#messengers) return;
    const messenger = format.write({ kind: 'messenger', number: number + 1, plan });
    this.#context.send(other, messenger, { tag: 'messenger', detail: number + 1 });
  }
}
