/** A0, fire and forget: every message is sent once, and whatever arrives is delivered. */

import type { MessageFormat, MessageOf } from '../process/message-format.ts';
import { messageFormat } from '../process/message-format.ts';
import type { Context, NodeId, Payload, Process } from '../process/process.ts';

const SHAPES = { data: { sequence: 'u32', payload: 'rest' } } as const;
const format: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

/** Sends to `peer` what it is told to, and delivers what it gets. */
export class FireAndForget implements Process {
  readonly #context: Context;
  readonly #peer: NodeId;
  #next = 0;

  constructor(context: Context, peer: NodeId) {
    this.#context = context;
    this.#peer = peer;
  }

  onCommand(payload: Payload): void {
    const sequence = this.#next;
    this.#next += 1;
    const bytes = format.write({ kind: 'data', sequence, payload });
    this.#context.send(this.#peer, bytes, { tag: 'data', detail: sequence });
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message) this.#context.deliver(message.payload, from);
  }
}
