/**
 * The mean of a series of dependent samples, and an honest standard error of it, by the method of
 * batch means (Law, Simulation Modeling and Analysis, chapter 9): neighbours depend on each other,
 * so the series is cut into long batches, whose means hardly do, and these are the sample.
 *
 * The series may be of any length: when there are `2 * BATCHES` batches, neighbours merge, and
 * batches are twice as long from then on. Few batches know their own variance only roughly; so the
 * standard error is widened as Student's t asks, so that 3.29 of it hold the mean in 99.9 % of
 * runs.
 */

/** From 32 to 63 whole batches, which is where more of them no longer make intervals narrower. */
const BATCHES = 32;
/** Shorter batches are not even nearly independent. */
const MIN_BATCH_LENGTH = 32;
/** From so many samples there is a standard error. */
export const MIN_SAMPLES: number = BATCHES * MIN_BATCH_LENGTH;
/** The two-sided 99.9 % point of the normal distribution, for which the widening is exact. */
const NORMAL_QUANTILE = 3.2905;

export class BatchMeans {
  #count = 0;
  #sum = 0;
  #batchLength = 1;
  #sums: number[] = [];
  #openSum = 0;
  #openLength = 0;

  add(sample: number): void {
    this.#count += 1;
    this.#sum += sample;
    this.#openSum += sample;
    this.#openLength += 1;
    if (this.#openLength < this.#batchLength) return;
    this.#sums.push(this.#openSum);
    this.#openSum = 0;
    this.#openLength = 0;
    if (this.#sums.length === 2 * BATCHES) this.#mergeNeighbours();
  }

  get count(): number {
    return this.#count;
  }

  /** 0 of no samples. */
  get mean(): number {
    return this.#count === 0 ? 0 : this.#sum / this.#count;
  }

  /** Undefined when there are fewer than `MIN_SAMPLES`. */
  get standardError(): number | undefined {
    if (this.#count < MIN_SAMPLES) return undefined;
    const means = this.#sums.map((sum) => sum / this.#batchLength);
    const mean = means.reduce((total, one) => total + one, 0) / means.length;
    const squares = means.reduce((total, one) => total + (one - mean) ** 2, 0);
    const degrees = means.length - 1;
    return Math.sqrt(squares / degrees / means.length) * widening(degrees);
  }

  #mergeNeighbours(): void {
    const sums = this.#sums;
    this.#sums = Array.from(
      { length: BATCHES },
      (_, index) => (sums[2 * index] ?? 0) + (sums[2 * index + 1] ?? 0),
    );
    this.#batchLength *= 2;
  }
}

/**
 * Student's quantile over the normal one, by the first terms of its expansion in the degrees of
 * freedom (Abramowitz and Stegun 26.7.5): right to four digits from 31 degrees on.
 */
function widening(degrees: number): number {
  const z = NORMAL_QUANTILE;
  const first = (z ** 3 + z) / 4;
  const second = (5 * z ** 5 + 16 * z ** 3 + 3 * z) / 96;
  const third = (3 * z ** 7 + 19 * z ** 5 + 17 * z ** 3 - 15 * z) / 384;
  return (z + first / degrees + second / degrees ** 2 + third / degrees ** 3) / z;
}
