/**
 * What clocks are wrong by, out of the remarks in which nodes say what theirs show: against the
 * truth (`clock.err`), against each other at one instant (`clock.apart`), and against themselves,
 * when time goes back.
 */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurement, Measurements } from '../experiment/prediction.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { WALL } from './watch.ts';

interface Reading {
  readonly atNs: number;
  readonly wallNs: number;
}

export interface ClockMeterOptions {
  /** What a clock that is right shows; default: true time. */
  readonly truth?: (trueNs: number) => number;
  /** Whose error counts; default: everybody's. */
  readonly nodes?: readonly NodeId[];
}

export class ClockMeter implements Meter {
  readonly #truth: (trueNs: number) => number;
  readonly #nodes: readonly NodeId[] | undefined;
  readonly #last = new Map<NodeId, Reading>();
  #count = 0;
  #squares = 0;
  #largestNs = 0;
  #apartNs = 0;
  #backwards = 0;
  #ratePpm = 0;

  constructor({ truth = (trueNs) => trueNs, nodes }: ClockMeterOptions = {}) {
    this.#truth = truth;
    this.#nodes = nodes;
  }

  observe({ kind, text, node, atNs, detail: wallNs }: TraceEvent): void {
    if (kind !== 'note' || text !== WALL) return;
    const before = this.#last.get(node);
    this.#last.set(node, { atNs, wallNs });
    for (const other of this.#last.values()) {
      if (other.atNs === atNs) {
        this.#apartNs = Math.max(this.#apartNs, Math.abs(other.wallNs - wallNs));
      }
    }
    if (this.#nodes?.includes(node) === false) return;
    const errorNs = wallNs - this.#truth(atNs);
    this.#count += 1;
    this.#squares += errorNs ** 2;
    this.#largestNs = Math.max(this.#largestNs, Math.abs(errorNs));
    if (before === undefined) return;
    if (wallNs < before.wallNs) this.#backwards += 1;
    if (before.atNs === atNs) return;
    const rate = (wallNs - before.wallNs) / (atNs - before.atNs);
    this.#ratePpm = Math.max(this.#ratePpm, Math.abs(rate - 1) * 1_000_000);
  }

  finish(): Measurements {
    const rms = this.#count === 0 ? 0 : Math.sqrt(this.#squares / this.#count);
    return {
      'clock.err.max': time(this.#largestNs),
      'clock.err.rms': time(Math.round(rms)),
      'clock.apart.max': time(this.#apartNs),
      'rate.err.max': { value: this.#ratePpm, unit: 'ppm' },
      'mono.violations': { value: this.#backwards, unit: 'count' },
    };
  }
}

function time(value: number): Measurement {
  return { value, unit: 'ns' };
}
