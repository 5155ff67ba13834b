/**
 * A set of whole numbers from 0 that come nearly in order, such as the messages that have arrived:
 * below its floor it holds every number, so a long run takes no more room than its gaps.
 */

export class NumberSet {
  #floor = 0;
  readonly #above = new Set<number>();

  /** The smallest number that is not in the set. */
  get floor(): number {
    return this.#floor;
  }

  get size(): number {
    return this.#floor + this.#above.size;
  }

  has(value: number): boolean {
    return (value >= 0 && value < this.#floor) || this.#above.has(value);
  }

  /** Whether it was new. */
  add(value: number): boolean {
    if (this.has(value)) return false;
    this.#above.add(value);
    while (this.#above.delete(this.#floor)) this.#floor += 1;
    return true;
  }

  /** Those above the floor, in order. */
  above(): readonly number[] {
    return [...this.#above].toSorted((a, b) => a - b);
  }
}
