/**
 * How much jitter disorders what is delivered:
 *
 * - `order.overtaken`: of two messages that were sent one after the other, the share in which the
 *   second was delivered first;
 * - `order.reorderRatio`: the share of messages that are delivered after a later one (RFC 4737
 *   §4.1), however many are between them.
 */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurements } from '../experiment/prediction.ts';
import { NumberSet } from '../process/number-set.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { BatchMeans } from './batch-means.ts';
import { shareOf } from './share.ts';

export class OvertakingMeter implements Meter {
  readonly #delivered = new NumberSet();
  readonly #overtaken = new BatchMeans();
  readonly #late = new BatchMeans();
  #nextExpected = 0;

  /** Of a message's copies the first counts. */
  observe({ kind, message }: TraceEvent): void {
    if (kind !== 'deliver' || message < 0 || !this.#delivered.add(message)) return;
    if (this.#delivered.has(message - 1)) this.#overtaken.add(0);
    if (this.#delivered.has(message + 1)) this.#overtaken.add(1);
    this.#late.add(message < this.#nextExpected ? 1 : 0);
    this.#nextExpected = Math.max(this.#nextExpected, message + 1);
  }

  finish(): Measurements {
    return {
      ...shareOf('order.overtaken', this.#overtaken),
      ...shareOf('order.reorderRatio', this.#late),
    };
  }
}
