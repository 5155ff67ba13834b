/**
 * B6, a number server: it gives numbers and never sees a message. (Défago, Schiper, Urbán 2004:
 * *fixed sequencer, UUB*.) A sender that dies between taking a number and using it leaves a *hole*,
 * at which everybody waits; who has waited long enough asks for it to be filled.
 *
 *     sender ── ask ──► server ── number ──► sender ── data(number) ──► each of the others
 *
 *     waiting ── missing ──► server ── sought ──► all ── found | refused ──► server ── void ──► all
 *
 * To refuse is a promise never to take the number afterwards; the owner that refuses will not use
 * it. The number is void when all have refused and the owner has too, or is silent for as long as
 * the hole was waited for. So an owner that is merely slower than that breaks the order: filling
 * rests on a bound on delays, as every decision about the dead does.
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';
import type { Context, NodeId, Payload, Process } from '../process/process.ts';
import { HoldBack } from './hold-back.ts';
import { about, multicast, others } from './multicast.ts';

const SHAPES = {
  ask: {},
  number: { number: 'u32' },
  data: { number: 'u32', origin: 'u16', payload: 'rest' },
  missing: { number: 'u32' },
  sought: { number: 'u32' },
  found: { number: 'u32', origin: 'u16', payload: 'rest' },
  refused: { number: 'u32' },
  void: { number: 'u32' },
} as const;
type Message = MessageOf<typeof SHAPES>;
type Data = Message & { readonly kind: 'data' };
const format: MessageFormat<Message> = messageFormat(SHAPES);

export type NumberServerMutant = 'skip-number-on-timeout' | 'no-holdback';

export interface NumberServerOptions {
  /** Nodes 0 to `members` − 1; the server is node `members`. */
  readonly members: number;
  /** How long a hole is waited for; 0: for ever. */
  readonly fillNs: number;
  /** Of the mutant that has no patience. */
  readonly patienceNs: number;
  readonly mutant?: NumberServerMutant | undefined;
}

/** A number that somebody misses, and what the server has heard of it. */
interface Search {
  readonly owner: NodeId | undefined;
  readonly refusals: Set<NodeId>;
  isOwnerLate: boolean;
  isOver: boolean;
}

export class NumberServer implements Process {
  readonly #context: Context;
  readonly #options: NumberServerOptions;
  readonly #owners = new Map<number, NodeId>();
  readonly #searches = new Map<number, Search>();
  #last = 0;

  constructor(context: Context, options: NumberServerOptions) {
    this.#context = context;
    this.#options = options;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind === 'ask') {
      this.#last += 1;
      this.#owners.set(this.#last, from);
      const answer = format.write({ kind: 'number', number: this.#last });
      this.#context.send(from, answer, { tag: 'number' });
    }
    if (message?.kind === 'missing') this.#seek(message.number);
    if (message?.kind === 'refused') {
      this.#searches.get(message.number)?.refusals.add(from);
      this.#decide(message.number);
    }
    if (message?.kind === 'found') this.#relay(message);
  }

  onTimer(_name: string, number: number): void {
    const search = this.#searches.get(number);
    if (search) search.isOwnerLate = true;
    this.#decide(number);
  }

  describeState(): Readonly<Record<string, number>> {
    return { numbered: this.#last, searches: this.#searches.size };
  }

  #seek(number: number): void {
    if (this.#searches.has(number)) return;
    const owner = this.#owners.get(number);
    this.#searches.set(number, { owner, refusals: new Set(), isOwnerLate: false, isOver: false });
    this.#tellAll({ kind: 'sought', number }, { tag: 'sought' });
    this.#context.setTimer(this.#options.fillNs, 'owner is late', number);
  }

  #decide(number: number): void {
    const search = this.#searches.get(number);
    if (search === undefined || search.isOver) return;
    const { owner, refusals, isOwnerLate } = search;
    const members = others(this.#context, this.#options.members);
    const open = members.filter((node) => !refusals.has(node) && !(isOwnerLate && node === owner));
    if (open.length > 0) return;
    search.isOver = true;
    this.#context.note(`number ${number} is void`);
    this.#tellAll({ kind: 'void', number }, { tag: 'void' });
  }

  #relay({ number, origin, payload }: Message & { readonly kind: 'found' }): void {
    const search = this.#searches.get(number);
    if (search === undefined || search.isOver) return;
    search.isOver = true;
    this.#tellAll({ kind: 'data', number, origin, payload }, about('relay', payload));
  }

  #tellAll(message: Message, label: { readonly tag: string; readonly detail?: number }): void {
    const bytes = format.write(message);
    multicast(this.#context, others(this.#context, this.#options.members), { bytes, label });
  }
}

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
