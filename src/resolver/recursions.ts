/**
 * The client queries that wait for recursion: how many there may be, in all and of one client, and
 * who has to go when there are too many.
 *
 * When all places are taken, the oldest query goes, if it has had its chance: a flood of queries
 * that nobody can answer must not lock out those that are answered in a moment. Its age is that of
 * its first arrival, and nothing makes it younger: the same query sent again is dropped while the
 * first waits (CVE-2026-42534).
 */

import { CancellationSource, type Cancellation } from '../net/cancellation.ts';
import { addressToBytes } from '../net/address.ts';
import type { Clock } from '../net/ports.ts';
import { TransientMap, TransientSet, type Place } from '../net/transient.ts';
import type { Query } from '../query/query.ts';

const recursionLimits = {
  /** How long a query is safe from being shed: most resolutions take less. */
  shedAfterMs: 200,
  /** Whoever has an IPv6 address has all of its /56, as a rule. */
  clientIPv6Octets: 7,
} as const;

export interface RecursionBounds {
  readonly recursions: number;
  readonly recursionsPerClient: number;
}

/** One query that waits. */
export interface Recursion {
  /** Aborted when the query is shed, or nobody waits for it any more. */
  readonly signal: Cancellation;
  readonly isShed: boolean;
  /** There is an answer, or there will be none: its place is free. */
  end(): void;
  /** Nothing is done for it any more. */
  readonly release: () => void;
}

/** Why a query may not wait: it waits already, its client has too many, or all have. */
export type RecursionRefusal = 'duplicate' | 'client' | 'full';

export class Recursions {
  readonly #clock: Clock;
  readonly #bounds: RecursionBounds;
  /** In the order of arrival. */
  readonly #waiting = new TransientSet<Waiting>();
  readonly #byClient = new Map<string, number>();
  /** Those that may be sent again, by id and port; of several with the same, the last. */
  readonly #repeatable = new TransientMap<number, Waiting>();
  /** Those whose work may still have to be ended, by the signal that ends it. */
  readonly #bySignal = new Map<Cancellation, Signalled>();

  constructor(clock: Clock, bounds: RecursionBounds) {
    this.#clock = clock;
    this.#bounds = bounds;
  }

  get size(): number {
    return this.#waiting.size;
  }

  begin(query: Query, signal: Cancellation): Recursion | RecursionRefusal {
    // Over TCP nothing is sent again, so what looks the same is meant twice.
    const isRepeatable = query.transport === 'udp';
    const mark = markOf(query);
    const alike = isRepeatable ? this.#repeatable.get(mark) : undefined;
    for (let one = alike; one; one = one.alike) {
      if (isSame(one.arrival.query, query)) return 'duplicate';
    }
    const client = clientOf(query.client.address);
    const count = this.#byClient.get(client) ?? 0;
    if (count >= this.#bounds.recursionsPerClient) return 'client';
    if (this.#waiting.size >= this.#bounds.recursions && !this.#shedOldest()) return 'full';
    const sinceMs = this.#clock.monotonic();
    const signalled = this.#signalledBy(signal);
    const waiting = new Waiting(this, { query, sinceMs, client, signalled });
    waiting.place = this.#waiting.add(waiting);
    this.#byClient.set(client, count + 1);
    if (isRepeatable) {
      waiting.alike = this.#repeatable.get(mark);
      this.#repeatable.set(mark, waiting);
    }
    return waiting;
  }

  /** The place of one that waited is free. */
  remove(waiting: Waiting): void {
    const { client, query } = waiting.arrival;
    this.#waiting.remove(waiting.place!);
    if (query.transport === 'udp') this.#unmark(waiting, markOf(query));
    const left = (this.#byClient.get(client) ?? 1) - 1;
    if (left > 0) this.#byClient.set(client, left);
    else this.#byClient.delete(client);
  }

  forget(parent: Cancellation): void {
    this.#bySignal.delete(parent);
  }

  #unmark(waiting: Waiting, mark: number): void {
    const last = this.#repeatable.get(mark);
    if (last !== waiting) {
      for (let one = last; one; one = one.alike) {
        if (one.alike === waiting) one.alike = waiting.alike;
      }
    } else if (waiting.alike) this.#repeatable.set(mark, waiting.alike);
    else this.#repeatable.delete(mark);
  }

  #signalledBy(parent: Cancellation): Signalled {
    let signalled = this.#bySignal.get(parent);
    if (!signalled) this.#bySignal.set(parent, (signalled = new Signalled(this, parent)));
    return signalled;
  }

  #shedOldest(): boolean {
    const oldest = this.#waiting.first;
    if (!oldest) return false;
    if (this.#clock.monotonic() - oldest.arrival.sinceMs < recursionLimits.shedAfterMs)
      return false;
    oldest.shed();
    return true;
  }
}

/**
 * All that one signal ends: as a rule every query of a server, so that each of them need not listen
 * for itself.
 */
class Signalled {
  readonly #recursions: Recursions;
  readonly #parent: Cancellation;
  readonly #all = new TransientSet<Waiting>();

  constructor(recursions: Recursions, parent: Cancellation) {
    this.#recursions = recursions;
    this.#parent = parent;
    parent.addEventListener('abort', this.#abort, { once: true });
  }

  /** Where it is to be taken out again. */
  add(waiting: Waiting): Place<Waiting> | undefined {
    if (!this.#parent.aborted) return this.#all.add(waiting);
    waiting.signal.abort(this.#parent.reason);
    return undefined;
  }

  remove(place: Place<Waiting> | undefined): void {
    if (place) this.#all.remove(place);
    if (this.#all.size > 0) return;
    this.#parent.removeEventListener('abort', this.#abort);
    this.#recursions.forget(this.#parent);
  }

  readonly #abort = (): void => {
    for (const waiting of this.#all) waiting.signal.abort(this.#parent.reason);
  };
}

interface Arrival {
  readonly query: Query;
  readonly sinceMs: number;
  readonly client: string;
  readonly signalled: Signalled;
}

class Waiting implements Recursion {
  readonly arrival: Arrival;
  isShed = false;
  readonly signal: CancellationSource = new CancellationSource();
  /** Among those that wait, once it does. */
  place: Place<Waiting> | undefined;
  /** Another with its id and port. */
  alike: Waiting | undefined;
  readonly #recursions: Recursions;
  readonly #signalledAt: Place<Waiting> | undefined;
  #isEnded = false;

  constructor(recursions: Recursions, arrival: Arrival) {
    this.#recursions = recursions;
    this.arrival = arrival;
    this.#signalledAt = arrival.signalled.add(this);
  }

  shed(): void {
    this.isShed = true;
    // The place is free at once: what is being undone takes a few turns more.
    this.end();
    this.signal.abort();
  }

  end(): void {
    if (this.#isEnded) return;
    this.#isEnded = true;
    this.#recursions.remove(this);
  }

  readonly release = (): void => this.arrival.signalled.remove(this.#signalledAt);
}

/** Id and port, as the small number that maps know best. */
function markOf({ client, message }: Query): number {
  return (message.id << 16) | client.port;
}

/** Whether a datagram is the same query, sent again, where id and port are the same. */
function isSame({ client, question }: Query, again: Query): boolean {
  const { name, type } = again.question;
  if (client.address !== again.client.address || question.type !== type) return false;
  return question.name.equals(name);
}

/** One IPv4 address, or the network of an IPv6 address. */
function clientOf(address: string): string {
  if (!address.includes(':')) return address;
  const octets = addressToBytes(address.split('%')[0]!);
  return octets ? octets.subarray(0, recursionLimits.clientIPv6Octets).join('.') : address;
}
