/**
 * Reliable links under a protocol that needs them: numbered, acknowledged, sent again until
 * acknowledged, delivered once, and in order when that is wanted. Wraps the context of a process,
 * which notices nothing.
 *
 *     protocol ─ send ─► number, keep ─► network ─► sort, forget doubles ─ onDatagram ─► protocol
 *                            └◄──────── acknowledgement ────────┘
 *
 * The first copy of a datagram keeps the protocol's tag; acknowledgements are tagged `link-ack` and
 * further copies `link-resend`, so that what a protocol sends is counted as if links were perfect.
 *
 * A node's life is a *session*: nothing of an earlier one reaches a later one. What was
 * acknowledged by an earlier life of the receiver is lost to its later one, as with TCP.
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';
import type { Context, Label, NodeId, Process, ProcessFactory } from '../process/process.ts';
import { readNumber, writeNumber } from './disk-number.ts';

const SHAPES = {
  /** `base` is the lowest number that is not acknowledged. */
  data: { session: 'u32', number: 'u32', base: 'u32', bytes: 'rest' },
  /** Everything below `next` has been taken. */
  ack: { session: 'u32', next: 'u32' },
} as const;
type Message = MessageOf<typeof SHAPES>;
const format: MessageFormat<Message> = messageFormat(SHAPES);

const RESEND_TIMER = 'link-resend';
/** The oldest ones of a peer that may be dead are enough to find out. */
const MAX_RESENT = 16;
const SESSION_FILE = 'link-session';

export interface ReliableLinksOptions {
  /** What is not acknowledged is sent again after this. */
  readonly resendNs: number;
  /** Nothing overtakes: what comes early waits for what was sent before it. */
  readonly isFifo: boolean;
}

/** `create`'s process on links that lose nothing and double nothing. */
export function onReliableLinks(
  create: ProcessFactory,
  options: ReliableLinksOptions,
): ProcessFactory {
  return (context) => {
    const links = new ReliableLinks(context, options);
    const inner = create({ ...context, send: (...sent) => links.send(...sent) });
    links.attach(inner);
    return links;
  };
}

interface Sent {
  readonly number: number;
  readonly bytes: Uint8Array;
  readonly detail: number;
}

/** What is known of one peer. */
interface Peer {
  /** Sent and not acknowledged, oldest first. */
  unacknowledged: Sent[];
  nextToSend: number;
  isTimerSet: boolean;
  /** Of the peer's present life. */
  session: number;
  nextToTake: number;
  /** What came before its turn; empty when it was passed on all the same. */
  readonly early: Map<number, Uint8Array | undefined>;
}

class ReliableLinks implements Process {
  readonly #context: Context;
  readonly #options: ReliableLinksOptions;
  readonly #session: number;
  readonly #peers = new Map<NodeId, Peer>();
  #inner: Process = {};

  constructor(context: Context, options: ReliableLinksOptions) {
    this.#context = context;
    this.#options = options;
    this.#session = readNumber(context.disk, SESSION_FILE) + 1;
    writeNumber(context.disk, SESSION_FILE, this.#session);
  }

  attach(inner: Process): void {
    this.#inner = inner;
  }

  onStart(): void {
    this.#inner.onStart?.();
  }

  onCommand(payload: Uint8Array): void {
    this.#inner.onCommand?.(payload);
  }

  send(to: NodeId, bytes: Uint8Array, label: Label): void {
    const peer = this.#peer(to);
    const sent = { number: peer.nextToSend, bytes, detail: label.detail ?? -1 };
    peer.nextToSend += 1;
    peer.unacknowledged.push(sent);
    this.#transmit(to, sent, label);
    this.#watch(to, peer);
  }

  onTimer(name: string, detail: number): void {
    if (name !== RESEND_TIMER) {
      this.#inner.onTimer?.(name, detail);
      return;
    }
    const peer = this.#peer(detail);
    peer.isTimerSet = false;
    for (const sent of peer.unacknowledged.slice(0, MAX_RESENT)) {
      this.#transmit(detail, sent, { tag: 'link-resend', detail: sent.detail });
    }
    this.#watch(detail, peer);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind === 'data') this.#take(from, message);
    if (message?.kind === 'ack' && message.session === this.#session) {
      const peer = this.#peer(from);
      peer.unacknowledged = peer.unacknowledged.filter(({ number }) => number >= message.next);
    }
  }

  describeState(): Readonly<Record<string, string | number | boolean>> {
    return this.#inner.describeState?.() ?? {};
  }

  #take(from: NodeId, { session, number, base, bytes }: Message & { kind: 'data' }): void {
    const peer = this.#peer(from);
    if (session < peer.session) return;
    if (session > peer.session) {
      peer.session = session;
      peer.nextToTake = 1;
      peer.early.clear();
    }
    // An earlier life of this node has taken what lies below.
    peer.nextToTake = Math.max(peer.nextToTake, base);
    if (number >= peer.nextToTake && !peer.early.has(number)) {
      peer.early.set(number, this.#options.isFifo ? bytes : undefined);
      if (!this.#options.isFifo) this.#inner.onDatagram?.(from, bytes);
    }
    while (peer.early.has(peer.nextToTake)) {
      const next = peer.early.get(peer.nextToTake);
      peer.early.delete(peer.nextToTake);
      peer.nextToTake += 1;
      if (next) this.#inner.onDatagram?.(from, next);
    }
    const ack = format.write({ kind: 'ack', session, next: peer.nextToTake });
    this.#context.send(from, ack, { tag: 'link-ack' });
  }

  #transmit(to: NodeId, { number, bytes }: Sent, label: Label): void {
    const base = this.#peer(to).unacknowledged[0]?.number ?? number;
    const data = format.write({ kind: 'data', session: this.#session, number, base, bytes });
    this.#context.send(to, data, label);
  }

  #watch(node: NodeId, peer: Peer): void {
    if (peer.isTimerSet || peer.unacknowledged.length === 0) return;
    peer.isTimerSet = true;
    this.#context.setTimer(this.#options.resendNs, RESEND_TIMER, node);
  }

  #peer(node: NodeId): Peer {
    const known = this.#peers.get(node);
    if (known) return known;
    const peer: Peer = {
      unacknowledged: [],
      nextToSend: 1,
      isTimerSet: false,
      session: 0,
      nextToTake: 1,
      early: new Map(),
    };
    this.#peers.set(node, peer);
    return peer;
  }
}
