/**
 * B7, broadcast and order (Défago, Schiper, Urbán 2004: *fixed sequencer, BB*): a sender sends its
 * message to everybody itself, and the sequencer, node 0, sends only which message has which
 * number. Twice as many messages, but the large ones travel once.
 *
 *     sender ── data ──► each of the others
 *     node 0 ── order(number, which) ──► each of the others
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';
import type { Context, NodeId, Payload, Process } from '../process/process.ts';
import { about, multicast, others } from './multicast.ts';

const SHAPES = {
  /** `count` numbers the messages of one sender. */
  data: { count: 'u32', payload: 'rest' },
  order: { number: 'u32', origin: 'u16', count: 'u32' },
} as const;
type Message = MessageOf<typeof SHAPES>;
const format: MessageFormat<Message> = messageFormat(SHAPES);

export type BroadcastAndOrderMutant = 'no-holdback';

const SEQUENCER = 0;

interface Data {
  readonly origin: NodeId;
  readonly count: number;
  readonly payload: Payload;
}

export class BroadcastAndOrder implements Process {
  readonly #context: Context;
  readonly #mutant: BroadcastAndOrderMutant | undefined;
  /** By origin and count. */
  readonly #messages = new Map<string, Data>();
  /** By number, the name of the message. */
  readonly #order = new Map<number, string>();
  #sent = 0;
  #numbered = 0;
  #next = 1;

  constructor(context: Context, mutant?: BroadcastAndOrderMutant) {
    this.#context = context;
    this.#mutant = mutant;
  }

  onCommand(payload: Payload): void {
    this.#sent += 1;
    const count = this.#sent;
    this.#tellOthers({ kind: 'data', count, payload }, payload);
    this.#takeData({ origin: this.#context.self, count, payload });
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind === 'data') this.#takeData({ ...message, origin: from });
    if (message?.kind === 'order') {
      this.#takeOrder(message.number, nameOf(message));
    }
  }

  describeState(): Readonly<Record<string, number>> {
    return { numbered: this.#numbered, next: this.#next, held: this.#messages.size };
  }

  #takeData(data: Data): void {
    this.#messages.set(nameOf(data), data);
    if (this.#context.self === SEQUENCER) {
      this.#numbered += 1;
      const { origin, count, payload } = data;
      this.#tellOthers({ kind: 'order', number: this.#numbered, origin, count }, payload);
      this.#order.set(this.#numbered, nameOf(data));
    }
    this.#deliverReady();
  }

  #takeOrder(number: number, name: string): void {
    this.#order.set(number, name);
    if (this.#mutant === 'no-holdback') this.#next = number;
    this.#deliverReady();
  }

  /** What has both its number and its octets. */
  #deliverReady(): void {
    for (;;) {
      const name = this.#order.get(this.#next) ?? '';
      const data = this.#messages.get(name);
      if (data === undefined) return;
      this.#order.delete(this.#next);
      this.#messages.delete(name);
      this.#next += 1;
      this.#context.deliver(data.payload, data.origin);
    }
  }

  #tellOthers(message: Message, payload: Payload): void {
    const to = others(this.#context, this.#context.nodeCount);
    const label = about(message.kind, payload);
    multicast(this.#context, to, { bytes: format.write(message), label });
  }
}

function nameOf({ origin, count }: { readonly origin: NodeId; readonly count: number }): string {
  return `${origin}/${count}`;
}
