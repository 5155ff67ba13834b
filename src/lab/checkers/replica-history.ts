/**
 * The history of a replicated value, as the trace tells it: which update was made knowing which
 * others, which a replica has heard of, and what it shows. Who knows what follows from the
 * datagrams alone, each of which carries all that its sender knew; a replica cannot claim anything
 * about it.
 */

import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { HAS, SHOWS } from '../agreement/replicas/replica-notes.ts';

const KINDS = ['sets', 'adds', 'removes', 'counts', 'inserts', 'deletes'] as const;
type Kind = (typeof KINDS)[number];

export interface Update {
  /** 0, 1, 2… in the order of happening. */
  readonly id: number;
  readonly kind: Kind;
  /** What the remark says: a value, an element, an amount; where, of 'inserts'. */
  readonly value: number;
  readonly message: number;
  readonly node: NodeId;
  readonly atNs: number;
  /** The ids of the updates that its user’s replica knew. */
  readonly past: ReadonlySet<number>;
  /** What its user saw. */
  readonly shown: readonly number[];
  readonly event: number;
}

/** All that a replica shows, and the updates that it knows. */
export interface Showing {
  readonly node: NodeId;
  readonly atNs: number;
  readonly values: readonly number[];
  readonly known: ReadonlySet<number>;
  readonly event: number;
}

/** What carries all that its sender knows. */
const CARRIERS: ReadonlySet<string> = new Set(['push', 'state']);

export class ReplicaHistory {
  readonly updates: Update[] = [];
  readonly #known = new Map<NodeId, Set<number>>();
  readonly #carried = new Map<number, ReadonlySet<number>>();
  readonly #showings = new Map<NodeId, Showing>();
  /** What is being told: how many values are still to come. */
  #open: { readonly values: number[]; left: number } = { values: [], left: 0 };
  #event: TraceEvent | undefined;
  #found: Showing | undefined;

  /** The showing that is complete with this event, if any. Several may ask about the same event. */
  observe(event: TraceEvent): Showing | undefined {
    if (event !== this.#event) this.#found = this.#take(event);
    this.#event = event;
    return this.#found;
  }

  #take(event: TraceEvent): Showing | undefined {
    const { kind, node, packet, text } = event;
    if (kind === 'send' && CARRIERS.has(text)) {
      this.#carried.set(packet, new Set(this.knownBy(node)));
    } else if (kind === 'receive') {
      for (const id of this.#carried.get(packet) ?? []) this.#knows(node).add(id);
    } else if (kind === 'note') return this.#note(event);
    return undefined;
  }

  knownBy(node: NodeId): ReadonlySet<number> {
    return this.#knows(node);
  }

  lastShowing(node: NodeId): Showing | undefined {
    return this.#showings.get(node);
  }

  #note(event: TraceEvent): Showing | undefined {
    const { node, text, detail } = event;
    if (isKind(text)) this.#addUpdate(event, text);
    if (text === SHOWS) this.#open = { values: [], left: detail };
    else if (text === HAS) {
      this.#open.values.push(detail);
      this.#open.left -= 1;
    } else return undefined;
    if (this.#open.left > 0) return undefined;
    const { values } = this.#open;
    const known = new Set(this.#knows(node));
    const showing = { node, atNs: event.atNs, values, known, event: event.id };
    this.#showings.set(node, showing);
    return showing;
  }

  #addUpdate({ node, detail: value, message, atNs, id: event }: TraceEvent, kind: Kind): void {
    const known = this.#knows(node);
    const { length: id } = this.updates;
    const past = new Set(known);
    const shown = this.#showings.get(node)?.values ?? [];
    this.updates.push({ id, kind, value, message, node, atNs, past, shown, event });
    known.add(id);
  }

  #knows(node: NodeId): Set<number> {
    const known = this.#known.get(node) ?? new Set<number>();
    this.#known.set(node, known);
    return known;
  }
}

function isKind(text: string): text is Kind {
  return (KINDS as readonly string[]).includes(text);
}
