/**
 * One end of a simulated TCP connection (RFC 9293): segments in order, a window, retransmission
 * after a timeout (RFC 6298 §2, §5.5), half close, reset.
 *
 *     write ─► outbox ─(window)─► segment ─(fabric, retried when lost)─► arrived ─► inbox ─► onData
 *
 * Simplified: a sender knows at once that a segment was lost, acknowledgements are no packets and
 * are never lost, the window is constant, and there is no congestion control.
 */

import type { Endpoint, TcpConnection, TcpHandlers } from '../net/ports.ts';
import { SocketFailure } from '../net/socket-errors.ts';
import type { Draft, Fabric, Journey } from './fabric.ts';
import type { ConnectionEnd, Machine } from './machine.ts';
import type { PacketKind } from './packet.ts';
import { lend } from './scratch.ts';
import { nanoseconds } from './engine.ts';

/** What Ethernet carries in one segment. */
const SEGMENT_OCTETS = 1460;
/** What may be on its way or unread at the peer: the largest window without scaling. */
const WINDOW_OCTETS = 65535;
/** Linux' smallest retransmission timeout, doubled at each try. */
const RETRANSMISSION_MS = 200;
/** With doubling, a connection is given up after 102 s of silence. */
const MAX_RETRANSMISSIONS = 8;

export interface EndContext {
  readonly fabric: Fabric;
  readonly machine: Machine;
  readonly local: Endpoint;
  readonly remote: Endpoint;
  /** The handshake is over for this end. */
  onEstablished(end: SimTcpEnd): void;
}

interface Segment {
  readonly kind: PacketKind;
  readonly sequence: number;
  readonly bytes: Uint8Array;
}

const nothing = new Uint8Array(0);

export class SimTcpEnd implements TcpConnection, ConnectionEnd {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #context: EndContext;
  #peer: SimTcpEnd | undefined;
  #handlers: TcpHandlers | undefined;

  readonly #outbox: Uint8Array[] = [];
  #unsentBytes = 0;
  #inFlightBytes = 0;
  #sentSegments = 0;
  #owesDrain = false;
  #wantsEnd = false;
  #hasSentEnd = false;

  readonly #arrived = new Map<number, Segment>();
  readonly #inbox: Uint8Array[] = [];
  #acceptedSegments = 0;
  #isPaused = false;
  #hasReceivedEnd = false;
  #hasReportedEnd = false;

  /** `aborted`: nothing is retransmitted any more. */
  #state: 'open' | 'closed' | 'aborted' = 'open';
  #closeReport: { readonly error: Error | undefined } | undefined;

  constructor(context: EndContext) {
    this.#context = context;
    this.local = context.local;
    this.remote = context.remote;
    context.machine.tcp.connections.add(this);
  }

  get unsentBytes(): number {
    return this.#unsentBytes;
  }

  get isOpen(): boolean {
    return this.#state === 'open';
  }

  /** Wires two ends together: what one sends, the other receives. */
  pair(peer: SimTcpEnd): void {
    this.#peer = peer;
    peer.#peer = this;
  }

