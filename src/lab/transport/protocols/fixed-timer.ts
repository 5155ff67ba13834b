/**
 * A1, the sending side: stop-and-wait with a fixed timer. One message at a time; it is sent again
 * whenever the timer runs out, until its acknowledgement is there; then the next.
 *
 *     idle ── command ─► waiting ── its acknowledgement ─► the next, or idle
 *                        │     ▲
 *                        └timer┘ send again
 */

import type { Context, NodeId, Payload, Process, ProcessTimer } from '../../process/process.ts';
import type { SequenceSpace } from '../sequence-space.ts';
import { stopAndWaitFormat } from './acknowledge-each.ts';

export interface FixedTimerOptions {
  readonly peer: NodeId;
  readonly timerNs: number;
  readonly space: SequenceSpace;
}

export class FixedTimerSender implements Process {
  readonly #context: Context;
  readonly #options: FixedTimerOptions;
  readonly #unacknowledged = new Map<number, Payload>();
  /** The message that is on its way, when there is one. */
  #current = 0;
  #submitted = 0;
  #timer: ProcessTimer | undefined;

  constructor(context: Context, options: FixedTimerOptions) {
    this.#context = context;
    this.#options = options;
  }

  onCommand(payload: Payload): void {
    const isIdle = this.#current === this.#submitted;
    this.#unacknowledged.set(this.#submitted, payload);
    this.#submitted += 1;
    if (isIdle) this.#sendCurrent();
  }

  onDatagram(_from: NodeId, bytes: Uint8Array): void {
    const message = stopAndWaitFormat.read(bytes);
    if (message?.kind !== 'ack' || this.#current === this.#submitted) return;
    // What acknowledges an earlier message was long under way.
    if (this.#options.space.near(message.sequence, this.#current) !== this.#current) return;
    this.#timer?.cancel();
    this.#unacknowledged.delete(this.#current);
    this.#current += 1;
    if (this.#current < this.#submitted) this.#sendCurrent();
  }

  onTimer(): void {
    this.#sendCurrent();
  }

  describeState(): { sending: number; waiting: number } {
    return { sending: this.#current, waiting: this.#unacknowledged.size };
  }

  #sendCurrent(): void {
    const { peer, timerNs, space } = this.#options;
    const payload = this.#unacknowledged.get(this.#current);
    if (payload === undefined) return;
    const sequence = space.wrap(this.#current);
    const bytes = stopAndWaitFormat.write({ kind: 'data', sequence, payload });
    this.#context.send(peer, bytes, { tag: 'data', detail: this.#current });
    this.#timer = this.#context.setTimer(timerNs, 'send again', this.#current);
  }
}
