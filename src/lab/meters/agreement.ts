/** Rounds in which two nodes should both act or neither: how often both, one alone, none did. */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurement, Measurements } from '../experiment/prediction.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { BatchMeans } from './batch-means.ts';

export class AgreementMeter implements Meter {
  /** By round, how many acted: a round is a message, to act is to deliver it. */
  readonly #acted: number[] = [];
  #sent = 0;
  #lost = 0;

  observe({ kind, message }: TraceEvent): void {
    if (kind === 'submit') this.#acted[message] = 0;
    else if (kind === 'deliver') this.#acted[message] = (this.#acted[message] ?? 0) + 1;
    else if (kind === 'send') this.#sent += 1;
    else if (kind === 'lose') this.#lost += 1;
  }

  finish(): Measurements {
    return {
      rounds: { value: this.#acted.length, unit: 'count' },
      'sent.messenger': { value: this.#sent, unit: 'count' },
      lost: { value: this.#lost, unit: 'count' },
      both: this.#shareOf(2),
      'one alone': this.#shareOf(1),
      none: this.#shareOf(0),
    };
  }

  #shareOf(wanted: number): Measurement {
    const share = new BatchMeans();
    for (const acted of this.#acted) share.add(acted === wanted ? 1 : 0);
    const { mean: value, standardError } = share;
    return { value, unit: 'ratio', ...(standardError !== undefined && { standardError }) };
  }
}
