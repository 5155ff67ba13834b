/**
 * What a space-time diagram shows of a run: events put together to what people speak of. A datagram
 * is a *flight* from its sending to its arrival or loss; a message that was received and not yet
 * delivered is a *hold*; a node that is down or paused, or a network that is cut, is a *span*.
 */

import type { LossReason, TraceEvent } from '../run/trace-event.ts';
import { findHolds, type Hold } from './holds.ts';

export type { Hold };

/** One copy of a datagram. */
export interface Flight {
  /** The event of its sending. */
  readonly sendId: number;
  /** The event of its arrival or loss; 0 when the run ended before. */
  readonly endId: number;
  readonly from: number;
  readonly to: number;
  readonly sentNs: number;
  /** Of the lost and those under way, when they would have arrived. */
  readonly endNs: number;
  readonly fate: 'arrives' | 'lost' | 'under way';
  readonly reason?: LossReason;
  /** The network doubled it, or the protocol has sent the same before. */
  readonly isAgain: boolean;
  readonly tag: string;
  /** 'data 3'. */
  readonly label: string;
}

/** Something at one instant on one node: an event that is no sending and no loss. */
export interface Dot {
  readonly id: number;
  readonly kind: 'submit' | 'receive' | 'deliver' | 'timer' | 'note';
  readonly node: number;
  readonly atNs: number;
  readonly label: string;
}

export interface Span {
  readonly kind: 'down' | 'paused' | 'cut';
  /** −1 for the whole network. */
  readonly node: number;
  readonly fromNs: number;
  readonly toNs: number;
  readonly label: string;
  readonly id: number;
}

export interface Story {
  readonly flights: readonly Flight[];
  readonly dots: readonly Dot[];
  readonly holds: readonly Hold[];
  readonly spans: readonly Span[];
  /** Tags in the order of their first sending. */
  readonly tags: readonly string[];
  readonly endNs: number;
}

export function tellStory(events: readonly TraceEvent[]): Story {
  const endNs = events.at(-1)?.atNs ?? 0;
  const flights = findFlights(events);
  return {
    flights,
    dots: events.flatMap(dotOf),
    holds: findHolds(events),
    spans: findSpans(events, endNs),
    tags: [...new Set(flights.map(({ tag }) => tag))],
    endNs,
  };
}

/** 'data 3', 'ack'. */
function labelOf({ text, detail }: Pick<TraceEvent, 'text' | 'detail'>): string {
  return detail < 0 ? text : `${text} ${detail}`;
}

function findFlights(events: readonly TraceEvent[]): readonly Flight[] {
  const ends = new Map<number, TraceEvent[]>();
  for (const event of events) {
    if (event.kind !== 'receive' && event.kind !== 'lose') continue;
    const known = ends.get(event.packet);
    if (known) known.push(event);
    else ends.set(event.packet, [event]);
  }
  const usual = usualTransits(events);
  const seen = new Set<string>();
  return events.flatMap((send) => {
    if (send.kind !== 'send') return [];
    const key = `${send.node} ${send.peer} ${labelOf(send)}`;
    const isRepeated = send.detail >= 0 && seen.has(key);
    seen.add(key);
    return (ends.get(send.packet) ?? [undefined]).map((end) =>
      flightOf(send, end, { isRepeated, transitNs: usual(send) }),
    );
  });
}

function flightOf(
  send: TraceEvent,
  end: TraceEvent | undefined,
  { isRepeated, transitNs }: { readonly isRepeated: boolean; readonly transitNs: number },
): Flight {
  const isLost = end?.kind === 'lose';
  // Only who finds the receiver down is lost at the end of its way.
  const isSeenEnding = end !== undefined && (!isLost || end.atNs > send.atNs);
  return {
    sendId: send.id,
    endId: end?.id ?? 0,
    from: send.node,
    to: send.peer,
    sentNs: send.atNs,
    endNs: isSeenEnding ? end.atNs : send.atNs + transitNs,
    fate: fateOf(end),
    ...(isLost && end.reason !== undefined && { reason: end.reason }),
    isAgain: isRepeated || (end?.copy ?? 0) > 0,
    tag: send.text,
    label: labelOf(send),
  };
}

function fateOf(end: TraceEvent | undefined): Flight['fate'] {
  if (end === undefined) return 'under way';
  return end.kind === 'lose' ? 'lost' : 'arrives';
}

/** How long datagrams take that arrive: the quickest between the same two, or of all. */
function usualTransits(events: readonly TraceEvent[]): (send: TraceEvent) => number {
  const sentNs = new Map<number, number>();
  const quickest = new Map<string, number>();
  for (const { kind, packet, node, peer, atNs } of events) {
    if (kind === 'send') sentNs.set(packet, atNs);
    if (kind !== 'receive') continue;
    const transit = atNs - (sentNs.get(packet) ?? atNs);
    for (const link of [`${peer} ${node}`, '']) {
      quickest.set(link, Math.min(quickest.get(link) ?? Infinity, transit));
    }
  }
  return ({ node, peer }) => quickest.get(`${node} ${peer}`) ?? quickest.get('') ?? 0;
}

function dotOf(event: TraceEvent): readonly Dot[] {
  const { id, kind, node, atNs, message } = event;
  if (kind === 'submit' || kind === 'deliver') {
    return [{ id, kind, node, atNs, label: message < 0 ? 'unknown' : String(message) }];
  }
  if (kind === 'receive' || kind === 'timer' || kind === 'note') {
    return [{ id, kind, node, atNs, label: labelOf(event) }];
  }
  return [];
}

/** What begins a span, and what ends it. */
const OPENERS = { crash: 'down', pause: 'paused' } as const;

function findSpans(events: readonly TraceEvent[], endNs: number): readonly Span[] {
  const spans: Span[] = [];
  const open = new Map<string, Omit<Span, 'toNs'>>();
  const close = (key: string, toNs: number): void => {
    const span = open.get(key);
    open.delete(key);
    if (span) spans.push({ ...span, toNs });
  };
  for (const { kind, id, node, atNs: fromNs, text } of events) {
    if (kind === 'crash' || kind === 'pause') {
      // Who crashes while paused is down, and paused no more.
      close(`paused ${node}`, fromNs);
      const opened = OPENERS[kind];
      open.set(`${opened} ${node}`, { kind: opened, id, node, fromNs, label: opened });
    } else if (kind === 'restart') close(`down ${node}`, fromNs);
    else if (kind === 'resume') close(`paused ${node}`, fromNs);
    else if (kind === 'fault') {
      const cuts = text.startsWith('heal') ? [...open.keys()].filter(isCut) : [];
      for (const key of cuts) close(key, fromNs);
      if (/^(partition|cut)/.test(text)) {
        open.set(`cut ${id}`, { kind: 'cut', id, node, fromNs, label: text });
      }
    }
  }
  for (const key of open.keys()) close(key, endNs);
  return spans;
}

function isCut(key: string): boolean {
  return key.startsWith('cut ');
}
