/**
 * The hold-back queue: what has been *received* waits here until everything before it has been
 * *delivered*. Numbers begin with 1; a number that comes twice is ignored.
 */

export class HoldBack<Item> {
  readonly #held = new Map<number, Item>();
  #next = 1;

  /** The number that is waited for. */
  get next(): number {
    return this.#next;
  }

  get size(): number {
    return this.#held.size;
  }

  put(number: number, item: Item): void {
    if (number >= this.#next && !this.#held.has(number)) this.#held.set(number, item);
  }

  has(number: number): boolean {
    return number < this.#next || this.#held.has(number);
  }

  /** Gives up the number that is waited for. */
  skip(): void {
    this.#next += 1;
  }

  /** Takes what is next, one after the other, until one is missing. */
  *ready(): Generator<Item> {
    for (let item = this.#held.get(this.#next); item !== undefined;) {
      this.#held.delete(this.#next);
      this.#next += 1;
      yield item;
      item = this.#held.get(this.#next);
    }
  }
}
