/** What a scenario is measured by: hits, load, latency, staleness, failures; over time as well. */

import { NS_PER_MS } from '../../sim/units.ts';
import { Histogram } from '../meters/histogram.ts';

export interface SeenQuery {
  /** Since the start of the scenario. */
  readonly atMs: number;
  readonly latencyMs: number;
  readonly outcome: 'hit' | 'miss' | 'failed';
  readonly staleMs: number;
}

export interface ScenarioMetrics {
  readonly queries: number;
  readonly hitRatio: number;
  readonly failedRatio: number;
  readonly staleRatio: number;
  /** Milliseconds. */
  readonly maxStalenessMs: number;
  /** Of all answers: a fresh one counts as 0. */
  readonly meanStalenessMs: number;
  readonly meanLatencyMs: number;
  readonly medianLatencyMs: number;
  readonly p99LatencyMs: number;
  readonly maxLatencyMs: number;
  /** Questions per second at each server, over the whole of the scenario. */
  readonly upstreamPerSecond: Readonly<Record<string, number>>;
  /** Equal parts of the scenario. */
  readonly timeline: readonly TimelinePart[];
}

export interface TimelinePart {
  readonly fresh: number;
  readonly stale: number;
  readonly failed: number;
  readonly misses: number;
  /** The staleness of its answers, added up. */
  readonly staleMs: number;
}

type Counted = { -readonly [Count in keyof TimelinePart]: number };

const PARTS = 120;

export class ScenarioMeter {
  /** In nanoseconds. */
  readonly #latency = new Histogram();
  readonly #upstream: Map<string, number>;
  readonly #parts: Counted[];
  readonly #durationMs: number;
  readonly #counts = { queries: 0, hits: 0, failed: 0, stale: 0 };
  #latencySumMs = 0;
  #stalenessSumMs = 0;
  #maxStalenessMs = 0;

  constructor(servers: readonly string[], durationMs: number) {
    this.#durationMs = durationMs;
    this.#upstream = new Map(servers.map((server) => [server, 0]));
    this.#parts = Array.from({ length: PARTS }, () => {
      return { fresh: 0, stale: 0, failed: 0, misses: 0, staleMs: 0 };
    });
  }

  countUpstream(host: string | undefined): void {
    const count = host === undefined ? undefined : this.#upstream.get(host);
    if (host !== undefined && count !== undefined) this.#upstream.set(host, count + 1);
  }

  /** Where hits are seen at the servers alone: one more answer was no hit. */
  countFetch(atMs: number): void {
    this.#counts.hits -= 1;
    this.#partAt(atMs).misses += 1;
  }

  add(query: SeenQuery): void {
    const { latencyMs, outcome, staleMs } = query;
    this.#counts.queries += 1;
    this.#counts.hits += outcome === 'hit' ? 1 : 0;
    this.#counts.failed += outcome === 'failed' ? 1 : 0;
    this.#counts.stale += staleMs > 0 ? 1 : 0;
    this.#stalenessSumMs += staleMs;
    this.#maxStalenessMs = Math.max(this.#maxStalenessMs, staleMs);
    this.#latency.add(latencyMs * NS_PER_MS);
    this.#latencySumMs += latencyMs;
    this.#countPart(query);
  }

  finish(): ScenarioMetrics {
    const { queries, hits, failed, stale } = this.#counts;
    const share = (count: number): number => (queries === 0 ? 0 : count / queries);
    const perSecond = [...this.#upstream].map(([server, count]) => [
      server,
      count / (this.#durationMs / 1000),
    ]);
    return {
      queries,
      hitRatio: share(hits),
      failedRatio: share(failed),
      staleRatio: share(stale),
      maxStalenessMs: this.#maxStalenessMs,
      meanStalenessMs: share(this.#stalenessSumMs),
      meanLatencyMs: share(this.#latencySumMs),
      medianLatencyMs: this.#latency.quantile(0.5) / NS_PER_MS,
      p99LatencyMs: this.#latency.quantile(0.99) / NS_PER_MS,
      maxLatencyMs: this.#latency.largest / NS_PER_MS,
      upstreamPerSecond: Object.fromEntries(perSecond) as Record<string, number>,
      timeline: this.#parts,
    };
  }

  #countPart({ atMs, outcome, staleMs }: SeenQuery): void {
    const part = this.#partAt(atMs);
    if (outcome === 'failed') part.failed += 1;
    else if (staleMs > 0) part.stale += 1;
    else part.fresh += 1;
    if (outcome === 'miss') part.misses += 1;
    part.staleMs += staleMs;
  }

  #partAt(atMs: number): Counted {
    const index = Math.floor((atMs / this.#durationMs) * PARTS);
    return this.#parts[Math.min(PARTS - 1, Math.max(0, index))]!;
  }
}
