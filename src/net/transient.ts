/**
 * A set and a map of what comes and goes thousands of times a second, such as queries under way.
 *
 * A `Set` or `Map` would do, but for the collector: V8 rearranges a table every few dozen changes,
 * and leaves the old one pointing to the new one. Once one of them has got into the old part of the
 * heap, where only a full collection looks, all that follow count as alive, with everything that
 * was ever in them: each query that was resolved outlived itself twice.
 */

/** Where something is in a `TransientSet`. */
export interface Place<Item> {
  item: Item | undefined;
  previous: Place<Item> | undefined;
  next: Place<Item> | undefined;
}

/** In the order of arrival. What is in it is not looked for, but known by its place. */
export class TransientSet<Item> implements Iterable<Item> {
  #first: Place<Item> | undefined;
  #last: Place<Item> | undefined;
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get first(): Item | undefined {
    return this.#first?.item;
  }

  add(item: Item): Place<Item> {
    const place: Place<Item> = { item, previous: this.#last, next: undefined };
    if (this.#last) this.#last.next = place;
    else this.#first = place;
    this.#last = place;
    this.#size++;
    return place;
  }

  /** Idempotent. */
  remove(place: Place<Item>): void {
    if (place.item === undefined) return;
    const { previous, next } = place;
    if (previous) previous.next = next;
    else this.#first = next;
    if (next) next.previous = previous;
    else this.#last = previous;
    this.#size--;
    // It may lie in the old part of the heap, and would keep its neighbours.
    place.item = undefined;
    place.previous = undefined;
    place.next = undefined;
  }

  /** Those that are there at the start and still there when their turn comes. */
  *[Symbol.iterator](): Generator<Item, void, undefined> {
    const places: Place<Item>[] = [];
    for (let place = this.#first; place; place = place.next) places.push(place);
    for (const { item } of places) if (item !== undefined) yield item;
  }
}

/** The tables hold numbers, and the values lie in an array. */
export class TransientMap<Key extends string | number, Value> {
  readonly #slots = new Map<Key, number>();
  readonly #values: (Value | undefined)[] = [];
  readonly #free: number[] = [];

  get size(): number {
    return this.#slots.size;
  }

  get(key: Key): Value | undefined {
    const slot = this.#slots.get(key);
    return slot === undefined ? undefined : this.#values[slot];
  }

  set(key: Key, value: Value): void {
    const slot = this.#slots.get(key) ?? this.#free.pop() ?? this.#values.length;
    this.#values[slot] = value;
    this.#slots.set(key, slot);
  }

  delete(key: Key): void {
    const slot = this.#slots.get(key);
    if (slot === undefined) return;
    this.#slots.delete(key);
    this.#values[slot] = undefined;
    this.#free.push(slot);
  }

  *values(): Generator<Value, void, undefined> {
    for (const slot of this.#slots.values()) yield this.#values[slot]!;
  }
}
