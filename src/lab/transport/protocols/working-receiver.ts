/**
 * A receiver whose application needs time for each message, and which may crash in the middle of
 * it. *Receive* is when the message comes, *deliver* when its effect is there, and only then is it
 * acknowledged: what the sender hears of, has happened.
 */

import type { Context, NodeId, Process } from '../../process/process.ts';
import type { Arrival, DeliveryLayer } from '../delivery-layer.ts';
import { stopAndWaitFormat } from './acknowledge-each.ts';

export interface WorkingReceiverOptions {
  readonly layer: DeliveryLayer;
  readonly workNs: number;
  /** A bug to be found: acknowledges what it has received, and works afterwards. */
  readonly acknowledgesFirst?: boolean;
}

export class WorkingReceiver implements Process {
  readonly #context: Context;
  readonly #options: WorkingReceiverOptions;
  readonly #inWork = new Map<number, Arrival>();

  constructor(context: Context, options: WorkingReceiverOptions) {
    this.#context = context;
    this.#options = options;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = stopAndWaitFormat.read(bytes);
    if (message?.kind !== 'data') return;
    const { sequence, payload } = message;
    if (this.#options.acknowledgesFirst === true) this.#acknowledge(sequence, from);
    if (this.#inWork.has(sequence)) return;
    this.#inWork.set(sequence, { sequence, payload, from });
    this.#context.setTimer(this.#options.workNs, 'work is done', sequence);
  }

  onTimer(_name: string, sequence: number): void {
    const arrival = this.#inWork.get(sequence);
    if (arrival === undefined) return;
    this.#inWork.delete(sequence);
    this.#options.layer(arrival);
    if (this.#options.acknowledgesFirst !== true) this.#acknowledge(sequence, arrival.from);
  }

  describeState(): { 'in work': number } {
    return { 'in work': this.#inWork.size };
  }

  #acknowledge(sequence: number, to: NodeId): void {
    const ack = stopAndWaitFormat.write({ kind: 'ack', sequence });
    this.#context.send(to, ack, { tag: 'ack', detail: sequence });
  }
}
