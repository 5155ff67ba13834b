/**
 * The events to come, as a binary heap ordered by (time, priority, sequence). The order is total,
 * so two runs never differ in ties; an event knows its place, so a cancelled one leaves at once.
 *
 * The keys lie in typed arrays beside the events, place for place: sifting compares numbers that
 * are next to each other and allocates nothing.
 */

/** At one instant faults come first, then what arrives, then what was waited for. */
export const priorities = { fault: 0, arrival: 1, timer: 2 } as const;
export type Priority = keyof typeof priorities;

const FIRST_CAPACITY = 64;
/** Priority and sequence in one Number: room for 2^51 events. */
const PRIORITY_STEP = 2 ** 51;
const GONE = -1;

export class SimEvent {
  readonly action: () => void;
  readonly #queue: EventQueue;
  /** In the heap of its queue; only the queue touches it. */
  place: number = GONE;

  constructor(action: () => void, queue: EventQueue) {
    this.action = action;
    this.#queue = queue;
  }

  /** Idempotent, and nothing when the event has happened. */
  cancel(): void {
    this.#queue.remove(this);
  }
}

export class EventQueue {
  readonly #heap: SimEvent[] = [];
  #times = new Float64Array(FIRST_CAPACITY);
  #orders = new Float64Array(FIRST_CAPACITY);
  #sequence = 0;

  get length(): number {
    return this.#heap.length;
  }

  get firstTimeNs(): number | undefined {
    return this.#heap.length === 0 ? undefined : this.#times[0];
  }

  push(timeNs: number, priority: Priority, action: () => void): SimEvent {
    const event = new SimEvent(action, this);
    const end = this.#heap.length;
    if (end === this.#times.length) this.#grow();
    this.#heap.push(event);
    this.#times[end] = timeNs;
    this.#orders[end] = priorities[priority] * PRIORITY_STEP + this.#sequence;
    this.#sequence += 1;
    this.#rise(end);
    return event;
  }

  pop(): SimEvent | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Does nothing when the event is not queued any more. */
  remove(event: SimEvent): void {
    const { place } = event;
    if (place === GONE) return;
    event.place = GONE;
    const end = this.#heap.length - 1;
    if (place !== end) this.#move(end, place);
    this.#heap.pop();
    if (place === end) return;
    if (place > 0 && this.#isBefore(place, (place - 1) >> 1)) this.#rise(place);
    else this.#sink(place);
  }

  #rise(from: number): void {
    const event = this.#heap[from] as SimEvent;
    const timeNs = this.#times[from] as number;
    const order = this.#orders[from] as number;
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const aboveNs = this.#times[above] as number;
      if (aboveNs < timeNs) break;
      if (aboveNs === timeNs && (this.#orders[above] as number) < order) break;
      this.#move(above, place);
      place = above;
    }
    this.#heap[place] = event;
    this.#times[place] = timeNs;
    this.#orders[place] = order;
    event.place = place;
  }

  #sink(from: number): void {
    const { length } = this.#heap;
    const event = this.#heap[from] as SimEvent;
    const timeNs = this.#times[from] as number;
    const order = this.#orders[from] as number;
    let place = from;
    for (;;) {
      let child = place * 2 + 1;
      if (child >= length) break;
      if (child + 1 < length && this.#isBefore(child + 1, child)) child += 1;
      const childNs = this.#times[child] as number;
      if (timeNs < childNs) break;
      if (timeNs === childNs && order < (this.#orders[child] as number)) break;
      this.#move(child, place);
      place = child;
    }
    this.#heap[place] = event;
    this.#times[place] = timeNs;
    this.#orders[place] = order;
    event.place = place;
  }

  #isBefore(one: number, other: number): boolean {
    const oneNs = this.#times[one] as number;
    const otherNs = this.#times[other] as number;
    if (oneNs !== otherNs) return oneNs < otherNs;
    return (this.#orders[one] as number) < (this.#orders[other] as number);
  }

  #move(from: number, to: number): void {
    const event = this.#heap[from] as SimEvent;
    this.#heap[to] = event;
    this.#times[to] = this.#times[from] as number;
    this.#orders[to] = this.#orders[from] as number;
    event.place = to;
  }

  #grow(): void {
    const wider = (narrow: Float64Array): Float64Array<ArrayBuffer> => {
      const wide = new Float64Array(narrow.length * 2);
      wide.set(narrow);
      return wide;
    };
    this.#times = wider(this.#times);
    this.#orders = wider(this.#orders);
  }
}