  start(handlers: TcpHandlers): void {
    this.#handlers = handlers;
    this.#soon(() => this.#flush());
    if (this.#closeReport !== undefined) this.#soon(() => this.#reportClose());
  }

  write(bytes: Uint8Array): void {
    if (!this.isOpen || this.#wantsEnd || bytes.length === 0) return;
    this.#outbox.push(new Uint8Array(bytes));
    this.#unsentBytes += bytes.length;
    this.#pump();
    if (this.#unsentBytes > 0) this.#owesDrain = true;
  }

  pause(): void {
    this.#isPaused = true;
  }

  resume(): void {
    this.#isPaused = false;
    this.#soon(() => this.#flush());
  }

  end(): void {
    if (!this.isOpen) return;
    this.#wantsEnd = true;
    this.#pump();
  }

  /** As `close` of a socket: what has left still arrives, but unread bytes make it a reset. */
  destroy(): void {
    if (!this.isOpen) return;
    if (this.#inbox.length > 0) this.send('reset');
    else if (!this.#hasSentEnd) this.send('fin');
    this.#close('closed');
  }

  /** Gives up an attempt to connect; an answer that still comes is reset. */
  abandon(): void {
    this.#close('closed');
  }

  /** Both ends close with an error. */
  reset(): void {
    if (!this.isOpen) return;
    this.send('reset');
    this.#close('closed', new SocketFailure('ECONNRESET', 'read'));
  }

  send(kind: PacketKind, bytes: Uint8Array = nothing): void {
    const { local: from, remote: to } = this.#context;
    const segment = { kind, sequence: this.#sentSegments, bytes };
    this.#sentSegments += 1;
    transmitReliably(
      this.#context,
      { transport: 'tcp', kind, from, to, bytes },
      {
        arrive: () => this.#peer?.receive(segment),
        giveUp: () => this.#close('aborted', new SocketFailure('ETIMEDOUT', 'write')),
        isWanted: () => this.#state !== 'aborted',
      },
    );
  }

  receive(segment: Segment): void {
    if (!this.isOpen) {
      const isUnwanted = segment.kind === 'data' || segment.kind === 'syn-ack';
      if (isUnwanted && this.#state === 'closed') this.send('reset');
      return;
    }
    this.#arrived.set(segment.sequence, segment);
    for (;;) {
      const next = this.#arrived.get(this.#acceptedSegments);
      if (next === undefined || !this.isOpen) return;
      this.#arrived.delete(this.#acceptedSegments);
      this.#acceptedSegments += 1;
      this.#accept(next);
    }
  }

  #accept({ kind, bytes }: Segment): void {
    if (kind === 'syn-ack' || kind === 'ack') {
      this.#context.onEstablished(this);
    } else if (kind === 'reset') {
      this.#close('aborted', new SocketFailure('ECONNRESET', 'read'));
    } else {
      if (kind === 'data') this.#inbox.push(bytes);
      if (kind === 'fin') this.#hasReceivedEnd = true;
      this.#flush();
    }
  }

  /** Hands over what has arrived, as far as the program wants it. */
  #flush(): void {
    const { engine } = this.#context.fabric;
    const handlers = this.#handlers;
    while (handlers !== undefined && !this.#isPaused && this.isOpen) {
      const bytes = this.#inbox.shift();
      if (bytes === undefined) break;
      engine.callOut(() => lend(bytes, (copy) => handlers.onData(copy)));
      this.#acknowledge(bytes.length);
    }
    const isAtEnd = this.#hasReceivedEnd && this.#inbox.length === 0 && !this.#hasReportedEnd;
    if (handlers === undefined || this.#isPaused || !this.isOpen || !isAtEnd) return;
    this.#hasReportedEnd = true;
    engine.callOut(() => handlers.onEnd());
    this.#closeIfFinished();
  }

  #acknowledge(octets: number): void {
    const { fabric, machine, local: from, remote: to } = this.#context;
    const peer = this.#peer;
    fabric.engine.after(fabric.delayNs(machine, { from, to }), 'arrival', () => {
      peer?.takeAcknowledgement(octets);
    });
  }

  takeAcknowledgement(octets: number): void {
    this.#inFlightBytes -= octets;
    if (!this.isOpen) return;
    this.#pump();
    const handlers = this.#handlers;
    if (!this.#owesDrain || this.#unsentBytes > 0 || handlers === undefined) return;
    this.#owesDrain = false;
    this.#context.fabric.engine.callOut(() => handlers.onDrain());
  }

  /** Sends what the window allows, and the end of the stream after the last byte. */
  #pump(): void {
    const { fabric, machine, local: from, remote: to } = this.#context;
    const segmentOctets = Math.min(SEGMENT_OCTETS, fabric.mtuOctets(machine, { from, to }));
    for (;;) {
      const room = Math.min(segmentOctets, WINDOW_OCTETS - this.#inFlightBytes);
      const first = this.#outbox[0];
      if (first === undefined || room <= 0) break;
      const piece = first.subarray(0, room);
      if (piece.length === first.length) this.#outbox.shift();
      else this.#outbox[0] = first.subarray(room);
      this.#unsentBytes -= piece.length;
      this.#inFlightBytes += piece.length;
      this.send('data', piece);
    }
    if (!this.#wantsEnd || this.#hasSentEnd || this.#outbox.length > 0) return;
    this.#hasSentEnd = true;
    this.send('fin');
    this.#closeIfFinished();
  }

  #closeIfFinished(): void {
    if (this.#hasSentEnd && this.#hasReportedEnd) this.#close('closed');
  }

  #close(state: 'closed' | 'aborted', error?: Error): void {
    if (!this.isOpen) return;
    this.#state = state;
    this.#outbox.length = 0;
    this.#inbox.length = 0;
    this.#unsentBytes = 0;
    this.#context.machine.tcp.connections.delete(this);
    this.#closeReport = { error };
    this.#soon(() => this.#reportClose());
  }

  #reportClose(): void {
    const report = this.#closeReport;
    const handlers = this.#handlers;
    if (report === undefined || handlers === undefined) return;
    this.#closeReport = undefined;
    this.#context.fabric.engine.callOut(() => handlers.onClose(report.error));
  }

  /** In an event of its own: no handler is called while the program is inside a call to us. */
  #soon(action: () => void): void {
    this.#context.fabric.engine.after(0, 'arrival', action);
  }
}

export interface ReliableJourney extends Pick<Journey, 'arrive'> {
  giveUp(): void;
  /** Asked before each retransmission. */
  isWanted(): boolean;
}

export interface Retransmission {
  readonly firstMs: number;
  readonly maxTries: number;
}

const segmentRetransmission: Retransmission = {
  firstMs: RETRANSMISSION_MS,
  maxTries: MAX_RETRANSMISSIONS,
};

/** Sends a packet again, each time after twice as long, until it arrives or the tries run out. */
export function transmitReliably(
  context: Pick<EndContext, 'fabric' | 'machine'>,
  draft: Draft,
  journey: ReliableJourney & { readonly retransmission?: Retransmission },
): void {
  const { fabric, machine } = context;
  const { firstMs, maxTries } = journey.retransmission ?? segmentRetransmission;
  const attempt = (tries: number): void => {
    fabric.transmit(machine, draft, {
      arrive: (target, packet) => journey.arrive(target, packet),
      lose: () => {
        fabric.engine.after(nanoseconds(firstMs * 2 ** tries), 'arrival', () => {
          if (!journey.isWanted()) return;
          if (tries < maxTries) attempt(tries + 1);
          else journey.giveUp();
        });
      },
    });
  };
  attempt(0);
}
