/**
 * Finds what a node held back: messages that it had received and delivered only later.
 *
 * Events do not say which message a datagram carried; only the protocol knows. But a datagram that
 * the application's own hand-down caused carries that message, and so does, first of all, one whose
 * arrival caused a delivery. Where the labels of one sender run in step with the messages (data 7
 * is message 7, or always ten more) this tells of every other datagram of that sort too. Where they
 * do not, no bar is drawn: better none than a wrong one.
 */

import type { TraceEvent } from '../run/trace-event.ts';

export interface Hold {
  readonly node: number;
  readonly message: number;
  readonly fromNs: number;
  readonly toNs: number;
  readonly receiveId: number;
  readonly deliverId: number;
}

export function findHolds(events: readonly TraceEvent[]): readonly Hold[] {
  const messageOf = readLabels(events);
  /** The first arrival of each message at each node. */
  const arrivals = new Map<string, TraceEvent>();
  const delivered = new Set<string>();
  const holds: Hold[] = [];
  for (const event of events) {
    const { kind, node, message, atNs, id } = event;
    if (kind === 'receive') {
      const carried = messageOf(event, event.peer);
      const key = `${node} ${carried}`;
      if (carried !== undefined && !arrivals.has(key)) arrivals.set(key, event);
    } else if (kind === 'deliver') {
      const key = `${node} ${message}`;
      const arrival = delivered.has(key) ? undefined : arrivals.get(key);
      delivered.add(key);
      if (!arrival || arrival.atNs === atNs) continue;
      const { id: receiveId, atNs: fromNs } = arrival;
      holds.push({ node, message, fromNs, toNs: atNs, receiveId, deliverId: id });
    }
  }
  return holds;
}

type Label = Pick<TraceEvent, 'text' | 'detail'>;

/** The message that a datagram of `sender` with this label carries, where that can be told. */
function readLabels(
  events: readonly TraceEvent[],
): (label: Label, sender: number) => number | undefined {
  /** Message less detail, for the labels of one sender; undefined when they are not in step. */
  const steps = new Map<string, number | undefined>();
  const causes = new Map(events.map((event) => [event.id, event]));
  const served = new Set<number>();
  const learn = ({ text, detail }: Label, sender: number, message: number): void => {
    if (detail < 0 || message < 0) return;
    const key = `${sender} ${text}`;
    const step = message - detail;
    steps.set(key, steps.has(key) && steps.get(key) !== step ? undefined : step);
  };
  for (const event of events) {
    const cause = causes.get(event.cause);
    if (!cause || (event.kind !== 'send' && event.kind !== 'deliver')) continue;
    if (event.kind === 'send' && cause.kind === 'submit') {
      learn(event, event.node, cause.message);
    } else if (event.kind === 'deliver' && cause.kind === 'receive' && !served.has(cause.id)) {
      served.add(cause.id);
      learn(cause, cause.peer, event.message);
    }
  }
  return ({ text, detail }, sender) => {
    const step = steps.get(`${sender} ${text}`);
    return step === undefined || detail < 0 ? undefined : detail + step;
  };
}
