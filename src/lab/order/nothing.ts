/**
 * B0, no order: everybody sends to everybody, and delivers what comes. Each sender numbers what it
 * sends, so that its own messages keep their order (*FIFO broadcast*); between two senders nothing
 * is decided, and two receivers may decide differently.
 *
 *     sender ── data ──► each of the others
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';
import type { Context, NodeId, Payload, Process } from '../process/process.ts';
import { HoldBack } from './hold-back.ts';
import { about, multicast, others } from './multicast.ts';

const SHAPES = { data: { number: 'u32', payload: 'rest' } } as const;
const format: MessageFormat<MessageOf<typeof SHAPES>> = messageFormat(SHAPES);

export type NothingMutant = 'no-holdback';

export class Nothing implements Process {
  readonly #context: Context;
  readonly #mutant: NothingMutant | undefined;
  readonly #queues = new Map<NodeId, HoldBack<Payload>>();
  #sent = 0;

  constructor(context: Context, mutant?: NothingMutant) {
    this.#context = context;
    this.#mutant = mutant;
  }

  onCommand(payload: Payload): void {
    const { self, nodeCount } = this.#context;
    this.#sent += 1;
    const bytes = format.write({ kind: 'data', number: this.#sent, payload });
    const label = about('data', payload);
    multicast(this.#context, others(this.#context, nodeCount), { bytes, label });
    this.#context.deliver(payload, self);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message === undefined) return;
    if (this.#mutant === 'no-holdback') {
      this.#context.deliver(message.payload, from);
      return;
    }
    const queue = this.#queues.get(from) ?? new HoldBack<Payload>();
    this.#queues.set(from, queue);
    queue.put(message.number, message.payload);
    for (const payload of queue.ready()) this.#context.deliver(payload, from);
  }

  describeState(): Readonly<Record<string, number>> {
    let held = 0;
    for (const queue of this.#queues.values()) held += queue.size;
    return { sent: this.#sent, held };
  }
}
