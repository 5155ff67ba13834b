/** When a message is delivered after it was sent, in hops: a column a member, the sender apart. */

import type { RunPlot } from '../plot/plan.ts';
import type { Plot } from '../plot/plot.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';

interface Sum {
  readonly node: NodeId;
  readonly isOwn: boolean;
  ns: number;
  count: number;
}

const OWN = 'its own messages';
const OTHERS = 'messages of others';

export class DelayColumns implements RunPlot {
  readonly #hopNs: number;
  readonly #submissions = new Map<number, TraceEvent>();
  readonly #sums = new Map<string, Sum>();

  /** `hopNs` is above 0. */
  constructor(hopNs: number) {
    this.#hopNs = hopNs;
  }

  observe(event: TraceEvent): void {
    if (event.kind === 'submit') this.#submissions.set(event.message, event);
    if (event.kind !== 'deliver') return;
    const { node } = event;
    const submission = this.#submissions.get(event.message);
    if (submission === undefined) return;
    const isOwn = submission.node === node;
    const key = `${node} ${isOwn}`;
    const sum = this.#sums.get(key) ?? { node, isOwn, ns: 0, count: 0 };
    this.#sums.set(key, sum);
    sum.ns += event.atNs - submission.atNs;
    sum.count += 1;
  }

  finish(): Plot | undefined {
    const sums = [...this.#sums.values()].toSorted((a, b) => a.node - b.node);
    if (sums.length === 0) return undefined;
    return {
      title: 'From sending to delivery, in hops',
      caption: 'The mean of each member; its own messages come back to a sender, too.',
      x: { label: '' },
      y: { label: 'hops (δ)', unit: 'ratio', from: 0 },
      series: [OTHERS, OWN],
      layers: [
        {
          mark: 'columns',
          columns: sums.map(({ node, isOwn, ns, count }) => ({
            x: `node ${node}${isOwn ? ', own' : ''}`,
            y: ns / count / this.#hopNs,
            series: isOwn ? OWN : OTHERS,
          })),
        },
      ],
    };
  }
}
