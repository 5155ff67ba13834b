/**
 * A4, selective repeat: up to W messages are under way, each with a timer of its own, and only what
 * is lost is sent again. The receiver keeps what comes early; each acknowledgement lists all that
 * has arrived, so that the next one makes up for one that was lost.
 *
 *     receiver   0 1 2 3 . 5 6 . 8      ack { next: 4, ranges: [5,7) [8,9) }
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import { NumberSet } from '../../process/number-set.ts';
import type { Context, NodeId, Payload, Process, ProcessTimer } from '../../process/process.ts';
import type { DeliveryLayer } from '../delivery-layer.ts';
import type { SequenceSpace } from '../sequence-space.ts';
import { Line, LINE_TIMER } from './line.ts';
import { pairsOf, rangesOf } from './ranges.ts';

const SHAPES = {
  data: { sequence: 'u32', payload: 'rest' },
  /** Everything before `next` has arrived, and the ranges after it. */
  ack: { next: 'u32', ranges: 'list' },
} as const;
const format: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

export interface SelectiveRepeatOptions {
  readonly peer: NodeId;
  readonly window: number;
  readonly timerNs: number;
  readonly frameNs: number;
  readonly space: SequenceSpace;
}

interface Outgoing {
  readonly payload: Payload;
  timer?: ProcessTimer;
}

export class SelectiveRepeatSender implements Process {
  readonly #context: Context;
  readonly #options: SelectiveRepeatOptions;
  readonly #line: Line;
  readonly #unacknowledged = new Map<number, Outgoing>();
  /** Whose timers ran out, in that order. */
  readonly #due = new Set<number>();
  #base = 0;
  #next = 0;
  #submitted = 0;

  constructor(context: Context, options: SelectiveRepeatOptions) {
    this.#context = context;
    this.#options = options;
    this.#line = new Line(context, options.frameNs);
  }

  onCommand(payload: Payload): void {
    this.#unacknowledged.set(this.#submitted, { payload });
    this.#submitted += 1;
    this.#sendWindow();
  }

  onDatagram(_from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind !== 'ack') return;
    const { space } = this.#options;
    const base = this.#base;
    this.#acknowledge(base, space.from(message.next, base));
    for (const [first, end] of pairsOf(message.ranges)) {
      this.#acknowledge(space.from(first, base), space.from(end, base));
    }
    while (this.#base < this.#next && !this.#unacknowledged.has(this.#base)) this.#base += 1;
    this.#sendWindow();
  }

  onTimer(name: string, number: number): void {
    if (name === LINE_TIMER) this.#line.released();
    else this.#due.add(number);
    this.#sendWindow();
  }

  describeState(): { base: number; next: number; unacknowledged: number } {
    const { size } = this.#unacknowledged;
    return { base: this.#base, next: this.#next, unacknowledged: size };
  }

  /** A range that ends beyond what was sent is old news of another time round the numbers. */
  #acknowledge(first: number, end: number): void {
    if (end > this.#next) return;
    for (let number = first; number < end; number += 1) {
      this.#unacknowledged.get(number)?.timer?.cancel();
      this.#unacknowledged.delete(number);
      this.#due.delete(number);
    }
  }

  #sendWindow(): void {
    for (const number of this.#due) {
      if (!this.#line.isFree()) return;
      this.#due.delete(number);
      this.#send(number);
    }
    const end = Math.min(this.#base + this.#options.window, this.#submitted);
    while (this.#next < end && this.#line.isFree()) {
      this.#send(this.#next);
      this.#next += 1;
    }
  }

  #send(number: number): void {
    const { peer, space, timerNs } = this.#options;
    const outgoing = this.#unacknowledged.get(number);
    if (outgoing === undefined) return;
    const { payload } = outgoing;
    const bytes = format.write({ kind: 'data', sequence: space.wrap(number), payload });
    this.#context.send(peer, bytes, { tag: 'data', detail: number });
    this.#line.take();
    outgoing.timer = this.#context.setTimer(timerNs, 'send again', number);
  }
}

export class SelectiveRepeatReceiver implements Process {
  readonly #context: Context;
  readonly #layer: DeliveryLayer;
  readonly #space: SequenceSpace;
  readonly #arrived = new NumberSet();

  constructor(context: Context, layer: DeliveryLayer, space: SequenceSpace) {
    this.#context = context;
    this.#layer = layer;
    this.#space = space;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind !== 'data') return;
    const space = this.#space;
    const sequence = space.near(message.sequence, this.#arrived.floor);
    if (sequence < 0) return;
    this.#arrived.add(sequence);
    this.#layer({ sequence, payload: message.payload, from });
    const next = space.wrap(this.#arrived.floor);
    const ranges = rangesOf(this.#arrived.above()).map((number) => space.wrap(number));
    const ack = format.write({ kind: 'ack', next, ranges });
    this.#context.send(from, ack, { tag: 'ack', detail: sequence });
  }

  describeState(): { next: number; early: number } {
    const { floor, size } = this.#arrived;
    return { next: floor, early: size - floor };
  }
}
