/**
 * How long to wait for an answer, learnt from the answers so far (RFC 6298): a smoothed round trip
 * and its mean deviation, each a running mean. The caller obeys Karn's rule (RFC 6298 §3): an
 * answer to what was sent twice is no sample, because nobody knows which copy it answers.
 */

/** Gains of the two running means, and how many deviations are waited (RFC 6298 §2). */
const ALPHA = 1 / 8;
const BETA = 1 / 4;
const K = 4;
/** Steps in which time is thought to go: G of RFC 6298 §2. */
const GRANULARITY_NS = 1_000_000;

export interface RoundTripOptions {
  /** Before the first sample. */
  readonly initialRtoNs: number;
  /** 1 s in RFC 6298 §2.4, which was written against needless copies; less in many programs. */
  readonly minRtoNs: number;
  readonly maxRtoNs: number;
}

export class RoundTrip {
  readonly #options: RoundTripOptions;
  #smoothedNs: number | undefined;
  #deviationNs = 0;
  #rtoNs: number;

  constructor(options: RoundTripOptions) {
    this.#options = options;
    this.#rtoNs = options.initialRtoNs;
  }

  /** The retransmission timeout. */
  get rtoNs(): number {
    return this.#rtoNs;
  }

  sample(roundTripNs: number): void {
    if (this.#smoothedNs === undefined) {
      this.#smoothedNs = roundTripNs;
      this.#deviationNs = roundTripNs / 2;
    } else {
      const error = Math.abs(this.#smoothedNs - roundTripNs);
      this.#deviationNs = (1 - BETA) * this.#deviationNs + BETA * error;
      this.#smoothedNs = (1 - ALPHA) * this.#smoothedNs + ALPHA * roundTripNs;
    }
    this.#set(this.#smoothedNs + Math.max(GRANULARITY_NS, K * this.#deviationNs));
  }

  /** The timeout ran out: wait twice as long, until there is a new sample (RFC 6298 §5.5). */
  backOff(): void {
    this.#set(2 * this.#rtoNs);
  }

  #set(rtoNs: number): void {
    const { minRtoNs, maxRtoNs } = this.#options;
    this.#rtoNs = Math.round(Math.min(maxRtoNs, Math.max(minRtoNs, rtoNs)));
  }
}
