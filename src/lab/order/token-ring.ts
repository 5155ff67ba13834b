/**
 * B8, a token ring: whoever has the token may number, and passes it on; it carries the next number.
 * (Défago, Schiper, Urbán 2004: *privilege based*.)
 *
 *     holder ── data(number) ──► each of the others
 *     holder ── token(generation, next) ──► its neighbour, and so on around
 *
 * Who has not seen the token for too long looks for it: it asks everybody, under a higher
 * *generation*, for the last number they know of. Whoever answers takes no older token any more, so
 * that when all have answered there is none, and a new one may begin after the last number. A crash
 * therefore stops the ring: one who does not answer may still have the token.
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';
import type { Context, NodeId, Payload, Process, ProcessTimer } from '../process/process.ts';
import { HoldBack } from './hold-back.ts';
import { about, multicast, others } from './multicast.ts';

const SHAPES = {
  data: { number: 'u32', payload: 'rest' },
  token: { generation: 'u32', next: 'u32' },
  search: { generation: 'u32' },
  answer: { generation: 'u32', last: 'u32' },
} as const;
type Message = MessageOf<typeof SHAPES>;
const format: MessageFormat<Message> = messageFormat(SHAPES);

export type TokenRingMutant = 'token-duplicated' | 'old-token-taken';

export interface TokenRingOptions {
  /** Without the token for so long, node i waits i/n of it longer, and looks for it. */
  readonly patienceNs: number;
  readonly mutant?: TokenRingMutant | undefined;
}

interface Held {
  readonly origin: NodeId;
  readonly payload: Payload;
}

export class TokenRing implements Process {
  readonly #context: Context;
  readonly #options: TokenRingOptions;
  readonly #holdBack = new HoldBack<Held>();
  #pending: Payload[] = [];
  /** Tokens of a lower one are dead. */
  #generation = 0;
  /** The largest number known to be used. */
  #last = 0;
  /** While looking: who has answered. */
  #answers = new Set<NodeId>();
  #watch: ProcessTimer | undefined;

  constructor(context: Context, options: TokenRingOptions) {
    this.#context = context;
    this.#options = options;
  }

  onStart(): void {
    this.#beginWatch();
    if (this.#context.self === 0) this.#use(1);
  }

  onCommand(payload: Payload): void {
    this.#pending.push(payload);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    switch (message?.kind) {
      case 'data':
        this.#take(message.number, { origin: from, payload: message.payload });
        return;
      case 'token':
        this.#takeToken(message.generation, message.next);
        return;
      case 'search':
        this.#answer(from, message.generation);
        return;
      case 'answer':
        this.#count(from, message);
        break;
      case undefined:
    }
  }

  /** The token has not come. */
  onTimer(): void {
    const { self, nodeCount } = this.#context;
    this.#beginWatch();
    if (this.#options.mutant === 'token-duplicated') {
      this.#context.note('makes a token without asking');
      this.#use(this.#last + 1);
      return;
    }
    // Above what was seen, and nobody else's: the remainder is this node.
    this.#generation += nodeCount - ((this.#generation - self) % nodeCount);
    this.#answers = new Set();
    this.#context.note(`looks for the token: generation ${this.#generation}`);
    this.#tellOthers({ kind: 'search', generation: this.#generation }, { tag: 'search' });
  }

  describeState(): Readonly<Record<string, number>> {
    const { next, size } = this.#holdBack;
    return { generation: this.#generation, next, held: size, pending: this.#pending.length };
  }

  #takeToken(generation: number, next: number): void {
    if (generation < this.#generation && this.#options.mutant !== 'old-token-taken') return;
    this.#generation = Math.max(this.#generation, generation);
    this.#use(next);
  }

  /** Numbers what waits, and passes the token on. */
  #use(first: number): void {
    const { self, nodeCount } = this.#context;
    this.#beginWatch();
    let next = first;
    for (const payload of this.#pending) {
      this.#tellOthers({ kind: 'data', number: next, payload }, about('data', payload));
      this.#take(next, { origin: self, payload });
      next += 1;
    }
    this.#pending = [];
    const token = format.write({ kind: 'token', generation: this.#generation, next });
    this.#context.send((self + 1) % nodeCount, token, { tag: 'token' });
  }

  #answer(to: NodeId, generation: number): void {
    if (generation <= this.#generation) return;
    this.#generation = generation;
    this.#beginWatch();
    const answer = format.write({ kind: 'answer', generation, last: this.#last });
    this.#context.send(to, answer, { tag: 'answer' });
  }

  #count(from: NodeId, { generation, last }: Message & { readonly kind: 'answer' }): void {
    if (generation !== this.#generation) return;
    this.#last = Math.max(this.#last, last);
    this.#answers.add(from);
    if (this.#answers.size === this.#context.nodeCount - 1) this.#use(this.#last + 1);
  }

  #take(number: number, held: Held): void {
    this.#last = Math.max(this.#last, number);
    this.#holdBack.put(number, held);
    for (const { origin, payload } of this.#holdBack.ready())
      this.#context.deliver(payload, origin);
  }

  #beginWatch(): void {
    const { self, nodeCount } = this.#context;
    const { patienceNs } = this.#options;
    this.#watch?.cancel();
    this.#watch = this.#context.setTimer(patienceNs * (1 + self / nodeCount), 'no token');
  }

  #tellOthers(message: Message, label: { readonly tag: string; readonly detail?: number }): void {
    const to = others(this.#context, this.#context.nodeCount);
    multicast(this.#context, to, { bytes: format.write(message), label });
  }
}
