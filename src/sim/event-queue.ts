/**
 * The events to come, as a binary heap ordered by (time, priority, sequence). The order is total,
 * so two runs never differ in ties; an event knows its place, so a cancelled one leaves at once.
 */

/** At one instant faults come first, then what arrives, then what was waited for. */
export const priorities = { fault: 0, arrival: 1, timer: 2 } as const;
export type Priority = keyof typeof priorities;

export interface SimEvent {
  readonly timeNs: number;
  readonly priority: Priority;
  readonly sequence: number;
  readonly action: () => void;
}

export class EventQueue {
  readonly #heap: SimEvent[] = [];
  readonly #places = new Map<SimEvent, number>();

  get length(): number {
    return this.#heap.length;
  }

  get first(): SimEvent | undefined {
    return this.#heap[0];
  }

  push(event: SimEvent): void {
    this.#rise(event, this.#heap.length);
  }

  pop(): SimEvent | undefined {
    const first = this.#heap[0];
    if (first !== undefined) this.remove(first);
    return first;
  }

  /** Does nothing when the event is not queued any more. */
  remove(event: SimEvent): void {
    const place = this.#places.get(event);
    if (place === undefined) return;
    this.#places.delete(event);
    const last = this.#heap.pop();
    if (last === undefined || last === event) return;
    const parent = this.#heap[(place - 1) >> 1];
    if (place > 0 && parent !== undefined && isBefore(last, parent)) this.#rise(last, place);
    else this.#sink(last, place);
  }

  #rise(event: SimEvent, from: number): void {
    let place = from;
    while (place > 0) {
      const above = (place - 1) >> 1;
      const parent = this.#heap[above];
      if (parent === undefined || !isBefore(event, parent)) break;
      this.#put(parent, place);
      place = above;
    }
    this.#put(event, place);
  }

  #sink(event: SimEvent, from: number): void {
    let place = from;
    for (;;) {
      let below = place * 2 + 1;
      let child = this.#heap[below];
      const right = this.#heap[below + 1];
      if (child !== undefined && right !== undefined && isBefore(right, child)) {
        child = right;
        below += 1;
      }
      if (child === undefined || !isBefore(child, event)) break;
      this.#put(child, place);
      place = below;
    }
    this.#put(event, place);
  }

  #put(event: SimEvent, place: number): void {
    this.#heap[place] = event;
    this.#places.set(event, place);
  }
}

function isBefore(a: SimEvent, b: SimEvent): boolean {
  if (a.timeNs !== b.timeNs) return a.timeNs < b.timeNs;
  const order = priorities[a.priority] - priorities[b.priority];
  return order === 0 ? a.sequence < b.sequence : order < 0;
}
