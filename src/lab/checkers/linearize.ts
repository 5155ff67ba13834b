/**
 * Whether a history of one register is linearizable (Herlihy and Wing 1990): is there an order of
 * the operations in which each takes effect at one instant between its call and its return, and
 * answers what a single register would?
 *
 * The search is Wing and Gong's (1993) with the memory of Lowe (2017): calls and returns are a
 * list in the order of time. Take the first operation that has not returned before any other is
 * called and fits the state, take it out of the list, and go on from its front; at a return whose
 * call was not taken, take back the last choice. Which operations were taken, and the state after
 * them, is remembered: what has failed once is not tried again.
 *
 * An operation of which nobody knows what became may be taken at any later point, or never. It is
 * taken as late as possible: of two ways to one state that explain the same, the one that has left
 * more to be taken is the better one, and when that has failed, so does the other. What fits and
 * only looks at the state is taken at once. And nothing takes the place of a value that somebody
 * has yet to read and nobody will write again. (With values that are written once, as in most
 * experiments, that leaves little to try.)
 */

import { isKnown, isPossible, NOTHING, type Operation } from '../history/history.ts';

/** A second or two; nearly all histories of the laboratory take thousands. */
const MAX_STEPS = 1_000_000;

export type Linearized =
  | { readonly kind: 'yes' }
  /**
   * The search got farthest with this one unexplained, after `before` others in this order; where
   * `next` is told, it would have to come before that, which had returned when it was called.
   */
  | {
      readonly kind: 'no';
      readonly stuck: Operation;
      readonly next?: Operation;
      readonly before: readonly Operation[];
    }
  | { readonly kind: 'unknown'; readonly steps: number };

/**
 * `operations` are of one key, in the order of their calls. Where the search takes too long, what
 * has found another value than it compared with is left out, which makes most of the choices: that
 * can miss a violation, and never makes one up.
 */
export function linearize(operations: readonly Operation[]): Linearized {
  const found = new Search(relevant(operations)).run();
  if (found.kind !== 'unknown') return found;
  const others = operations.filter(({ returned }) => returned?.answer.kind !== 'mismatch');
  return new Search(relevant(others)).run();
}

/**
 * Without those that can change nothing. A write of which nobody knows, and whose value nobody has
 * seen, may as well not have happened, unless somebody saw that another value was not there.
 */
function relevant(operations: readonly Operation[]): readonly Operation[] {
  const seen = new Set<number>();
  let isMissed = false;
  for (const { call, returned } of operations) {
    if (returned?.answer.kind === 'value') seen.add(returned.answer.value);
    if (returned?.answer.kind === 'mismatch') isMissed = true;
    if (call.kind === 'cas') seen.add(call.from);
  }
  return operations.filter((operation) => {
    if (isKnown(operation)) return true;
    const { call } = operation;
    if (!isPossible(operation) || call.kind === 'read') return false;
    return isMissed || seen.has(call.value);
  });
}

/** The state after `operation`, or undefined when it would have answered something else. */
function stateAfter({ call, returned }: Operation, state: number): number | undefined {
  const answer = returned?.answer;
  switch (call.kind) {
    case 'read':
      return answer?.kind === 'value' && answer.value === state ? state : undefined;
    case 'write':
      return call.value;
    case 'cas':
      if (answer?.kind === 'mismatch') return call.from === state ? undefined : state;
      return call.from === state ? call.value : undefined;
  }
}

/** It leaves the state as it is, whatever that is. */
function isLook({ call, returned }: Operation): boolean {
  return call.kind === 'read' || returned?.answer.kind === 'mismatch';
}

/** The state that it has certainly met. */
function needOf({ call, returned }: Operation): number | undefined {
  if (returned?.answer.kind === 'value') return returned.answer.value;
  return call.kind === 'cas' && returned?.answer.kind === 'ok' ? call.from : undefined;
}

/** In the list, a call has place 2 i and a return 2 i + 1; before them all is the head. */
const HEAD = -2;
const END = -1;

/**
 * Where the search stands: at a place of the list, looking for what only looks at the state, or
 * then for what changes it; or beyond the list, at one of the unknown.
 */
type Cursor =
  | { readonly looksFor: 'same' | 'change'; readonly place: number }
  | { readonly looksFor: 'unknown'; readonly index: number };

/** A choice that can be taken back. */
interface Choice {
  readonly isKnown: boolean;
  readonly index: number;
  /** Nothing else needs to be tried in its place. */
  readonly isFree: boolean;
  /** Before it. */
  readonly state: number;
}

