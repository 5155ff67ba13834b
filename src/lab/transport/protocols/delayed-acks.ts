/**
 * A6, cumulative and delayed acknowledgements, as TCP has them: one for every m messages, or for
 * what has waited D; at once when something is out of order (RFC 5681 §4.2). Three acknowledgements
 * that repeat the last one mean a loss, which is repaired without waiting for the timer (fast
 * retransmit, RFC 5681 §3.2), one hole after the other (RFC 6582 §3.2). No congestion control.
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import { NumberSet } from '../../process/number-set.ts';
import type { Context, NodeId, Payload, Process, ProcessTimer } from '../../process/process.ts';
import type { DeliveryLayer } from '../delivery-layer.ts';

const SHAPES = {
  data: { sequence: 'u32', payload: 'rest' },
  /** Everything before `next` has arrived. */
  ack: { next: 'u32' },
} as const;
const format: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

/** RFC 5681 §3.2: fewer may be mere reordering. */
const DUPLICATE_ACKS = 3;

export interface DelayedAckSenderOptions {
  readonly peer: NodeId;
  readonly window: number;
  readonly timerNs: number;
}

export class DelayedAckSender implements Process {
  readonly #context: Context;
  readonly #options: DelayedAckSenderOptions;
  readonly #unacknowledged = new Map<number, Payload>();
  #base = 0;
  #next = 0;
  #submitted = 0;
  /** How often the last acknowledgement was repeated. */
  #repeats = 0;
  /** While `base` is below, holes of one loss are being repaired. */
  #recoverTo = 0;
  #timer: ProcessTimer | undefined;

  constructor(context: Context, options: DelayedAckSenderOptions) {
    this.#context = context;
    this.#options = options;
  }

  onCommand(payload: Payload): void {
    this.#unacknowledged.set(this.#submitted, payload);
    this.#submitted += 1;
    this.#sendWindow();
  }

  onDatagram(_from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind !== 'ack' || message.next > this.#next) return;
    if (message.next > this.#base) this.#advance(message.next);
    else if (message.next === this.#base && this.#base < this.#next) this.#repeat();
  }

  onTimer(): void {
    this.#recoverTo = this.#next;
    this.#send(this.#base);
    this.#restartTimer();
  }

  describeState(): { base: number; next: number; repeats: number } {
    return { base: this.#base, next: this.#next, repeats: this.#repeats };
  }

  #advance(next: number): void {
    for (; this.#base < next; this.#base += 1) this.#unacknowledged.delete(this.#base);
    this.#repeats = 0;
    // Not all of what was under way at the loss: the next hole is where this ends.
    if (this.#base < this.#recoverTo) this.#send(this.#base);
    this.#restartTimer();
    this.#sendWindow();
  }

  #repeat(): void {
    this.#repeats += 1;
    if (this.#repeats !== DUPLICATE_ACKS || this.#base < this.#recoverTo) return;
    this.#recoverTo = this.#next;
    this.#send(this.#base);
    this.#restartTimer();
  }

  #sendWindow(): void {
    const isIdle = this.#base === this.#next;
    const end = Math.min(this.#base + this.#options.window, this.#submitted);
    for (; this.#next < end; this.#next += 1) this.#send(this.#next);
    if (isIdle) this.#restartTimer();
  }

  #send(sequence: number): void {
    const payload = this.#unacknowledged.get(sequence);
    if (payload === undefined) return;
    const bytes = format.write({ kind: 'data', sequence, payload });
    this.#context.send(this.#options.peer, bytes, { tag: 'data', detail: sequence });
  }

  #restartTimer(): void {
    this.#timer?.cancel();
    if (this.#base === this.#next) return;
    this.#timer = this.#context.setTimer(this.#options.timerNs, 'send again', this.#base);
  }
}

export interface DelayedAckReceiverOptions {
  readonly layer: DeliveryLayer;
  /** An acknowledgement at least for so many messages, m, … */
  readonly every: number;
  /** … and for what has waited so long, D. */
  readonly delayNs: number;
  /** What an acknowledgement says to have arrived without a gap. */
  readonly nextOf?: (arrived: NumberSet) => number;
}

export class DelayedAckReceiver implements Process {
  readonly #context: Context;
  readonly #options: DelayedAckReceiverOptions;
  readonly #arrived = new NumberSet();
  #unacknowledged = 0;
  #timer: ProcessTimer | undefined;

  constructor(context: Context, options: DelayedAckReceiverOptions) {
    this.#context = context;
    this.#options = options;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind !== 'data') return;
    const { sequence, payload } = message;
    const { layer, every, delayNs } = this.#options;
    const isNext = sequence === this.#arrived.floor;
    const hadGap = this.#arrived.size > this.#arrived.floor;
    this.#arrived.add(sequence);
    layer({ sequence, payload, from });
    this.#unacknowledged += 1;
    if (!isNext || hadGap || this.#unacknowledged >= every) this.#acknowledge(from);
    else if (this.#unacknowledged === 1) {
      this.#timer = this.#context.setTimer(delayNs, 'acknowledge', from);
    }
  }

  onTimer(_name: string, from: NodeId): void {
    this.#acknowledge(from);
  }

  describeState(): { next: number; unacknowledged: number } {
    return { next: this.#arrived.floor, unacknowledged: this.#unacknowledged };
  }

  #acknowledge(to: NodeId): void {
    const { nextOf = ({ floor }) => floor } = this.#options;
    this.#timer?.cancel();
    this.#unacknowledged = 0;
    const next = nextOf(this.#arrived);
    this.#context.send(to, format.write({ kind: 'ack', next }), { tag: 'ack', detail: next });
  }
}
