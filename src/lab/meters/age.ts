/**
 * How old is the newest that the receiver knows? It grows with time and falls when something newer
 * is delivered: a saw. Its mean over time is taken in slices of equal length, whose means are the
 * samples of the standard error.
 */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurements } from '../experiment/prediction.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { BatchMeans } from './batch-means.ts';
import { Histogram } from './histogram.ts';
import { TrafficMeter } from './traffic.ts';

export class AgeMeter implements Meter {
  readonly #sliceNs: number;
  readonly #traffic = new TrafficMeter();
  /** When each state was made that may yet become the newest. */
  readonly #madeNs = new Map<number, number>();
  readonly #ages = new BatchMeans();
  readonly #peaks = new Histogram();
  #newest = -1;
  #newestMadeNs = 0;
  #nowNs = 0;
  #sliceEndNs = 0;
  #sliceArea = 0;

  /** States are numbered from 0; slices as long as their interval fit the saw. */
  constructor(sliceNs: number) {
    this.#sliceNs = sliceNs;
  }

  observe(event: TraceEvent): void {
    this.#traffic.observe(event);
    const { kind, message, atNs } = event;
    if (kind === 'submit') this.#madeNs.set(message, atNs);
    if (kind !== 'deliver' || message <= this.#newest) return;
    if (this.#newest >= 0) {
      this.#peaks.add(atNs - this.#newestMadeNs);
      this.#moveTo(atNs);
    }
    this.#nowNs = atNs;
    if (this.#newest < 0) this.#sliceEndNs = atNs + this.#sliceNs;
    this.#newestMadeNs = this.#madeNs.get(message) ?? 0;
    for (; this.#newest < message; this.#newest += 1) this.#madeNs.delete(this.#newest + 1);
  }

  finish(): Measurements {
    const { mean: value, standardError } = this.#ages;
    const ns = (age: number): { value: number; unit: 'ns' } => ({ value: age, unit: 'ns' });
    return {
      ...this.#traffic.finish(),
      'age.mean': { ...ns(value), ...(standardError !== undefined && { standardError }) },
      'age.peak.p50': ns(this.#peaks.quantile(0.5)),
      'age.peak.p99': ns(this.#peaks.quantile(0.99)),
      'age.max': ns(this.#peaks.largest),
    };
  }

  #moveTo(atNs: number): void {
    while (this.#sliceEndNs <= atNs) {
      this.#addArea(this.#sliceEndNs);
      this.#ages.add(this.#sliceArea / this.#sliceNs);
      this.#sliceArea = 0;
      this.#sliceEndNs += this.#sliceNs;
    }
    this.#addArea(atNs);
  }

  #addArea(untilNs: number): void {
    const meanAgeNs = (this.#nowNs + untilNs) / 2 - this.#newestMadeNs;
    this.#sliceArea += meanAgeNs * (untilNs - this.#nowNs);
    this.#nowNs = untilNs;
  }
}
