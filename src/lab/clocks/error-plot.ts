/**
 * What clocks are wrong by against true time: a line a node of what its wall clock shows; and where
 * nodes say an interval, the band in which they believe the truth to be, around the truth at 0.
 */

import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import type { RunPlot } from '../plot/plan.ts';
import type { Plot, Point } from '../plot/plot.ts';
import { WALL } from './watch.ts';

/** More are closer together than a picture can tell. */
const MAX_POINTS = 2000;

interface BandPoint {
  readonly x: number;
  readonly low: number;
  readonly high: number;
  readonly series: string;
}

export class ErrorPlot implements RunPlot {
  readonly #truth: (trueNs: number) => number;
  readonly #nameOf: (node: NodeId) => string;
  readonly #points: Point[] = [];
  readonly #band: BandPoint[] = [];
  #earliestNs = 0;

  constructor(
    truth: (trueNs: number) => number = (trueNs) => trueNs,
    nameOf: (node: NodeId) => string = (node) => `node ${node}`,
  ) {
    this.#truth = truth;
    this.#nameOf = nameOf;
  }

  observe({ kind, text, node, detail, atNs }: TraceEvent): void {
    if (kind !== 'note') return;
    const errorNs = detail - this.#truth(atNs);
    const series = this.#nameOf(node);
    if (text === 'earliest') this.#earliestNs = errorNs;
    if (text === 'latest' && this.#band.length < MAX_POINTS) {
      this.#band.push({ x: atNs, low: this.#earliestNs, high: errorNs, series });
    }
    if (text !== WALL || this.#points.length >= MAX_POINTS) return;
    this.#points.push({ x: atNs, y: errorNs, series });
  }

  finish(): Plot | undefined {
    if (this.#points.length === 0 && this.#band.length === 0) return undefined;
    return {
      title: 'Error against time',
      caption:
        this.#band.length > 0
          ? 'Where each node believes the truth to be; it is at 0. A band that leaves 0 is a lie.'
          : 'What each wall clock is ahead of the truth. A line that falls at once is a step back.',
      x: { label: 'true time', unit: 'ns' },
      y: { label: 'ahead of the truth', unit: 'ns' },
      layers: [
        { mark: 'band', points: this.#band },
        { mark: 'line', points: this.#points },
        { mark: 'rules', rules: [{ y: 0, label: 'the truth' }] },
      ],
    };
  }
}
