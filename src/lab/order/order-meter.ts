/**
 * Measures broadcasts: what each costs, when whom it reaches, how the orders of the nodes differ,
 * what waits in hold-back queues, and how long nothing is delivered: at the node where that was
 * longest (`gap.max`), and at the one in the middle (`gap.median`).
 *
 * `msgs.perBroadcast` counts what the protocol sends for broadcasts. Counted apart, by tag:
 * `link-…` of reliable links, and what is sent whether anybody broadcasts or not (`heartbeat`…).
 */

import type { Measurement, Measurements } from '../experiment/prediction.ts';
import type { Meter } from '../experiment/experiment.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { countInversions } from './inversions.ts';
import { NS_PER_S } from '../../sim/units.ts';

export interface OrderMeterOptions {
  /** Tags that no broadcast costs. */
  readonly background?: readonly string[];
  /** The node of which is told what share of the messages it sends or receives. */
  readonly hub?: NodeId;
}

interface Submission {
  readonly node: NodeId;
  readonly atNs: number;
}

/** Nodes with a hold-back queue, as the trace shows it: received, and not yet delivered. */
interface Held {
  readonly sinceNs: Map<number, number>;
  readonly delivered: Set<number>;
  maxDepth: number;
  maxNs: number;
}

export class OrderMeter implements Meter {
  readonly #background: readonly string[];
  readonly #hub: NodeId | undefined;
  readonly #submissions = new Map<number, Submission>();
  readonly #orders = new Map<NodeId, number[]>();
  /** Of lives that a crash ended. */
  readonly #pastOrders: number[][] = [];
  readonly #held = new Map<NodeId, Held>();
  readonly #firstDeliveryNs = new Map<NodeId, number>();
  readonly #lastDeliveryNs = new Map<NodeId, number>();
  /** By node, its longest time without a delivery. */
  readonly #longestGapNs = new Map<NodeId, number>();
  readonly #apart = new Map<string, number>();
  readonly #lowest = { sender: Infinity, others: Infinity };
  readonly #highest = { sender: 0, others: 0 };
  #sumNs = 0;
  #sent = 0;
  #octets = 0;
  #hubMessages = 0;
  #hubOctets = 0;
  #delivered = 0;

  constructor({ background = [], hub }: OrderMeterOptions = {}) {
    this.#background = background;
    this.#hub = hub;
  }

  observe(event: TraceEvent): void {
    if (event.kind === 'submit') {
      const { node, atNs } = event;
      this.#submissions.set(event.message, { node, atNs });
    } else if (event.kind === 'send') this.#takeSend(event);
    else if (event.kind === 'receive') this.#takeReceive(event);
    else if (event.kind === 'deliver') this.#takeDelivery(event);
    else if (event.kind === 'crash') this.#endLife(event.node);
  }

