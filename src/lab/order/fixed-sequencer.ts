/**
 * B3 and B4, a fixed sequencer: one node gives every message its number, and all deliver in the
 * order of the numbers. In B3 that node is a hub, which does nothing else; in B4 it is one of the
 * members. (Défago, Schiper, Urbán 2004: *fixed sequencer, UB*, unicast then broadcast.)
 *
 *     sender ── request ──► sequencer ── order(number, message) ──► each of the members
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';
import type { Context, NodeId, Payload, Process } from '../process/process.ts';
import { HoldBack } from './hold-back.ts';
import { about, multicast, others } from './multicast.ts';

const SHAPES = {
  request: { payload: 'rest' },
  order: { number: 'u32', origin: 'u16', payload: 'rest' },
} as const;
type Message = MessageOf<typeof SHAPES>;
type Order = Message & { readonly kind: 'order' };
const format: MessageFormat<Message> = messageFormat(SHAPES);

export type SequencerMutant = 'no-holdback' | 'skip-number-on-timeout';

export interface SequencerOptions {
  /** Nodes 0 to `members` − 1 send and deliver. */
  readonly members: number;
  /** Below `members`: one of them; `members` itself: a hub. */
  readonly sequencer: NodeId;
  readonly mutant?: SequencerMutant | undefined;
  /** Of the mutant that has no patience. */
  readonly patienceNs: number;
}

export class FixedSequencer implements Process {
  readonly #context: Context;
  readonly #options: SequencerOptions;
  readonly #holdBack = new HoldBack<Order>();
  /** The last number given, on the sequencer. */
  #numbered = 0;

  constructor(context: Context, options: SequencerOptions) {
    this.#context = context;
    this.#options = options;
  }

  onCommand(payload: Payload): void {
    const { sequencer } = this.#options;
    if (this.#context.self === sequencer) this.#number(sequencer, payload);
    else {
      const bytes = format.write({ kind: 'request', payload });
      this.#context.send(sequencer, bytes, about('request', payload));
    }
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind === 'request') this.#number(from, message.payload);
    if (message?.kind === 'order') this.#take(message);
  }

  onTimer(_name: string, number: number): void {
    if (this.#holdBack.next === number) this.#holdBack.skip();
    this.#deliverReady();
  }

  describeState(): Readonly<Record<string, number>> {
    return { numbered: this.#numbered, next: this.#holdBack.next, held: this.#holdBack.size };
  }

  #number(origin: NodeId, payload: Payload): void {
    const { members, sequencer } = this.#options;
    this.#numbered += 1;
    const order: Order = { kind: 'order', number: this.#numbered, origin, payload };
    const bytes = format.write(order);
    const label = about('order', payload);
    multicast(this.#context, others(this.#context, members), { bytes, label });
    if (sequencer < members) this.#take(order);
  }

  #take(order: Order): void {
    const { mutant, patienceNs } = this.#options;
    if (mutant === 'no-holdback') {
      this.#context.deliver(order.payload, order.origin);
      return;
    }
    this.#holdBack.put(order.number, order);
    this.#deliverReady();
    if (mutant === 'skip-number-on-timeout' && this.#holdBack.size > 0) {
      this.#context.setTimer(patienceNs, 'skip', this.#holdBack.next);
    }
  }

  #deliverReady(): void {
    for (const { origin, payload } of this.#holdBack.ready()) {
      this.#context.deliver(payload, origin);
    }
  }
}
