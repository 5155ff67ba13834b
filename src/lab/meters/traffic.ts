/**
 * Counts what every experiment counts: messages by tag, losses, deliveries, duplicates, latency.
 *
 * What is counted a delivered message has a standard error by batch means: between one delivery and
 * the next, so many were sent. Totals over the whole run are exact.
 */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurement, Measurements } from '../experiment/prediction.ts';
import { NumberSet } from '../process/number-set.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { BatchMeans } from './batch-means.ts';
import { Histogram } from './histogram.ts';

/** Whose copies are duplicates: an acknowledgement that comes twice is none. */
const DATA_TAG = 'data';
const DUPLICATE = 'dup';

interface Series {
  total: number;
  atLastDelivery: number;
  readonly perDelivery: BatchMeans;
}

export interface TrafficOptions {
  /** On how many nodes each message is to be delivered. Default: 1. */
  readonly receivers?: number;
  /** How long a message occupies the line; 0: no utilisation is measured. */
  readonly frameNs?: number;
}

export class TrafficMeter implements Meter {
  readonly #receivers: number;
  readonly #frameNs: number;
  readonly #series = new Map<string, Series>([[DUPLICATE, newSeries()]]);
  /** Of each message that is not delivered everywhere: when it was submitted, and the rest. */
  readonly #pending = new Map<number, { readonly atNs: number; left: number }>();
  /** By node, the data that has arrived there. */
  readonly #arrived = new Map<number, NumberSet>();
  readonly #latencies = new Histogram();
  readonly #latency = new BatchMeans();
  readonly #datagrams = new BatchMeans();
  readonly #pause = new BatchMeans();
  #sent = 0;
  #sentBefore = 0;
  #lastDeliveryNs = 0;
  #submitted = 0;
  #received = 0;
  #delivered = 0;
  #deliveredAgain = 0;
  #lost = 0;
  #octets = 0;

  constructor({ receivers = 1, frameNs = 0 }: TrafficOptions = {}) {
    this.#receivers = receivers;
    this.#frameNs = frameNs;
  }

  observe(event: TraceEvent): void {
    const { kind, message, atNs, text } = event;
    if (kind === 'submit') {
      this.#submitted += 1;
      this.#pending.set(message, { atNs, left: this.#receivers });
    } else if (kind === 'send') {
      this.#count(text);
      this.#sent += 1;
      this.#octets += event.octets;
    } else if (kind === 'lose') this.#lost += 1;
    else if (kind === 'receive') this.#receive(event);
    else if (kind === 'deliver') this.#deliver(event);
  }

  finish(): Measurements {
    const sent = [...this.#series].filter(([tag]) => tag !== DUPLICATE);
    return {
      submitted: count(this.#submitted),
      ...Object.fromEntries(sent.map(([tag, { total }]) => [`sent.${tag}`, count(total)])),
      lost: count(this.#lost),
      received: count(this.#received),
      'dup.received': count(this.#series.get(DUPLICATE)?.total ?? 0),
      delivered: count(this.#delivered),
      'dup.delivered': count(this.#deliveredAgain),
      octets: { value: this.#octets, unit: 'octets' },
      ...(this.#delivered > 0 && this.#perDelivered()),
    };
  }

  #perDelivered(): Measurements {
    const ratios = [...this.#series].map(([tag, { total, perDelivery }]) => {
      return [`${tag}/delivered`, ratio(total / this.#delivered, perDelivery.standardError)];
    });
    return {
      ...(Object.fromEntries(ratios) as Measurements),
      msgsPerDelivered: ratio(this.#sent / this.#delivered, this.#datagrams.standardError),
      ...(this.#frameNs > 0 && { utilisation: this.#utilisation() }),
      'lat.mean': { ...ratio(this.#latency.mean, this.#latency.standardError), unit: 'ns' },
      'lat.p50': { value: this.#latencies.quantile(0.5), unit: 'ns' },
      'lat.p90': { value: this.#latencies.quantile(0.9), unit: 'ns' },
      'lat.p99': { value: this.#latencies.quantile(0.99), unit: 'ns' },
      'lat.max': { value: this.#latencies.largest, unit: 'ns' },
    };
  }

  /** The share of the time between two deliveries that one message takes. */
  #utilisation(): Measurement {
    const { mean, standardError } = this.#pause;
    const value = mean === 0 ? 0 : this.#frameNs / mean;
    return ratio(value, standardError === undefined ? undefined : (value * standardError) / mean);
  }

  #receive({ node, text, detail }: TraceEvent): void {
    this.#received += 1;
    if (text !== DATA_TAG || detail < 0) return;
    let arrived = this.#arrived.get(node);
    if (arrived === undefined) {
      arrived = new NumberSet();
      this.#arrived.set(node, arrived);
    }
    if (!arrived.add(detail)) this.#count(DUPLICATE);
  }

  #deliver({ message, atNs }: TraceEvent): void {
    const pending = this.#pending.get(message);
    if (pending === undefined) {
      this.#deliveredAgain += 1;
      return;
    }
    pending.left -= 1;
    if (pending.left === 0) this.#pending.delete(message);
    this.#latencies.add(atNs - pending.atNs);
    this.#latency.add(atNs - pending.atNs);
    if (this.#delivered > 0) this.#pause.add(atNs - this.#lastDeliveryNs);
    this.#lastDeliveryNs = atNs;
    this.#delivered += 1;
    this.#datagrams.add(this.#sent - this.#sentBefore);
    this.#sentBefore = this.#sent;
    for (const series of this.#series.values()) {
      series.perDelivery.add(series.total - series.atLastDelivery);
      series.atLastDelivery = series.total;
    }
  }

  #count(tag: string): void {
    let series = this.#series.get(tag);
    if (series === undefined) {
      series = newSeries();
      for (let before = 0; before < this.#delivered; before += 1) series.perDelivery.add(0);
      this.#series.set(tag, series);
    }
    series.total += 1;
  }
}

function newSeries(): Series {
  return { total: 0, atLastDelivery: 0, perDelivery: new BatchMeans() };
}

function count(value: number): Measurement {
  return { value, unit: 'count' };
}

function ratio(value: number, standardError: number | undefined): Measurement {
  return { value, unit: 'ratio', ...(standardError !== undefined && { standardError }) };
}
