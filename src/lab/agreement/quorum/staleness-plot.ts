/** How often a read is k versions behind, beside the closed form of PBS. */

import { StaleReadMeter } from '../../meters/stale-reads.ts';
import type { RunPlot } from '../../plot/plan.ts';
import type { Plot } from '../../plot/plot.ts';
import type { TraceEvent } from '../../run/trace-event.ts';

const VERSIONS = 6;
/** Of a normal distribution, 95 %. */
const HALF_WIDTH_ERRORS = 1.96;

export class StalenessPlot implements RunPlot {
  readonly #meter = new StaleReadMeter({ versions: VERSIONS });
  readonly #missed: number;

  /** `missed`: the chance that a read misses one write. */
  constructor(missed: number) {
    this.#missed = missed;
  }

  observe(event: TraceEvent): void {
    this.#meter.observe(event);
  }

  finish(): Plot | undefined {
    const { shares } = this.#meter;
    if ((shares[0]?.count ?? 0) === 0) return undefined;
    const points = shares.map(({ mean, standardError = 0 }, index) => {
      const half = HALF_WIDTH_ERRORS * standardError;
      const whiskers = half > 0 ? { low: mean - half, high: mean + half } : {};
      return { x: index + 1, y: mean, ...whiskers };
    });
    const theory = shares.map((_, index) => {
      return { x: index + 1, y: this.#missed ** (index + 1) };
    });
    return {
      title: 'How old is what is read?',
      caption:
        'The share of reads that miss the last k writes: measured, with 95 % intervals, and the ' +
        'k-th power of C(N − W, R) / C(N, R).',
      x: { label: 'versions behind, k or more', unit: 'count', from: 0, to: VERSIONS + 1 },
      y: { label: 'share of the reads', unit: 'share', from: 0, to: 1 },
      layers: [
        { mark: 'line', points: theory, isTheory: true },
        { mark: 'points', points },
      ],
    };
  }
}
