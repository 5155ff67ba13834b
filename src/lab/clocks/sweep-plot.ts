/**
 * Marzullo's sweep over one round of questions: what each server says, as an interval around its
 * offset, and below it how many of the intervals agree, from edge to edge. The interval in which
 * most do is what is believed.
 */

import type { NodeId } from '../process/process.ts';
import type { RunPlot } from '../plot/plan.ts';
import type { Plot } from '../plot/plot.ts';
import type { TraceEvent } from '../run/trace-event.ts';

const CLIENT = 0;

/** The four times of an exchange, in true time: that of the client, whose clock is right. */
interface Exchange {
  sentNs: number;
  cameNs: number;
  repliedNs: number;
  gotNs: number | undefined;
}

export interface SaidInterval {
  readonly server: string;
  readonly lowNs: number;
  readonly highNs: number;
}

export class IntervalSweepPlot implements RunPlot {
  /** What a server adds to its time. */
  readonly #lieOf: (server: NodeId) => number;
  readonly #exchanges = new Map<NodeId, Exchange>();

  constructor(lieOf: (server: NodeId) => number) {
    this.#lieOf = lieOf;
  }

  observe({ kind, node, peer, atNs }: TraceEvent): void {
    if (kind !== 'send' && kind !== 'receive') return;
    const server = node === CLIENT ? peer : node;
    const known = this.#exchanges.get(server);
    if (known === undefined) {
      if (kind !== 'send' || node !== CLIENT) return;
      const exchange = { sentNs: atNs, cameNs: atNs, repliedNs: atNs, gotNs: undefined };
      this.#exchanges.set(server, exchange);
      return;
    }
    // The first round is as good as any.
    if (known.gotNs !== undefined) return;
    if (node === CLIENT) {
      if (kind === 'receive') known.gotNs = atNs;
    } else if (kind === 'receive') known.cameNs = atNs;
    else known.repliedNs = atNs;
  }

  finish(): Plot | undefined {
    const said = [...this.#exchanges].flatMap(([server, exchange]): readonly SaidInterval[] => {
      const { sentNs, cameNs, repliedNs, gotNs } = exchange;
      if (gotNs === undefined) return [];
      const offsetNs = (cameNs - sentNs + (repliedNs - gotNs)) / 2 + this.#lieOf(server);
      const errorNs = (gotNs - sentNs - (repliedNs - cameNs)) / 2;
      const name = `server ${server}`;
      return [{ server: name, lowNs: offsetNs - errorNs, highNs: offsetNs + errorNs }];
    });
    return said.length < 2 ? undefined : sweepPlot(said);
  }
}

function sweepPlot(said: readonly SaidInterval[]): Plot {
  const parts = agreeing(said);
  const most = Math.max(...parts.map(({ count }) => count));
  const best = parts.filter(({ count }) => count === most);
  const inBest = ({ lowNs, highNs }: SaidInterval): boolean =>
    best.some(({ from, to }) => lowNs <= from && highNs >= to);
  return {
    title: 'Marzullo’s sweep',
    caption:
      'What each server says of the offset, give or take half of the delay; the truth is 0. ' +
      'The last lane counts, from edge to edge, how many agree; shaded: where most do.',
    x: { label: 'offset', unit: 'ns', from: Math.min(...said.map(({ lowNs }) => lowNs)) },
    y: { label: '' },
    legend: 'intervals',
    layers: [
      {
        mark: 'spans',
        spans: best.map(({ from, to }) => ({ from, to, label: '' })),
      },
      {
        mark: 'bars',
        bars: [
          ...said.map((one) => ({
            lane: one.server,
            from: one.lowNs,
            to: one.highNs,
            series: inBest(one) ? 'in the majority' : 'outside',
          })),
          ...parts.map(({ from, to, count }) => {
            return { lane: 'the sweep', from, to, series: `${count} of ${said.length}` };
          }),
        ],
      },
      { mark: 'rules', rules: [{ x: 0, label: 'the truth' }] },
    ],
  };
}

/** Between each two neighbouring ends, how many intervals there are; gaps are left out. */
export function agreeing(
  said: readonly SaidInterval[],
): readonly { readonly from: number; readonly to: number; readonly count: number }[] {
  const ends = said.flatMap(({ lowNs, highNs }) => [lowNs, highNs]).toSorted((a, b) => a - b);
  return ends.slice(1).flatMap((to, index) => {
    const from = ends[index]!;
    const count = said.filter(({ lowNs, highNs }) => lowNs <= from && highNs >= to).length;
    return from === to || count === 0 ? [] : [{ from, to, count }];
  });
}