class Search {
  /** What must be explained. */
  readonly #known: readonly Operation[];
  /** What may be taken, and need not. */
  readonly #unknown: readonly Operation[];
  /** Of the known, by place plus 2; neighbours in the order of time. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Which are taken, 16 to a word. */
  readonly #taken: Uint16Array;
  readonly #spent: Uint16Array;
  /** By state and known ones taken, which unknown ones were spent when that was tried. */
  readonly #tried = new Map<string, Uint16Array[]>();
  /** By value, how many that are not taken: known ones that need it, and any that would set it; */
  readonly #needed = new Map<number, number>();
  readonly #offered = new Map<number, number>();
  /** unknown ones that would take it, and known ones that have seen that it was not there. */
  readonly #wanted = new Map<number, number>();
  readonly #excluded = new Map<number, number>();
  readonly #order: Choice[] = [];
  #state = NOTHING;
  #left: number;
  #steps = 0;
  #farthest:
    | { readonly stuck: number; readonly next: number; readonly before: readonly Choice[] }
    | undefined;

  constructor(operations: readonly Operation[]) {
    this.#known = operations.filter(isKnown);
    this.#unknown = operations.filter((operation) => !isKnown(operation));
    this.#left = this.#known.length;
    this.#next = new Int32Array(2 * this.#left + 2).fill(END);
    this.#previous = new Int32Array(2 * this.#left + 2).fill(END);
    this.#taken = new Uint16Array(Math.ceil(this.#left / 16));
    this.#spent = new Uint16Array(Math.ceil(this.#unknown.length / 16));
    for (const operation of operations) this.#count(operation, 1);
    let last = HEAD;
    for (const place of placesInTime(this.#known)) {
      this.#join(last, place);
      last = place;
    }
    this.#join(last, END);
  }

  run(): Linearized {
    const baseless = this.#known.find((operation) => {
      const need = needOf(operation) ?? NOTHING;
      return need !== NOTHING && !this.#offered.has(need);
    });
    if (baseless) return { kind: 'no', stuck: baseless, before: [] };
    let cursor = this.#front;
    while (this.#left > 0) {
      this.#steps += 1;
      if (this.#steps > MAX_STEPS) return { kind: 'unknown', steps: MAX_STEPS };
      const next = this.#tryAt(cursor) ?? this.#giveBack();
      if (next === undefined) return this.#failure();
      cursor = next;
    }
    return { kind: 'yes' };
  }

  get #front(): Cursor {
    return { looksFor: 'same', place: this.#nextOf(HEAD) };
  }

  /** Where to go on; undefined when nothing is left to be tried here. */
  #tryAt(cursor: Cursor): Cursor | undefined {
    if (cursor.looksFor === 'unknown') return this.#tryUnknown(cursor.index);
    const { looksFor, place } = cursor;
    if (place % 2 !== 0) {
      // The known first: what is spent later than it could be is more to choose from.
      return looksFor === 'same'
        ? { looksFor: 'change', place: this.#nextOf(HEAD) }
        : { looksFor: 'unknown', index: 0 };
    }
    const isSame = this.#isFree(this.#known[place >> 1] as Operation);
    const isWanted = isSame === (looksFor === 'same');
    return isWanted && this.#take(true, place >> 1)
      ? this.#front
      : { looksFor, place: this.#nextOf(place) };
  }

  /**
   * It may be taken at once, whatever follows: it only looks; or it writes what nobody sees over
   * what nobody needs any more, just before somebody else writes.
   */
  #isFree(operation: Operation): boolean {
    if (isLook(operation)) return true;
    const { kind, value } = operation.call as { readonly kind: string; readonly value: number };
    const isSeen = (state: number): boolean =>
      (this.#needed.get(state) ?? 0) > 0 || (this.#wanted.get(state) ?? 0) > 0;
    return kind === 'write' && this.#excluded.size === 0 && !isSeen(value) && !isSeen(this.#state);
  }

  #tryUnknown(index: number): Cursor | undefined {
    const operation = this.#unknown[index];
    const firstReturn = this.#firstReturn;
    const { returned } = this.#known[firstReturn] as Operation;
    if (operation === undefined || operation.event > (returned?.event ?? 0)) {
      this.#remember(firstReturn);
      return undefined;
    }
    return this.#take(false, index) ? this.#front : { looksFor: 'unknown', index: index + 1 };
  }

