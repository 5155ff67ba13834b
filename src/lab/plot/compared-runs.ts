/**
 * Several protocols under the same fates, in two pictures: what each sends for a message that is
 * delivered, by kind of datagram, and how long its messages take, as distributions.
 */

import type { TraceEvent } from '../run/trace-event.ts';
import type { Plot, Point } from './plot.ts';

/** Steps of a curve; more are finer than a line is wide. */
const STEPS = 200;
/** Kinds of datagrams that are told apart, over all runs; the rest are one more. */
const MAX_KINDS = 6;
const REST = 'other';

/** What is kept of the events of one run. */
export class ComparedRun {
  readonly name: string;
  readonly sent: Map<string, number> = new Map();
  readonly latenciesNs: number[] = [];
  delivered = 0;
  readonly #submittedNs = new Map<number, number>();

  constructor(name: string) {
    this.name = name;
  }

  observe({ kind, message, atNs, text }: TraceEvent): void {
    if (kind === 'submit') this.#submittedNs.set(message, atNs);
    if (kind === 'send') this.sent.set(text, (this.sent.get(text) ?? 0) + 1);
    if (kind !== 'deliver') return;
    this.delivered += 1;
    const submittedNs = this.#submittedNs.get(message);
    if (submittedNs !== undefined) this.latenciesNs.push(atNs - submittedNs);
  }
}

export function comparedPlots(runs: readonly ComparedRun[]): readonly Plot[] {
  return [costs(runs), latencies(runs)].filter((plot) => plot !== undefined);
}

function costs(all: readonly ComparedRun[]): Plot | undefined {
  const runs = all.filter(({ delivered }) => delivered > 0);
  if (runs.length === 0) return undefined;
  const kinds = kindsOf(runs);
  const columns = runs.flatMap(({ name, sent, delivered }) =>
    kinds.map((series) => {
      const counts = [...sent].map(([kind, count]) => (kindIn(kinds, kind) === series ? count : 0));
      return { x: name, y: counts.reduce((sum, count) => sum + count, 0) / delivered, series };
    }),
  );
  return {
    title: 'Datagrams for each delivery',
    caption: 'All that was sent, by what it is, divided by what was delivered.',
    x: { label: '' },
    y: { label: 'datagrams for each delivery', unit: 'ratio', from: 0 },
    legend: 'kind',
    series: kinds,
    layers: [{ mark: 'columns', columns }],
  };
}

/** The most frequent ones. */
function kindsOf(runs: readonly ComparedRun[]): readonly string[] {
  const totals = new Map<string, number>();
  for (const [kind, count] of runs.flatMap(({ sent }) => [...sent])) {
    totals.set(kind, (totals.get(kind) ?? 0) + count);
  }
  const sorted = [...totals].toSorted(([, a], [, b]) => b - a).map(([kind]) => kind);
  return sorted.length > MAX_KINDS ? [...sorted.slice(0, MAX_KINDS), REST] : sorted;
}

function kindIn(kinds: readonly string[], kind: string): string {
  return kinds.includes(kind) ? kind : REST;
}

function latencies(runs: readonly ComparedRun[]): Plot | undefined {
  const points = runs.flatMap(({ name, latenciesNs }) => distribution(name, latenciesNs));
  if (points.length === 0) return undefined;
  return {
    title: 'Latency of deliveries',
    caption: 'The share that was delivered within a time.',
    x: { label: 'from hand-down to delivery', unit: 'ns' },
    y: { label: 'share of the deliveries', unit: 'share', from: 0, to: 1 },
    legend: 'experiment',
    series: runs.map(({ name }) => name),
    layers: [{ mark: 'line', points, isStepped: true }],
  };
}

function distribution(series: string, latenciesNs: readonly number[]): readonly Point[] {
  const sorted = latenciesNs.toSorted((a, b) => a - b);
  const { length } = sorted;
  const count = Math.min(STEPS, length);
  const steps = Array.from({ length: count }, (_, index): Point => {
    const place = Math.ceil(((index + 1) / count) * length);
    return { x: sorted[place - 1] ?? 0, y: place / length, series };
  });
  return length === 0 ? [] : [{ x: sorted[0] ?? 0, y: 0, series }, ...steps];
}
