/** The share of reads that are stale: one version behind or more, two or more, and so on. */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurements } from '../experiment/prediction.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { BatchMeans } from './batch-means.ts';
import { ReadAges } from './read-ages.ts';
import { shareOf } from './share.ts';

export interface StaleOptions {
  /** Up to so many versions behind it is told how often. */
  readonly versions?: number;
  /** What is asked while the network is divided is counted once more, by itself. */
  readonly division?: { readonly fromNs: number; readonly toNs: number } | undefined;
  /** Which reads are counted; default: all. */
  readonly counts?: (message: number) => boolean;
  /** Of the metric. */
  readonly name?: string;
}

export class StaleReadMeter implements Meter {
  readonly #options: StaleOptions;
  readonly #ages = new ReadAges();
  /** By versions less one, a series of 0 and 1. */
  readonly #behind: readonly BatchMeans[];
  readonly #divided = new BatchMeans();

  constructor(options: StaleOptions = {}) {
    this.#options = options;
    this.#behind = Array.from({ length: options.versions ?? 1 }, () => new BatchMeans());
  }

  observe(event: TraceEvent): void {
    const read = this.#ages.observe(event);
    if (read === undefined || this.#options.counts?.(read.message) === false) return;
    const { behind, submittedNs } = read;
    for (const [index, share] of this.#behind.entries()) share.add(behind > index ? 1 : 0);
    const { fromNs = Infinity, toNs = 0 } = this.#options.division ?? {};
    const isDivided = submittedNs >= fromNs && submittedNs < toNs;
    if (isDivided) this.#divided.add(behind > 0 ? 1 : 0);
  }

  finish(): Measurements {
    const { name = 'stale.reads' } = this.#options;
    const shares = this.#behind.map((share, index) => {
      return shareOf(index === 0 ? name : `stale.k${index + 1}`, share);
    });
    return Object.assign({}, ...shares, shareOf('cut.stale', this.#divided)) as Measurements;
  }

  /** By versions less one, the share of reads that are so far behind. */
  get shares(): readonly BatchMeans[] {
    return this.#behind;
  }
}
