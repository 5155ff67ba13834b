/** What quorums cost: datagrams, repairs, hints. */

import type { Meter } from '../../experiment/experiment.ts';
import type { Measurement, Measurements } from '../../experiment/prediction.ts';
import type { TraceEvent } from '../../run/trace-event.ts';

const TAGS = ['put', 'stored', 'get', 'got', 'compare'] as const;

export class QuorumMeter implements Meter {
  readonly #counts = new Map<string, number>();
  #operations = 0;

  observe({ kind, text }: TraceEvent): void {
    if (kind === 'submit') this.#operations += 1;
    const isCounted =
      kind === 'send' || kind === 'note' || (kind === 'deliver' && text === 'gives up');
    if (isCounted) this.#counts.set(text, this.#of(text) + 1);
  }

  finish(): Measurements {
    const sent = TAGS.slice(0, 4).reduce((sum, tag) => sum + this.#of(tag), 0);
    return {
      'given up': count(this.#of('gives up')),
      'msgs.perOperation': count(this.#operations === 0 ? 0 : sent / this.#operations),
      repairs: count(this.#of('repairs')),
      hints: count(this.#of('keeps a hint')),
      'sent.compare': count(this.#of('compare')),
    };
  }

  #of(text: string): number {
    return this.#counts.get(text) ?? 0;
  }
}

function count(value: number): Measurement {
  return { value, unit: 'count' };
}
