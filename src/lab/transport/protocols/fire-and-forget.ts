/** A0, fire and forget: every message is sent once, and the delivery layer gets what arrives. */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import type { Context, NodeId, Payload, Process } from '../../process/process.ts';
import type { DeliveryLayer } from '../delivery-layer.ts';

const SHAPES = { data: { sequence: 'u32', payload: 'rest' } } as const;
const format: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

export class FireAndForgetSender implements Process {
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
}

export class FireAndForgetReceiver implements Process {
  readonly #layer: DeliveryLayer;

  constructor(layer: DeliveryLayer) {
    this.#layer = layer;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message) this.#layer({ sequence: message.sequence, payload: message.payload, from });
  }
}