  finish(): Measurements {
    const broadcasts = this.#submissions.size;
    const per = (value: number): number => (broadcasts === 0 ? 0 : value / broadcasts);
    const apart = [...this.#apart].map(([tag, value]) => [`sent.${tag}`, count(value)]);
    const held = [...this.#held.values()];
    return {
      broadcasts: count(broadcasts),
      delivered: count(this.#delivered),
      'msgs.perBroadcast': count(per(this.#sent)),
      'octets.perBroadcast': { value: per(this.#octets), unit: 'octets' },
      ...(this.#hub !== undefined && {
        'hub.share': { value: ratio(this.#hubMessages, this.#sent), unit: 'ratio' },
        'hub.octets.perBroadcast': { value: per(this.#hubOctets), unit: 'octets' },
      }),
      ...(Object.fromEntries(apart) as Measurements),
      ...latencies('lat.sender', this.#lowest.sender, this.#highest.sender),
      ...latencies('lat.others', this.#lowest.others, this.#highest.others),
      'lat.mean': time(ratio(this.#sumNs, this.#delivered)),
      'order.violations': count(this.#inversions()),
      'order.againstTime': count(this.#againstTime()),
      'holdback.depth': count(Math.max(0, ...held.map(({ maxDepth }) => maxDepth))),
      'holdback.time': time(Math.max(0, ...held.map(({ maxNs }) => maxNs))),
      'gap.max': time(Math.max(0, ...this.#longestGapNs.values())),
      'gap.median': time(medianOf([...this.#longestGapNs.values()])),
      throughput: { value: this.#throughput(), unit: 'per second' },
    };
  }

  #takeSend({ node, peer, text, octets }: TraceEvent): void {
    if (text.startsWith('link-') || this.#background.includes(text)) {
      this.#apart.set(text, (this.#apart.get(text) ?? 0) + 1);
      return;
    }
    this.#sent += 1;
    this.#octets += octets;
    if (node !== this.#hub && peer !== this.#hub) return;
    this.#hubMessages += 1;
    this.#hubOctets += octets;
  }

  #endLife(node: NodeId): void {
    this.#pastOrders.push(this.#orders.get(node) ?? []);
    this.#orders.delete(node);
    this.#held.delete(node);
    this.#lastDeliveryNs.delete(node);
  }

  /** A message is held from its first copy on. */
  #takeReceive({ node, atNs, detail }: TraceEvent): void {
    const held = this.#heldAt(node);
    if (!this.#submissions.has(detail) || held.delivered.has(detail)) return;
    if (!held.sinceNs.has(detail)) held.sinceNs.set(detail, atNs);
  }

  #takeDelivery({ node, message, atNs }: TraceEvent): void {
    this.#delivered += 1;
    const order = this.#orders.get(node) ?? [];
    this.#orders.set(node, order);
    order.push(message);
    const held = this.#heldAt(node);
    held.maxNs = Math.max(held.maxNs, atNs - (held.sinceNs.get(message) ?? atNs));
    // What came at this very instant may be delivered in it.
    const waiting = [...held.sinceNs.values()].filter((sinceNs) => sinceNs < atNs);
    held.maxDepth = Math.max(held.maxDepth, waiting.length);
    held.sinceNs.delete(message);
    held.delivered.add(message);
    this.#takeTime(node, atNs);
    const submission = this.#submissions.get(message);
    if (submission === undefined) return;
    const latencyNs = atNs - submission.atNs;
    const who = submission.node === node ? 'sender' : 'others';
    this.#lowest[who] = Math.min(this.#lowest[who], latencyNs);
    this.#highest[who] = Math.max(this.#highest[who], latencyNs);
    this.#sumNs += latencyNs;
  }

  #takeTime(node: NodeId, atNs: number): void {
    const lastNs = this.#lastDeliveryNs.get(node);
    const longestNs = this.#longestGapNs.get(node) ?? 0;
    if (lastNs !== undefined) this.#longestGapNs.set(node, Math.max(longestNs, atNs - lastNs));
    this.#lastDeliveryNs.set(node, atNs);
    if (lastNs === undefined) this.#firstDeliveryNs.set(node, atNs);
  }

  #heldAt(node: NodeId): Held {
    const known = this.#held.get(node) ?? {
      sinceNs: new Map(),
      delivered: new Set(),
      maxDepth: 0,
      maxNs: 0,
    };
    this.#held.set(node, known);
    return known;
  }

  /** Pairs of messages that some node delivers in another order than the first node does. */
  #inversions(): number {
    const reference = this.#firstOrder();
    const orders = [...this.#orders.values(), ...this.#pastOrders];
    return orders.reduce((sum, order) => sum + countInversions(reference, order), 0);
  }

  /** Pairs of messages that the first node delivers in another order than they were sent in. */
  #againstTime(): number {
    return countInversions([...this.#submissions.keys()], this.#firstOrder());
  }

  get #firstNode(): NodeId {
    return Math.min(...this.#orders.keys());
  }

  #firstOrder(): readonly number[] {
    return this.#orders.get(this.#firstNode) ?? [];
  }

  /** Deliveries a second at the first node, from its first to its last. */
  #throughput(): number {
    const node = this.#firstNode;
    const fromNs = this.#firstDeliveryNs.get(node) ?? 0;
    const toNs = this.#lastDeliveryNs.get(node) ?? 0;
    return toNs > fromNs ? (this.#firstOrder().length - 1) / ((toNs - fromNs) / NS_PER_S) : 0;
  }
}

function latencies(name: string, lowest: number, highest: number): Measurements {
  if (lowest === Infinity) return {};
  return { [`${name}.min`]: time(lowest), [`${name}.max`]: time(highest) };
}

function medianOf(values: readonly number[]): number {
  return values.toSorted((a, b) => a - b)[values.length >> 1] ?? 0;
}

function count(value: number): Measurement {
  return { value, unit: 'count' };
}

function time(value: number): Measurement {
  return { value, unit: 'ns' };
}

function ratio(part: number, whole: number): number {
  return whole === 0 ? 0 : part / whole;
}
