/** What decisions cost: ballots, refusals, messages, and how long they take. */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurement, Measurements } from '../experiment/prediction.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { BatchMeans } from './batch-means.ts';

export class DecisionMeter implements Meter {
  readonly #proposers: number;
  /** By decision, when it was first asked for. */
  readonly #askedNs = new Map<number, number>();
  readonly #decidedNs = new Map<number, number>();
  readonly #refusals = new Map<number, number>();
  #ballots = 0;
  #sent = 0;

  constructor(proposers: number) {
    this.#proposers = proposers;
  }

  observe({ kind, text, message, detail, atNs }: TraceEvent): void {
    const decision = Math.floor(message / this.#proposers);
    if (kind === 'send') this.#sent += 1;
    else if (kind === 'submit' && !this.#askedNs.has(decision)) this.#askedNs.set(decision, atNs);
    else if (kind === 'deliver' && text === 'decide' && !this.#decidedNs.has(detail)) {
      this.#decidedNs.set(detail, atNs);
    } else if (kind === 'note' && text === 'begins ballot') this.#ballots += 1;
    else if (kind === 'note' && text === 'is refused') {
      this.#refusals.set(decision, (this.#refusals.get(decision) ?? 0) + 1);
    }
  }

  finish(): Measurements {
    const asked = this.#askedNs.size;
    const per = (value: number): Measurement => count(asked === 0 ? 0 : value / asked);
    const refusals = new BatchMeans();
    for (const decision of this.#askedNs.keys()) refusals.add(this.#refusals.get(decision) ?? 0);
    const { mean, standardError } = refusals;
    const decided = new BatchMeans();
    for (const decision of this.#askedNs.keys()) decided.add(Number(this.#decidedNs.has(decision)));
    const latencies = [...this.#decidedNs].map(([decision, atNs]) => {
      return atNs - (this.#askedNs.get(decision) ?? atNs);
    });
    return {
      decisions: count(asked),
      decided: {
        ...{ value: decided.mean, unit: 'ratio' },
        ...(decided.standardError !== undefined && { standardError: decided.standardError }),
      },
      'ballots.perDecision': per(this.#ballots),
      'refusals.perDecision': {
        ...count(mean),
        ...(standardError !== undefined && { standardError }),
      },
      'msgs.perDecision': per(this.#sent),
      ...(latencies.length > 0 && { 'lat.max': { value: Math.max(...latencies), unit: 'ns' } }),
    };
  }
}

function count(value: number): Measurement {
  return { value, unit: 'count' };
}
