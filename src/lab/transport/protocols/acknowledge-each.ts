/**
 * The receiving side of stop-and-wait: every copy of every message is acknowledged, and handed to
 * the delivery layer, which knows copies from messages. And the messages of both sides.
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import type { Context, NodeId, Process } from '../../process/process.ts';
import type { DeliveryLayer } from '../delivery-layer.ts';
import type { SequenceSpace } from '../sequence-space.ts';

const SHAPES = {
  data: { sequence: 'u32', payload: 'rest' },
  ack: { sequence: 'u32' },
} as const;

/** A message and its acknowledgement carry the same number. */
export const stopAndWaitFormat: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

export class AcknowledgeEach implements Process {
  readonly #context: Context;
  readonly #layer: DeliveryLayer;
  readonly #space: SequenceSpace;
  /** The message that has not been seen yet. */
  #next = 0;

  constructor(context: Context, layer: DeliveryLayer, space: SequenceSpace) {
    this.#context = context;
    this.#layer = layer;
    this.#space = space;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = stopAndWaitFormat.read(bytes);
    if (message?.kind !== 'data') return;
    const sequence = this.#space.near(message.sequence, this.#next);
    this.#next = Math.max(this.#next, sequence + 1);
    this.#layer({ sequence, payload: message.payload, from });
    const ack = stopAndWaitFormat.write({ kind: 'ack', sequence: message.sequence });
    this.#context.send(from, ack, { tag: 'ack', detail: sequence });
  }

  describeState(): { next: number } {
    return { next: this.#next };
  }
}
