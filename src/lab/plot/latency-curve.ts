/** How long messages took, as a distribution: the share that was delivered within a time. */

import type { TraceEvent } from '../run/trace-event.ts';
import type { RunPlot } from './plan.ts';
import type { Plot } from './plot.ts';

/** Steps of the curve; more are finer than a line is wide. */
const STEPS = 400;

export class LatencyCurve implements RunPlot {
  readonly #submittedNs = new Map<number, number>();
  readonly #latenciesNs: number[] = [];

  observe({ kind, message, atNs }: TraceEvent): void {
    if (kind === 'submit') this.#submittedNs.set(message, atNs);
    if (kind !== 'deliver') return;
    const submittedNs = this.#submittedNs.get(message);
    if (submittedNs !== undefined) this.#latenciesNs.push(atNs - submittedNs);
  }

  finish(): Plot | undefined {
    const sorted = this.#latenciesNs.toSorted((a, b) => a - b);
    const { length } = sorted;
    if (length === 0) return undefined;
    const count = Math.min(STEPS, length);
    const places = Array.from({ length: count }, (_, index) =>
      Math.ceil(((index + 1) / count) * length),
    );
    const steps = places.map((place) => ({ x: sorted[place - 1] ?? 0, y: place / length }));
    return {
      title: 'Latency of deliveries',
      caption: 'The share that was delivered within a time. Steps are repairs: one timer apart.',
      x: { label: 'from hand-down to delivery', unit: 'ns' },
      y: { label: 'share of the deliveries', unit: 'share', from: 0, to: 1 },
      layers: [
        { mark: 'line', points: [{ x: sorted[0] ?? 0, y: 0 }, ...steps], isStepped: true },
        { mark: 'rules', rules: [median(sorted)] },
      ],
    };
  }
}

function median(sorted: readonly number[]): { readonly x: number; readonly label: string } {
  return { x: sorted[(sorted.length - 1) >> 1] ?? 0, label: 'median' };
}
