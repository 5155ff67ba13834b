/**
 * A7, batching: messages wait a little for others, and go together in one datagram of the protocol
 * below. A batch leaves when it is full, in messages or octets, or when its first has waited long
 * enough.
 *
 *     batch   number of its first message (32 bits) │ length (16 bits), message │ length, message …
 */

import type { Context, NodeId, Payload, Process, ProcessTimer } from '../../process/process.ts';
import type { DeliveryLayer } from '../delivery-layer.ts';

const FIRST_OCTETS = 4;
const LENGTH_OCTETS = 2;
/** What crosses the internet in one piece: 1280 (RFC 8200 §5) less headers, and some. */
export const MAX_BATCH_OCTETS = 1200;
const FLUSH_TIMER = 'batch waited';

export interface BatchingOptions {
  /** Messages of a full batch. */
  readonly most: number;
  readonly delayNs: number;
}

/** Octets of a batch of `messages` of `octets` each. */
export function batchOctets(messages: number, octets: number): number {
  return FIRST_OCTETS + messages * (LENGTH_OCTETS + octets);
}

/** `below` sends batches as if they were messages. */
export class BatchingSender implements Process {
  readonly #context: Context;
  readonly #options: BatchingOptions;
  readonly #below: Process;
  #batch: Payload[] = [];
  #octets = 0;
  #flushed = 0;
  #timer: ProcessTimer | undefined;

  constructor(context: Context, options: BatchingOptions, below: Process) {
    this.#context = context;
    this.#options = options;
    this.#below = below;
  }

  onCommand(payload: Payload): void {
    const { most, delayNs } = this.#options;
    const octets = LENGTH_OCTETS + payload.length;
    if (FIRST_OCTETS + this.#octets + octets > MAX_BATCH_OCTETS) this.#flush();
    this.#batch.push(payload);
    this.#octets += octets;
    if (this.#batch.length >= most) this.#flush();
    else if (this.#batch.length === 1) {
      this.#timer = this.#context.setTimer(delayNs, FLUSH_TIMER);
    }
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    this.#below.onDatagram?.(from, bytes);
  }

  onTimer(name: string, detail: number): void {
    if (name === FLUSH_TIMER) this.#flush();
    else this.#below.onTimer?.(name, detail);
  }

  describeState(): Readonly<Record<string, string | number | boolean>> {
    return { batched: this.#batch.length, ...this.#below.describeState?.() };
  }

  #flush(): void {
    this.#timer?.cancel();
    if (this.#batch.length === 0) return;
    const batch = pack(this.#flushed, this.#batch);
    this.#flushed += this.#batch.length;
    this.#batch = [];
    this.#octets = 0;
    this.#below.onCommand?.(batch);
  }
}

/** Takes batches where `layer` takes messages. */
export function unpacking(layer: DeliveryLayer): DeliveryLayer {
  return ({ payload, from }) => {
    const view = new DataView(payload.buffer, payload.byteOffset, payload.length);
    if (payload.length < FIRST_OCTETS) return;
    let sequence = view.getUint32(0);
    for (let place = FIRST_OCTETS; place + LENGTH_OCTETS <= payload.length; sequence += 1) {
      const start = place + LENGTH_OCTETS;
      place = start + view.getUint16(place);
      layer({ sequence, payload: payload.subarray(start, place), from });
    }
  };
}

function pack(first: number, messages: readonly Payload[]): Payload {
  const octets = messages.reduce((sum, { length }) => sum + LENGTH_OCTETS + length, FIRST_OCTETS);
  const batch = new Uint8Array(octets);
  const view = new DataView(batch.buffer);
  view.setUint32(0, first);
  let place = FIRST_OCTETS;
  for (const message of messages) {
    view.setUint16(place, message.length);
    batch.set(message, place + LENGTH_OCTETS);
    place += LENGTH_OCTETS + message.length;
  }
  return batch;
}