  get #firstReturn(): number {
    let place = this.#nextOf(HEAD);
    while (place % 2 === 0) place = this.#nextOf(place);
    return place >> 1;
  }

  /** Whether the operation fits, and leads to something that was not tried. */
  #take(known: boolean, index: number): boolean {
    const operation = (known ? this.#known : this.#unknown)[index] as Operation;
    if (!known && isSet(this.#spent, index)) return false;
    if (operation.call.kind === 'write' && this.#order.at(-1)?.isKnown === false) return false;
    if (!known && this.#isPointless(operation)) return false;
    const after = stateAfter(operation, this.#state);
    if (after === undefined) return false;
    const isFree = known && this.#isFree(operation);
    const bits = known ? this.#taken : this.#spent;
    flip(bits, index);
    this.#count(operation, -1);
    if (this.#isMissed(after) || !this.#isNew(after)) {
      flip(bits, index);
      this.#count(operation, 1);
      return false;
    }
    this.#order.push({ isKnown: known, index, isFree, state: this.#state });
    this.#state = after;
    if (known) {
      this.#unlink(2 * index);
      this.#unlink(2 * index + 1);
      this.#left -= 1;
    }
    return true;
  }

  /** What nobody knows of and nobody sees may as well not have happened. */
  #isPointless({ call }: Operation): boolean {
    if (call.kind === 'read') return true;
    const has = (counts: Map<number, number>, value: number): boolean =>
      (counts.get(value) ?? 0) > 0;
    const isSeen = has(this.#needed, call.value) || has(this.#wanted, call.value);
    return !isSeen && !has(this.#excluded, this.#state);
  }

  /** Somebody needs the state that is now, and it will not come back after this one. */
  #isMissed(after: number): boolean {
    if (after === this.#state) return false;
    const isNeeded = (this.#needed.get(this.#state) ?? 0) > 0;
    return isNeeded && (this.#offered.get(this.#state) ?? 0) === 0;
  }

  #count(operation: Operation, by: number): void {
    const { call, returned } = operation;
    const add = (counts: Map<number, number>, value: number): void => {
      counts.set(value, (counts.get(value) ?? 0) + by);
    };
    const answer = returned?.answer;
    const need = needOf(operation);
    if (need !== undefined) add(this.#needed, need);
    else if (call.kind === 'cas' && answer?.kind === 'mismatch') add(this.#excluded, call.from);
    else if (call.kind === 'cas') add(this.#wanted, call.from);
    if (call.kind !== 'read' && answer?.kind !== 'mismatch') add(this.#offered, call.value);
  }

  /** Who has spent no less than somebody who failed has nothing to hope for. */
  #isNew(state: number): boolean {
    const key = `${state} ${String.fromCharCode(...this.#taken)}`;
    const tried = this.#tried.get(key) ?? [];
    if (tried.some((spent) => isWithin(spent, this.#spent))) return false;
    tried.push(this.#spent.slice());
    this.#tried.set(key, tried);
    return true;
  }

  /**
   * Takes back the last choice; where to go on behind it. What only looked could be taken at once,
   * whatever follows: when that has failed, nothing else helps, and one goes further.
   */
  #giveBack(): Cursor | undefined {
    for (let last = this.#order.pop(); last !== undefined; last = this.#order.pop()) {
      const { index, state } = last;
      const operation = (last.isKnown ? this.#known : this.#unknown)[index] as Operation;
      this.#state = state;
      flip(last.isKnown ? this.#taken : this.#spent, index);
      this.#count(operation, 1);
      if (!last.isKnown) return { looksFor: 'unknown', index: index + 1 };
      this.#relink(2 * index + 1);
      this.#relink(2 * index);
      this.#left += 1;
      if (!last.isFree) return { looksFor: 'change', place: this.#nextOf(2 * index) };
    }
    return undefined;
  }

  #remember(next: number): void {
    if (this.#farthest && this.#farthest.before.length >= this.#order.length) return;
    // Who needs what is there now, and is called too late to get it.
    const late = this.#known.findIndex((operation, index) => {
      return !isSet(this.#taken, index) && needOf(operation) === this.#state;
    });
    this.#farthest = { stuck: late === -1 ? next : late, next, before: [...this.#order] };
  }

  #failure(): Linearized {
    const { stuck, next, before } = this.#farthest ?? { stuck: 0, next: 0, before: [] };
    return {
      kind: 'no',
      stuck: this.#known[stuck] as Operation,
      ...(stuck !== next && { next: this.#known[next] as Operation }),
      before: before.map((choice) => {
        return (choice.isKnown ? this.#known : this.#unknown)[choice.index] as Operation;
      }),
    };
  }

  #nextOf(place: number): number {
    return this.#next[place + 2] ?? END;
  }

  #join(before: number, after: number): void {
    this.#next[before + 2] = after;
    if (after !== END) this.#previous[after + 2] = before;
  }

  #unlink(place: number): void {
    this.#join(this.#previous[place + 2] ?? HEAD, this.#nextOf(place));
  }

  /** What was unlinked last comes back first, between the neighbours that it had. */
  #relink(place: number): void {
    const before = this.#previous[place + 2] ?? HEAD;
    const after = this.#nextOf(place);
    this.#next[before + 2] = place;
    if (after !== END) this.#previous[after + 2] = place;
  }
}

function flip(bits: Uint16Array, index: number): void {
  bits[index >> 4] = (bits[index >> 4] ?? 0) ^ (1 << (index & 15));
}

function isSet(bits: Uint16Array, index: number): boolean {
  return ((bits[index >> 4] ?? 0) & (1 << (index & 15))) !== 0;
}

function isWithin(bits: Uint16Array, others: Uint16Array): boolean {
  return bits.every((word, place) => (word & ~(others[place] ?? 0)) === 0);
}

/** Calls and returns, by the events that they are. */
function placesInTime(operations: readonly Operation[]): readonly number[] {
  const times = operations.flatMap(({ event, returned }, index) => [
    { place: 2 * index, event },
    { place: 2 * index + 1, event: returned?.event ?? 0 },
  ]);
  return times.toSorted((a, b) => a.event - b.event).map(({ place }) => place);
}
