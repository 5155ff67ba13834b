/**
 * B6, a sender and receiver that asks a number server: takes a number for each message, sends both
 * to the others, delivers in the order of the numbers, and complains of a number that is missing.
 */

import type { Context, NodeId, Payload, Process } from '../process/process.ts';
import { HoldBack } from './hold-back.ts';
import { about, multicast, others } from './multicast.ts';
import { type Data, format, type Message, type NumberServerOptions } from './number-messages.ts';

export class NumberClient implements Process {
  readonly #context: Context;
  readonly #options: NumberServerOptions;
  /** 'void' holds the place of a number that nobody uses. */
  readonly #holdBack = new HoldBack<Data | 'void'>();
  readonly #kept = new Map<number, Data>();
  readonly #refused = new Set<number>();
  /** Waiting for their numbers, in the order of sending. */
  readonly #pending: Payload[] = [];
  #watched = 0;

  constructor(context: Context, options: NumberServerOptions) {
    this.#context = context;
    this.#options = options;
  }

  onCommand(payload: Payload): void {
    this.#pending.push(payload);
    this.#ask();
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind === 'number') this.#use(message.number);
    if (message?.kind === 'data') {
      // What the server relays ends a search, whatever this node has promised.
      const isRelayed = from === this.#options.members;
      if (isRelayed || !this.#refused.has(message.number)) this.#take(message);
    }
    if (message?.kind === 'sought') this.#answer(message.number);
    if (message?.kind === 'void') this.#put(message.number, 'void');
  }

  onTimer(name: string, number: number): void {
    if (this.#holdBack.next !== number) return;
    if (name === 'skip') this.#put(number, 'void');
    else this.#tellServer({ kind: 'missing', number }, 'missing');
  }

  describeState(): Readonly<Record<string, number>> {
    const { next, size } = this.#holdBack;
    return { next, held: size, pending: this.#pending.length };
  }

  #ask(): void {
    this.#tellServer({ kind: 'ask' }, 'ask');
  }

  #use(number: number): void {
    // Too late: everybody else counts on its never being used.
    if (this.#refused.has(number)) {
      this.#ask();
      return;
    }
    const payload = this.#pending.shift();
    if (payload === undefined) return;
    const data: Data = { kind: 'data', number, origin: this.#context.self, payload };
    const bytes = format.write(data);
    const label = about('data', payload);
    multicast(this.#context, others(this.#context, this.#options.members), { bytes, label });
    this.#take(data);
  }

  #take(data: Data): void {
    if (this.#options.fillNs > 0) this.#kept.set(data.number, data);
    this.#put(data.number, data);
  }

  #answer(number: number): void {
    const kept = this.#kept.get(number);
    if (kept) this.#tellServer({ ...kept, kind: 'found' }, 'found');
    else {
      this.#refused.add(number);
      this.#tellServer({ kind: 'refused', number }, 'refused');
    }
  }

  #put(number: number, item: Data | 'void'): void {
    const { mutant } = this.#options;
    if (mutant === 'no-holdback') {
      this.#deliver(item);
      return;
    }
    this.#holdBack.put(number, item);
    for (const ready of this.#holdBack.ready()) this.#deliver(ready);
    this.#watch();
  }

  #deliver(item: Data | 'void'): void {
    if (item !== 'void') this.#context.deliver(item.payload, item.origin);
  }

  /** Something is held, so the next number is missing: how long will it be? */
  #watch(): void {
    const { fillNs, patienceNs, mutant } = this.#options;
    const { next, size } = this.#holdBack;
    if (size === 0 || this.#watched === next) return;
    this.#watched = next;
    if (mutant === 'skip-number-on-timeout') this.#context.setTimer(patienceNs, 'skip', next);
    else if (fillNs > 0) this.#context.setTimer(fillNs, 'missing', next);
  }

  #tellServer(message: Message, tag: string): void {
    this.#context.send(this.#options.members, format.write(message), { tag });
  }
}
