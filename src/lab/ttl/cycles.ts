/** What is measured at a cache from one miss to the next, which is a cycle of its own. */

import type { Measurement } from '../experiment/prediction.ts';
import { RegenerativeRatio } from './regenerative.ts';
import type { ObservedQuery } from './ttl-run.ts';
import { NS_PER_MS } from '../../sim/units.ts';

/** Of one question to the authority, and of one stale answer. */
interface Prices {
  readonly query: number;
  readonly stale: number;
}

interface Cycle {
  readonly startMs: number;
  /** When the record that the miss asked for was there. */
  readonly filledMs: number;
  queries: number;
  hits: number;
  stale: number;
  /** All latencies together. */
  latencyMs: number;
}

/**
 * For one name at one cache. What comes before the second miss and after the last is left out: the
 * first cycle has the whole walk from the root in it, the last is cut short.
 */
export class CacheCycles {
  readonly #hits = new RegenerativeRatio();
  readonly #stale = new RegenerativeRatio();
  readonly #misses = new RegenerativeRatio();
  readonly #latency = new RegenerativeRatio();
  readonly #cost = new RegenerativeRatio();
  readonly #prices: Prices;
  #cycle: Cycle | undefined;
  #isWarm = false;
  #maxStaleMs = 0;

  constructor(prices: Prices = { query: 0, stale: 0 }) {
    this.#prices = prices;
  }

  observe(query: ObservedQuery): void {
    const { outcome, askedAtMs, latencyMs, staleMs } = query;
    this.#maxStaleMs = Math.max(this.#maxStaleMs, staleMs);
    const cycle = this.#cycle;
    // Who asks while the record is on its way waits for the same one.
    const isMiss = outcome !== 'hit' && (cycle === undefined || askedAtMs >= cycle.filledMs);
    if (isMiss) {
      if (cycle && this.#isWarm) this.#add(cycle, askedAtMs);
      this.#isWarm = cycle !== undefined;
      const filledMs = askedAtMs + latencyMs;
      this.#cycle = { startMs: askedAtMs, filledMs, queries: 0, hits: 0, stale: 0, latencyMs: 0 };
    }
    const current = this.#cycle;
    if (current === undefined) return;
    current.queries += 1;
    current.hits += outcome === 'hit' ? 1 : 0;
    current.stale += staleMs > 0 ? 1 : 0;
    current.latencyMs += latencyMs;
  }

  /** Of all questions, those answered in the instant in which they came. */
  get hitRatio(): Measurement {
    return this.#hits.measurement('ratio');
  }

  /** Misses per second. */
  get upstreamQps(): Measurement {
    return this.#misses.measurement('per second');
  }

  /** Of all questions, those answered with what was over. */
  get staleRatio(): Measurement {
    return this.#stale.measurement('ratio');
  }

  /** Per second: what questions to the authority and stale answers cost together. */
  get cost(): Measurement {
    return this.#cost.measurement('per second');
  }

  get meanLatency(): Measurement {
    return this.#latency.measurement('ns', NS_PER_MS);
  }

  get maxStaleness(): Measurement {
    return { value: this.#maxStaleMs * NS_PER_MS, unit: 'ns' };
  }

  #add({ hits, queries, stale, latencyMs, startMs }: Cycle, nextMs: number): void {
    this.#hits.add(hits, queries);
    this.#stale.add(stale, queries);
    const seconds = (nextMs - startMs) / 1000;
    this.#misses.add(1, seconds);
    // One sum of both, as they depend on each other: a long cycle has few misses and many lies.
    this.#cost.add(this.#prices.query + this.#prices.stale * stale, seconds);
    this.#latency.add(latencyMs, queries);
  }
}
