/**
 * A5, negative acknowledgements only: silence means that all is well. The receiver sees a number
 * missing and asks for it, again and again until it comes; the sender keeps everything, for it
 * never learns what arrived.
 *
 * Of the last message no later number tells that it is missing. A heartbeat does: it says how many
 * messages there are, and goes on for ever, twice as rarely each time until it is rare.
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import { NumberSet } from '../../process/number-set.ts';
import type { Context, NodeId, Payload, Process, ProcessTimer } from '../../process/process.ts';
import type { DeliveryLayer } from '../delivery-layer.ts';

const SHAPES = {
  data: { sequence: 'u32', payload: 'rest' },
  heartbeat: { count: 'u32' },
  nack: { sequence: 'u32' },
} as const;
const format: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

/** The rarest heartbeat is so many times slower than the first. */
const SLOWEST_HEARTBEAT = 16;

export interface NegativeAckOptions {
  readonly peer: NodeId;
  /** From the last message to the first heartbeat; 0: none. */
  readonly heartbeatNs: number;
}

export class NegativeAckSender implements Process {
  readonly #context: Context;
  readonly #options: NegativeAckOptions;
  readonly #sent: Payload[] = [];
  #heartbeatNs = 0;
  #timer: ProcessTimer | undefined;

  constructor(context: Context, options: NegativeAckOptions) {
    this.#context = context;
    this.#options = options;
  }

  onCommand(payload: Payload): void {
    this.#sent.push(payload);
    this.#send(this.#sent.length - 1);
    this.#heartbeatNs = this.#options.heartbeatNs;
    this.#awaitHeartbeat();
  }

  onDatagram(_from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind === 'nack') this.#send(message.sequence);
  }

  onTimer(): void {
    const count = this.#sent.length;
    const bytes = format.write({ kind: 'heartbeat', count });
    this.#context.send(this.#options.peer, bytes, { tag: 'heartbeat', detail: count });
    const slowestNs = SLOWEST_HEARTBEAT * this.#options.heartbeatNs;
    this.#heartbeatNs = Math.min(2 * this.#heartbeatNs, slowestNs);
    this.#awaitHeartbeat();
  }

  describeState(): { kept: number } {
    return { kept: this.#sent.length };
  }

  #send(sequence: number): void {
    const payload = this.#sent[sequence];
    if (payload === undefined) return;
    const bytes = format.write({ kind: 'data', sequence, payload });
    this.#context.send(this.#options.peer, bytes, { tag: 'data', detail: sequence });
  }

  #awaitHeartbeat(): void {
    this.#timer?.cancel();
    if (this.#heartbeatNs === 0) return;
    this.#timer = this.#context.setTimer(this.#heartbeatNs, 'heartbeat');
  }
}

export class NegativeAckReceiver implements Process {
  readonly #context: Context;
  readonly #layer: DeliveryLayer;
  readonly #retryNs: number;
  readonly #arrived = new NumberSet();
  readonly #asked = new Map<number, ProcessTimer>();
  /** So many messages there are, as far as is known. */
  #known = 0;
  #sender: NodeId = -1;

  /** What is missing is asked for again every `retryNs`. */
  constructor(context: Context, layer: DeliveryLayer, retryNs: number) {
    this.#context = context;
    this.#layer = layer;
    this.#retryNs = retryNs;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    this.#sender = from;
    if (message?.kind === 'data') {
      const { sequence, payload } = message;
      this.#arrived.add(sequence);
      this.#asked.get(sequence)?.cancel();
      this.#asked.delete(sequence);
      this.#askUpTo(sequence);
      this.#known = Math.max(this.#known, sequence + 1);
      this.#layer({ sequence, payload, from });
    } else if (message?.kind === 'heartbeat') this.#askUpTo(message.count);
  }

  onTimer(_name: string, sequence: number): void {
    this.#ask(sequence);
  }

  describeState(): { next: number; asked: number } {
    return { next: this.#arrived.floor, asked: this.#asked.size };
  }

  /** Asks for what is missing before `end` and was not known to exist. */
  #askUpTo(end: number): void {
    for (; this.#known < end; this.#known += 1) this.#ask(this.#known);
  }

  #ask(sequence: number): void {
    const bytes = format.write({ kind: 'nack', sequence });
    this.#context.send(this.#sender, bytes, { tag: 'nack', detail: sequence });
    this.#asked.set(sequence, this.#context.setTimer(this.#retryNs, 'ask again', sequence));
  }
}
