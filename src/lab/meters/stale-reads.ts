/**
 * How old is what clients of a register read? A read is *stale* when a write was acknowledged before
 * the read began, and that write itself began after the one whose value was read was acknowledged.
 * It is *k behind* when there are k such writes. Of writes that overlap nobody can say which is the
 * newer one, and nothing is counted.
 */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurements } from '../experiment/prediction.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { BatchMeans } from './batch-means.ts';
import { shareOf } from './share.ts';

interface Write {
  readonly value: number;
  readonly submittedNs: number;
  ackedNs?: number;
}

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
  readonly #reads = new Map<number, { readonly atNs: number; readonly acked: number }>();
  readonly #open = new Map<number, Write>();
  readonly #byValue = new Map<number, Write>();
  /** In the order in which they were acknowledged. */
  readonly #acked: Write[] = [];
  /** By versions less one, a series of 0 and 1. */
  readonly #behind: readonly BatchMeans[];
  readonly #divided = new BatchMeans();

  constructor(options: StaleOptions = {}) {
    this.#options = options;
    this.#behind = Array.from({ length: options.versions ?? 1 }, () => new BatchMeans());
  }

  observe(event: TraceEvent): void {
    if (event.kind === 'submit') this.#begin(event);
    else if (event.kind === 'deliver') this.#end(event);
  }

  finish(): Measurements {
    const { name = 'stale.reads' } = this.#options;
    const shares = this.#behind.map((share, index) => {
      return shareOf(index === 0 ? name : `stale.k${index + 1}`, share);
    });
    return Object.assign({}, ...shares, shareOf('cut.stale', this.#divided)) as Measurements;
  }

  #begin({ message, text, detail, atNs }: TraceEvent): void {
    if (text.startsWith('read')) {
      if (this.#options.counts?.(message) === false) return;
      this.#reads.set(message, { atNs, acked: this.#acked.length });
    } else if (text.startsWith('write')) {
      const write = { value: detail, submittedNs: atNs };
      this.#open.set(message, write);
      this.#byValue.set(detail, write);
    }
  }

  #end({ message, text, detail, atNs }: TraceEvent): void {
    const write = this.#open.get(message);
    if (write && text === 'ok') {
      write.ackedNs = atNs;
      this.#acked.push(write);
      this.#open.delete(message);
    }
    const read = this.#reads.get(message);
    if (read === undefined || text !== 'value') return;
    this.#reads.delete(message);
    const behind = this.#versionsBehind(detail, read.acked);
    for (const [index, share] of this.#behind.entries()) share.add(behind > index ? 1 : 0);
    const { division } = this.#options;
    const isDivided = division && read.atNs >= division.fromNs && read.atNs < division.toNs;
    if (isDivided === true) this.#divided.add(behind > 0 ? 1 : 0);
  }

  /** Of the first `acked` writes those that began when `value` had been acknowledged. */
  #versionsBehind(value: number, acked: number): number {
    const write = this.#byValue.get(value);
    const sinceNs = write === undefined ? -1 : (write.ackedNs ?? Infinity);
    let behind = 0;
    for (let place = acked - 1; place >= 0; place -= 1) {
      const other = this.#acked[place];
      if (other === undefined || (other.ackedNs ?? 0) <= sinceNs) break;
      if (other.submittedNs > sinceNs) behind += 1;
    }
    return behind;
  }
}
