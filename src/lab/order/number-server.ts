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

import type { Context, NodeId, Process } from '../process/process.ts';
import { about, multicast, others } from './multicast.ts';
import { format, type Message, type NumberServerOptions } from './number-messages.ts';

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
