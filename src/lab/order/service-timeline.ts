/**
 * Who delivers when, a lane a node, with the time shaded in which nobody delivers anything although
 * messages are sent: what a failover costs.
 */

import type { RunPlot } from '../plot/plan.ts';
import type { Plot, Span, Tick } from '../plot/plot.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';

/** More are a black bar. */
const MAX_TICKS = 2000;
/** So much longer than usual is a time without service. */
const LONG = 2.5;
const DELIVERS = 'delivers';
const SENDS = 'is told to send';
/** What befalls a node, as it is written in the picture. */
const BEFALLS: ReadonlyMap<string, string> = new Map([
  ['crash', 'crashes'],
  ['restart', 'is back'],
  ['pause', 'stands still'],
  ['resume', 'goes on'],
]);

export class ServiceTimeline implements RunPlot {
  readonly #nodes: number;
  readonly #ticks: Tick[] = [];
  readonly #rules: { readonly x: number; readonly label: string }[] = [];
  /** When anybody delivered, or was told to send: each instant once. */
  readonly #deliveriesNs: number[] = [];
  #lastSubmitNs = 0;

  constructor(nodes: number) {
    this.#nodes = nodes;
  }

  observe({ kind, node, atNs, text }: TraceEvent): void {
    if (kind === 'deliver') {
      if (this.#deliveriesNs.at(-1) !== atNs) this.#deliveriesNs.push(atNs);
      this.#tick(node, atNs, DELIVERS);
    } else if (kind === 'submit') {
      this.#lastSubmitNs = atNs;
      this.#tick(node, atNs, SENDS);
    } else if (kind === 'fault') this.#rules.push({ x: atNs, label: text });
    const befalls = BEFALLS.get(kind);
    if (befalls !== undefined) this.#rules.push({ x: atNs, label: `${laneOf(node)} ${befalls}` });
  }

  finish(): Plot | undefined {
    if (this.#deliveriesNs.length < 2 || this.#ticks.length >= MAX_TICKS) return undefined;
    return {
      title: 'Deliveries, and the time without any',
      caption: 'Grey: messages are sent, and nobody delivers anything for much longer than usual.',
      x: { label: 'time', unit: 'ns', from: 0 },
      y: { label: '', words: Array.from({ length: this.#nodes }, (_, node) => laneOf(node)) },
      series: [DELIVERS, SENDS],
      layers: [
        { mark: 'spans', spans: this.#gaps() },
        { mark: 'rules', rules: this.#rules },
        { mark: 'ticks', ticks: this.#ticks },
      ],
    };
  }

  #tick(node: NodeId, at: number, series: string): void {
    if (this.#ticks.length < MAX_TICKS) this.#ticks.push({ lane: laneOf(node), at, series });
  }

  #gaps(): readonly Span[] {
    const gaps = this.#deliveriesNs.slice(1).map((to, at): Span => {
      const from = this.#deliveriesNs[at] ?? 0;
      return { from, to, label: 'no service' };
    });
    const sorted = gaps.map(({ from, to }) => to - from).toSorted((a, b) => a - b);
    // Instants of one broadcast lie close together; what is usual is the pause between two.
    const usual = sorted[Math.floor(sorted.length * 0.75)] ?? 0;
    return gaps.filter(({ from, to }) => from < this.#lastSubmitNs && to - from > LONG * usual);
  }
}

function laneOf(node: NodeId): string {
  return `node ${node}`;
}
