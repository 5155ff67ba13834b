/** Quantiles of many values in little room: buckets of equal ratio, one in a hundred wide. */

const BUCKETS_PER_OCTAVE = 70;
/** Below a microsecond nobody waits. */
const LEAST_MS = 0.001;

export class LatencyHistogram {
  readonly #buckets = new Map<number, number>();
  #count = 0;
  #sum = 0;
  #max = 0;

  add(ms: number): void {
    const bucket = Math.ceil(Math.log2(Math.max(ms, LEAST_MS) / LEAST_MS) * BUCKETS_PER_OCTAVE);
    this.#buckets.set(bucket, (this.#buckets.get(bucket) ?? 0) + 1);
    this.#count += 1;
    this.#sum += ms;
    this.#max = Math.max(this.#max, ms);
  }

  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  get max(): number {
    return this.#max;
  }

  /** No less than the value below which `share` of all lie, and at most a hundredth more. */
  quantile(share: number): number {
    let left = share * this.#count;
    for (const [bucket, count] of [...this.#buckets].toSorted(([a], [b]) => a - b)) {
      left -= count;
      if (left <= 0) return Math.min(this.#max, LEAST_MS * 2 ** (bucket / BUCKETS_PER_OCTAVE));
    }
    return this.#max;
  }
}
