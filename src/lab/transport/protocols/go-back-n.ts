/**
 * A3, go-back-N: up to W messages are under way at a time. The receiver takes only the next one and
 * says which that is (a cumulative acknowledgement); when the timer of the oldest runs out, the
 * sender goes back to it and sends everything from there again.
 *
 *     … acknowledged │ base … under way … next │ may be sent, up to base + W │ must wait …
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import type { Context, NodeId, Payload, Process, ProcessTimer } from '../../process/process.ts';
import type { DeliveryLayer } from '../delivery-layer.ts';
import type { SequenceSpace } from '../sequence-space.ts';
import { Line, LINE_TIMER } from './line.ts';

const SHAPES = {
  data: { sequence: 'u32', payload: 'rest' },
  /** Everything before `next` has arrived. */
  ack: { next: 'u32' },
} as const;
const format: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

export interface GoBackNOptions {
  readonly peer: NodeId;
  readonly window: number;
  readonly timerNs: number;
  readonly frameNs: number;
  readonly space: SequenceSpace;
}

export class GoBackNSender implements Process {
  readonly #context: Context;
  readonly #options: GoBackNOptions;
  readonly #line: Line;
  readonly #unacknowledged = new Map<number, Payload>();
  readonly #sentAtNs = new Map<number, number>();
  #base = 0;
  #next = 0;
  #submitted = 0;
  /** Everything below was sent at least once. */
  #reached = 0;
  #timer: ProcessTimer | undefined;

  constructor(context: Context, options: GoBackNOptions) {
    this.#context = context;
    this.#options = options;
    this.#line = new Line(context, options.frameNs);
  }

  onCommand(payload: Payload): void {
    this.#unacknowledged.set(this.#submitted, payload);
    this.#submitted += 1;
    this.#sendWindow();
  }

  onDatagram(_from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind !== 'ack') return;
    const next = this.#options.space.from(message.next, this.#base);
    // Old news, or of what was never sent.
    if (next <= this.#base || next > this.#reached) return;
    for (let sequence = this.#base; sequence < next; sequence += 1) {
      this.#unacknowledged.delete(sequence);
      this.#sentAtNs.delete(sequence);
    }
    this.#base = next;
    this.#next = Math.max(this.#next, next);
    this.#restartTimer();
    this.#sendWindow();
  }

  onTimer(name: string): void {
    if (name === LINE_TIMER) this.#line.released();
    else this.#next = this.#base;
    this.#sendWindow();
  }

  describeState(): { base: number; next: number; submitted: number } {
    return { base: this.#base, next: this.#next, submitted: this.#submitted };
  }

  #sendWindow(): void {
    const end = Math.min(this.#base + this.#options.window, this.#submitted);
    while (this.#next < end && this.#line.isFree()) {
      this.#send(this.#next);
      this.#next += 1;
      this.#reached = Math.max(this.#reached, this.#next);
    }
  }

  #send(number: number): void {
    const { peer, space } = this.#options;
    const payload = this.#unacknowledged.get(number);
    if (payload === undefined) return;
    const bytes = format.write({ kind: 'data', sequence: space.wrap(number), payload });
    this.#context.send(peer, bytes, { tag: 'data', detail: number });
    this.#line.take();
    this.#sentAtNs.set(number, this.#context.monotonicNs());
    if (number === this.#base) this.#restartTimer();
  }

  /** One timer, always that of the oldest message under way, from when that was sent last. */
  #restartTimer(): void {
    this.#timer?.cancel();
    this.#timer = undefined;
    const sentAtNs = this.#sentAtNs.get(this.#base);
    if (sentAtNs === undefined) return;
    const elapsedNs = this.#context.monotonicNs() - sentAtNs;
    const delayNs = Math.max(0, this.#options.timerNs - elapsedNs);
    this.#timer = this.#context.setTimer(delayNs, 'go back', this.#base);
  }
}

export class GoBackNReceiver implements Process {
  readonly #context: Context;
  readonly #layer: DeliveryLayer;
  readonly #space: SequenceSpace;
  #expected = 0;

  constructor(context: Context, layer: DeliveryLayer, space: SequenceSpace) {
    this.#context = context;
    this.#layer = layer;
    this.#space = space;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind !== 'data') return;
    if (this.#space.from(message.sequence, this.#expected) === this.#expected) {
      this.#layer({ sequence: this.#expected, payload: message.payload, from });
      this.#expected += 1;
    }
    const ack = format.write({ kind: 'ack', next: this.#space.wrap(this.#expected) });
    this.#context.send(from, ack, { tag: 'ack', detail: this.#expected });
  }

  describeState(): { expected: number } {
    return { expected: this.#expected };
  }
}
