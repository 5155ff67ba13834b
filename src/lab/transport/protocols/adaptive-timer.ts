/**
 * A2, the sending side: stop-and-wait as A1, but the timer is learnt from the answers (RFC 6298).
 * Each time it runs out it doubles, and what was sent twice teaches nothing (Karn's rule).
 */

import type { Context, NodeId, Payload, Process, ProcessTimer } from '../../process/process.ts';
import type { SequenceSpace } from '../sequence-space.ts';
import { stopAndWaitFormat } from './acknowledge-each.ts';
import { RoundTrip, type RoundTripOptions } from './round-trip.ts';

export interface AdaptiveTimerOptions extends RoundTripOptions {
  readonly peer: NodeId;
  readonly space: SequenceSpace;
  /** A bug to be found: an answer to a copy is a sample too, counted from the last copy. */
  readonly forgetsKarn?: boolean;
}

export class AdaptiveTimerSender implements Process {
  readonly #context: Context;
  readonly #options: AdaptiveTimerOptions;
  readonly #roundTrip: RoundTrip;
  readonly #unacknowledged = new Map<number, Payload>();
  /** The message that is on its way, when there is one. */
  #current = 0;
  #submitted = 0;
  #copies = 0;
  #sentAtNs = 0;
  #timer: ProcessTimer | undefined;

  constructor(context: Context, options: AdaptiveTimerOptions) {
    this.#context = context;
    this.#options = options;
    this.#roundTrip = new RoundTrip(options);
  }

  onCommand(payload: Payload): void {
    const isIdle = this.#current === this.#submitted;
    this.#unacknowledged.set(this.#submitted, payload);
    this.#submitted += 1;
    if (isIdle) this.#sendCurrent();
  }

  onDatagram(_from: NodeId, bytes: Uint8Array): void {
    const { space, forgetsKarn = false } = this.#options;
    const message = stopAndWaitFormat.read(bytes);
    if (message?.kind !== 'ack' || this.#current === this.#submitted) return;
    if (space.near(message.sequence, this.#current) !== this.#current) return;
    if (this.#copies === 1 || forgetsKarn) {
      this.#roundTrip.sample(this.#context.monotonicNs() - this.#sentAtNs);
    }
    this.#timer?.cancel();
    this.#unacknowledged.delete(this.#current);
    this.#current += 1;
    this.#copies = 0;
    if (this.#current < this.#submitted) this.#sendCurrent();
  }

  onTimer(): void {
    this.#roundTrip.backOff();
    this.#sendCurrent();
  }

  describeState(): { sending: number; waiting: number; 'rto ms': number } {
    const rto = this.#roundTrip.rtoNs / 1e6;
    return { sending: this.#current, waiting: this.#unacknowledged.size, 'rto ms': rto };
  }

  #sendCurrent(): void {
    const { peer, space } = this.#options;
    const payload = this.#unacknowledged.get(this.#current);
    if (payload === undefined) return;
    const sequence = space.wrap(this.#current);
    const bytes = stopAndWaitFormat.write({ kind: 'data', sequence, payload });
    this.#context.send(peer, bytes, { tag: 'data', detail: this.#current });
    this.#copies += 1;
    this.#sentAtNs = this.#context.monotonicNs();
    this.#timer = this.#context.setTimer(this.#roundTrip.rtoNs, 'send again', this.#current);
  }
}
