/**
 * In which order messages are delivered, each property checked on the events alone:
 *
 * - *total order*: the sequence that any node delivers is a prefix of one sequence;
 * - *FIFO order*: nobody delivers a message before the earlier ones of the same sender;
 * - *causal order*: nor before those that its sender had delivered or sent when it sent it;
 * - *real-time order*: a message that was sent after another had come back to its sender is
 *   delivered after that other.
 *
 * A node that crashes and restarts begins a new life with an empty sequence.
 */

import type { Checker } from '../experiment/experiment.ts';
import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { makeChecker } from './checker.ts';
import { Lives } from './order-lives.ts';

interface Delivery {
  readonly message: number;
  /** Who was first to deliver at this place. */
  readonly name: string;
  readonly event: number;
}

/** One step a delivery: it is compared with the longest sequence so far, or makes that longer. */
export function totalOrder(): Checker {
  const lives = new Lives();
  const sequence: Delivery[] = [];
  const places = new Map<string, number>();
  /** Who already differs: all that such a node delivers afterwards says nothing new. */
  const astray = new Set<string>();
  return makeChecker('total order', {
    observe: (event, report) => {
      lives.observe(event);
      if (event.kind !== 'deliver') return;
      const name = lives.nameOf(event.node);
      if (astray.has(name)) return;
      const index = places.get(name) ?? 0;
      places.set(name, index + 1);
      const first = sequence[index];
      if (first === undefined) sequence.push({ message: event.message, name, event: event.id });
      else if (first.message !== event.message) {
        astray.add(name);
        const difference = `message ${first.message} at ${first.name}, ${event.message} at ${name}`;
        report(`the sequences differ at index ${index}: ${difference}`, first.event, event.id);
      }
    },
  });
}

/** What a life of a node has sent, and what it had delivered or sent before each of that. */
interface Sending {
  readonly sender: string;
  /** Its place among what its sender sent, from 0. */
  readonly index: number;
  readonly event: number;
  /** By sender, how many of its messages go before. */
  readonly before: ReadonlyMap<string, number>;
}

/** The senders' histories as vector clocks, which the protocol knows nothing of. */
class Histories {
  readonly lives = new Lives();
  readonly sendings = new Map<number, Sending>();
  readonly #sent = new Map<string, number>();
  readonly #delivered = new Map<string, Map<string, number>>();

  submit({ node, message, id }: TraceEvent): void {
    const sender = this.lives.nameOf(node);
    const index = this.#sent.get(sender) ?? 0;
    this.#sent.set(sender, index + 1);
    const before = new Map(this.deliveredBy(node)).set(sender, index);
    this.sendings.set(message, { sender, index, event: id, before });
  }

  deliveredBy(node: NodeId): Map<string, number> {
    const name = this.lives.nameOf(node);
    const known = this.#delivered.get(name) ?? new Map<string, number>();
    this.#delivered.set(name, known);
    return known;
  }
}

export function fifoOrder(): Checker {
  return historyChecker('FIFO order', (sending) => new Map([[sending.sender, sending.index]]));
}

export function causalOrder(): Checker {
  return historyChecker('causal order', (sending) => sending.before);
}

/** Before a message, everything that `required` asks for has been delivered. */
function historyChecker(
  property: string,
  required: (sending: Sending) => ReadonlyMap<string, number>,
): Checker {
  const histories = new Histories();
  return makeChecker(property, {
    observe: (event, report) => {
      histories.lives.observe(event);
      if (event.kind === 'submit') histories.submit(event);
      if (event.kind !== 'deliver') return;
      const sending = histories.sendings.get(event.message);
      if (sending === undefined) return;
      const delivered = histories.deliveredBy(event.node);
      for (const [sender, count] of required(sending)) {
        const have = delivered.get(sender) ?? 0;
        if (have >= count) continue;
        const what = `message ${event.message}, having ${have} of the ${count} before it`;
        const where = histories.lives.nameOf(event.node);
        report(`${where} delivered ${what} of ${sender}`, sending.event, event.id);
      }
      const have = delivered.get(sending.sender) ?? 0;
      delivered.set(sending.sender, Math.max(have, sending.index + 1));
    },
  });
}

/** A message is back when its sender delivers it. Total order implies this; no order does not. */
export function realTimeOrder(): Checker {
  const lives = new Lives();
  const submits = new Map<number, TraceEvent>();
  const returns = new Map<number, TraceEvent>();
  /** By life, of what it delivered the message that was sent last. */
  const latest = new Map<string, TraceEvent>();
  return makeChecker('real-time order', {
    observe: (event, report) => {
      lives.observe(event);
      const { kind, message, node, id } = event;
      if (kind === 'submit') submits.set(message, event);
      if (kind !== 'deliver') return;
      const submit = submits.get(message);
      if (submit === undefined) return;
      if (submit.node === node && !returns.has(message)) returns.set(message, event);
      const name = lives.nameOf(node);
      const last = latest.get(name);
      const back = returns.get(message);
      if (last && back && back.atNs < last.atNs) {
        const what = `message ${message} was back before ${last.message} was sent`;
        report(`${what}, and ${name} delivered it after that`, back.id, last.id, id);
      }
      if (last === undefined || submit.atNs > last.atNs) latest.set(name, submit);
    },
  });
}
