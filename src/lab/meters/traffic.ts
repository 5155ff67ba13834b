/** Counts what every experiment counts: messages by tag, losses, deliveries, latency. */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurement, Measurements } from '../experiment/prediction.ts';
import type { TraceEvent } from '../run/trace-event.ts';

export class TrafficMeter implements Meter {
  readonly #sent = new Map<string, number>();
  readonly #submittedAtNs = new Map<number, number>();
  #submitted = 0;
  #received = 0;
  #delivered = 0;
  #lost = 0;
  #octets = 0;
  #maxLatencyNs = 0;

  observe(event: TraceEvent): void {
    const { kind, message, atNs, text } = event;
    if (kind === 'submit') {
      this.#submitted += 1;
      this.#submittedAtNs.set(message, atNs);
    } else if (kind === 'send') {
      this.#sent.set(text, (this.#sent.get(text) ?? 0) + 1);
      this.#octets += event.octets;
    } else if (kind === 'lose') this.#lost += 1;
    else if (kind === 'receive') this.#received += 1;
    else if (kind === 'deliver') {
      this.#delivered += 1;
      this.#takeLatency(event);
    }
  }

  finish(): Measurements {
    const count = (value: number): Measurement => ({ value, unit: 'count' });
    const sent = [...this.#sent].map(([tag, value]) => [`sent.${tag}`, count(value)]);
    return {
      submitted: count(this.#submitted),
      ...(Object.fromEntries(sent) as Measurements),
      lost: count(this.#lost),
      received: count(this.#received),
      delivered: count(this.#delivered),
      octets: { value: this.#octets, unit: 'octets' },
      'lat.max': { value: this.#maxLatencyNs, unit: 'ns' },
    };
  }

  #takeLatency({ message, atNs }: TraceEvent): void {
    const submittedNs = this.#submittedAtNs.get(message);
    if (submittedNs === undefined) return;
    this.#maxLatencyNs = Math.max(this.#maxLatencyNs, atNs - submittedNs);
  }
}
