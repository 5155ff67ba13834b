/**
 * What was true when: the values that a name had at its origin, against which an answer is fresh or
 * stale. Values are text, such as the addresses of an RRset.
 */

export class Truth {
  /** In the order of time; a value may come back. */
  readonly #versions: { readonly value: string; readonly sinceMs: number }[] = [];

  /** Returns whether it is another than before. */
  set(value: string, atMs: number): boolean {
    if (this.#versions.at(-1)?.value === value) return false;
    this.#versions.push({ value, sinceMs: atMs });
    return true;
  }

  /** Undefined before anything was true. */
  get current(): string | undefined {
    return this.#versions.at(-1)?.value;
  }

  get versionCount(): number {
    return this.#versions.length;
  }

  /** Since when, as of now, the value is over; 0 milliseconds when it is what is true. */
  staleMs(value: string, nowMs: number): number | undefined {
    for (let index = this.#versions.length - 1; index >= 0; index -= 1) {
      if (this.#versions[index]!.value !== value) continue;
      const next = this.#versions[index + 1];
      return next === undefined ? 0 : nowMs - next.sinceMs;
    }
    return undefined;
  }

  /** How many versions the value lies behind. */
  versionsBehind(value: string): number | undefined {
    const index = this.#versions.findLastIndex((version) => version.value === value);
    return index < 0 ? undefined : this.#versions.length - 1 - index;
  }
}
