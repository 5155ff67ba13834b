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
 * Of an operation of which nobody knows what became there is a call and no return: it may be taken
 * at any later point, or never.
 */

import { isKnown, isPossible, NOTHING, type Operation } from '../history/history.ts';

/** Some seconds; a history of the laboratory takes thousands. */
const MAX_STEPS = 20_000_000;

export type Linearized =
  | { readonly kind: 'yes' }
  /** The search got farthest with this one unexplained, after `before` others in this order. */
  | { readonly kind: 'no'; readonly stuck: Operation; readonly before: readonly Operation[] }
  | { readonly kind: 'unknown'; readonly steps: number };

/** `operations` are of one key, in the order of their calls. */
export function linearize(operations: readonly Operation[]): Linearized {
  return new Search(relevant(operations)).run();
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

/** In the list, a call has place 2 i and a return 2 i + 1; before them all is the head. */
const HEAD = -2;
const END = -1;

class Search {
  readonly #operations: readonly Operation[];
  /** By place plus 2; neighbours in the order of time. */
  readonly #next: Int32Array;
  readonly #previous: Int32Array;
  /** Which operations are taken, 16 to a word. */
  readonly #taken: Uint16Array;
  readonly #known = new Set<string>();
  readonly #order: { readonly index: number; readonly state: number }[] = [];
  #state = NOTHING;
  /** Operations that must be explained and are not. */
  #left = 0;
  #steps = 0;
  #farthest: { readonly stuck: number; readonly before: readonly number[] } | undefined;

  constructor(operations: readonly Operation[]) {
    this.#operations = operations;
    this.#next = new Int32Array(2 * operations.length + 2).fill(END);
    this.#previous = new Int32Array(2 * operations.length + 2).fill(END);
    this.#taken = new Uint16Array(Math.ceil(operations.length / 16));
    let last = HEAD;
    for (const place of placesInTime(operations)) {
      this.#join(last, place);
      last = place;
    }
    this.#join(last, END);
    this.#left = operations.filter(isKnown).length;
  }

  run(): Linearized {
    let place = this.#nextOf(HEAD);
    while (this.#left > 0) {
      this.#steps += 1;
      if (this.#steps > MAX_STEPS) return { kind: 'unknown', steps: MAX_STEPS };
      if (place % 2 === 0) {
        place = this.#take(place >> 1) ? this.#nextOf(HEAD) : this.#nextOf(place);
        continue;
      }
      this.#remember(place >> 1);
      const index = this.#giveBack();
      if (index === undefined) return this.#failure();
      place = this.#nextOf(2 * index);
    }
    return { kind: 'yes' };
  }

  /** Whether the operation fits, and leads to something that was not tried. */
  #take(index: number): boolean {
    const operation = this.#operations[index] as Operation;
    const after = stateAfter(operation, this.#state);
    if (after === undefined) return false;
    this.#flip(index);
    const key = `${after} ${String.fromCharCode(...this.#taken)}`;
    if (this.#known.has(key)) {
      this.#flip(index);
      return false;
    }
    this.#known.add(key);
    this.#order.push({ index, state: this.#state });
    this.#state = after;
    this.#unlink(2 * index);
    if (isKnown(operation)) {
      this.#unlink(2 * index + 1);
      this.#left -= 1;
    }
    return true;
  }

  /** Takes back the last choice, and says which it was. */
  #giveBack(): number | undefined {
    const last = this.#order.pop();
    if (last === undefined) return undefined;
    const { index, state } = last;
    this.#state = state;
    this.#flip(index);
    if (isKnown(this.#operations[index] as Operation)) {
      this.#relink(2 * index + 1);
      this.#left += 1;
    }
    this.#relink(2 * index);
    return index;
  }

  #remember(stuck: number): void {
    if (this.#farthest && this.#farthest.before.length >= this.#order.length) return;
    this.#farthest = { stuck, before: this.#order.map(({ index }) => index) };
  }

  #failure(): Linearized {
    const { stuck, before } = this.#farthest ?? { stuck: 0, before: [] };
    const at = (index: number): Operation => this.#operations[index] as Operation;
    return { kind: 'no', stuck: at(stuck), before: before.map(at) };
  }

  #flip(index: number): void {
    const word = index >> 4;
    this.#taken[word] = (this.#taken[word] ?? 0) ^ (1 << (index & 15));
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

/** Calls and returns, by the events that they are. */
function placesInTime(operations: readonly Operation[]): readonly number[] {
  const times = operations.flatMap((operation, index) => {
    const call = { place: 2 * index, event: operation.event };
    const { returned } = operation;
    if (!returned || !isKnown(operation)) return [call];
    return [call, { place: 2 * index + 1, event: returned.event }];
  });
  return times.toSorted((a, b) => a.event - b.event).map(({ place }) => place);
}
