/** In what share of the rounds, or of the deliveries, something happens; with a standard error. */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurements } from '../experiment/prediction.ts';
import { BatchMeans } from '../meters/batch-means.ts';
import { shareOf } from '../meters/share.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';

/**
 * `disagreement`: of the pairs of messages 2k and 2k + 1, the share that two receivers deliver in
 * different orders.
 */
export class DisagreementMeter implements Meter {
  readonly #receivers: readonly [NodeId, NodeId];
  /** By pair, the deliveries at both until all four are there. */
  readonly #deliveries = new Map<number, TraceEvent[]>();
  readonly #share = new BatchMeans();

  constructor(receivers: readonly [NodeId, NodeId]) {
    this.#receivers = receivers;
  }

  observe(event: TraceEvent): void {
    if (event.kind !== 'deliver' || !this.#receivers.includes(event.node)) return;
    const pair = Math.floor(event.message / 2);
    const deliveries = this.#deliveries.get(pair) ?? [];
    this.#deliveries.set(pair, deliveries);
    deliveries.push(event);
    if (deliveries.length < 4) return;
    this.#deliveries.delete(pair);
    const [one, other] = this.#receivers.map((node) =>
      deliveries.find((delivery) => delivery.node === node),
    );
    this.#share.add(one?.message === other?.message ? 0 : 1);
  }

  finish(): Measurements {
    return shareOf('disagreement', this.#share);
  }
}

/** `late`: the share of the deliveries at others that come later than `afterNs` after sending. */
export class LateMeter implements Meter {
  readonly #afterNs: number;
  readonly #submits = new Map<number, TraceEvent>();
  readonly #share = new BatchMeans();

  constructor(afterNs: number) {
    this.#afterNs = afterNs;
  }

  observe(event: TraceEvent): void {
    if (event.kind === 'submit') this.#submits.set(event.message, event);
    if (event.kind !== 'deliver') return;
    const submit = this.#submits.get(event.message);
    if (submit === undefined || submit.node === event.node) return;
    this.#share.add(event.atNs - submit.atNs > this.#afterNs ? 1 : 0);
  }

  finish(): Measurements {
    return shareOf('late', this.#share);
  }
}
