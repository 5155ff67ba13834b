/**
 * A UDP socket that pays for the kernel once per batch: when it is readable, up to 64 datagrams
 * are received at once, each is answered in place, and the answers leave at once.
 *
 *     readable ─► recvmmsg ─► handler × 64, each writes its answer into the outbox ─► sendmmsg
 *         ▲──────── again, up to 512 datagrams; then everybody else has a turn ◄─────────┘
 *
 * Nothing is copied between the kernel's buffers and the handler's, and nothing is allocated for a
 * datagram but one view. Datagrams longer than 4096 octets do not reach the handler.
 */

import type { DatagramHandler, Endpoint, Peer, UdpSocket } from '../../ports.ts';
import { bindError } from '../../socket-errors.ts';
import { guarded, type BugReporter } from '../bugs.ts';
import { openDescriptor, type Descriptor, type DescriptorOptions } from './descriptor.ts';
import { BatchPeer } from './envelope.ts';
import { Inbox } from './inbox.ts';
import type { Libc } from './libc.ts';
import { Outbox } from './outbox.ts';
import { ENVELOPE_WORDS, type Envelope } from './slab.ts';
import { encodeSocketAddress } from './socket-address.ts';
import { watchReadable, type WakeUp } from './wake-up.ts';

export const batchLimits = {
  /** Datagrams per call: beyond, the call's own cost hardly shows any more. */
  slots: 64,
  /** Batches until timers, streams and other sockets have a turn: 512 datagrams, about 2 ms. */
  batchesPerTurn: 8,
  /** More than any query takes, and than any answer over UDP may (1232). */
  datagramOctets: 4096,
  /** UDP carries no more in one datagram: for what is sent late and is no DNS. */
  largestOctets: 65535,
} as const;

export interface BatchOptions extends DescriptorOptions {
  readonly handler: DatagramHandler;
  readonly onBug: BugReporter;
}

/** Throws `BindError`. */
export function bindBatched(local: Endpoint, options: BatchOptions, libc: Libc): UdpSocket {
  let descriptor: Descriptor | undefined;
  try {
    descriptor = openDescriptor(local, options, libc);
    return new BatchSocket(descriptor, options, libc);
  } catch (error) {
    if (descriptor !== undefined) libc.close(descriptor.fd);
    throw bindError(local, 'udp', error);
  }
}

class BatchSocket implements UdpSocket {
  readonly local: Endpoint;
  readonly #descriptor: Descriptor;
  readonly #handler: DatagramHandler;
  readonly #onBug: BugReporter;
  readonly #libc: Libc;
  readonly #wakeUp: WakeUp;
  readonly #inbox: Inbox;
  readonly #outbox: Outbox;
  /** Answers that were not ready at once, until the end of this turn of the event loop. */
  readonly #late: Outbox;
  #isBusy = false;
  #closed: Promise<void> | undefined;

  constructor(descriptor: Descriptor, options: BatchOptions, libc: Libc) {
    const shape = { slots: batchLimits.slots, payloadOctets: batchLimits.datagramOctets };
    this.local = descriptor.local;
    this.#descriptor = descriptor;
    this.#handler = options.handler;
    this.#onBug = options.onBug;
    this.#libc = libc;
    this.#inbox = new Inbox(descriptor, shape, libc);
    this.#outbox = new Outbox(descriptor, shape, libc);
    this.#late = new Outbox(descriptor, shape, libc);
    const serve = (): void => this.#serve();
    const onReadable = (): void => guarded(options.onBug, 'batched udp', serve);
    this.#wakeUp = watchReadable(descriptor.fd, onReadable, libc);
  }

  send(bytes: Uint8Array, peer: Peer): void {
    if (this.#closed !== undefined) return;
    const envelope = this.#envelopeOf(peer);
    if (envelope === undefined || bytes.length > batchLimits.largestOctets) return;
    if (bytes.length > batchLimits.datagramOctets) {
      this.#sendLarge(bytes, envelope);
      return;
    }
    if (this.#late.isFull) this.#late.flush();
    if (this.#late.isEmpty) setImmediate(() => this.#flushLate());
    this.#late.room.set(bytes);
    this.#late.put(bytes.length, envelope);
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#late.flush();
      this.#wakeUp.close(resolve);
      if (!this.#isBusy) this.#release();
    });
    return this.#closed;
  }

  /** One turn. Also called for nothing at times: then there is nothing to receive. */
  #serve(): void {
    if (this.#closed !== undefined) return;
    this.#isBusy = true;
    try {
      for (let batch = 0; batch < batchLimits.batchesPerTurn; batch++) {
        if (!this.#serveBatch()) break;
      }
    } finally {
      this.#isBusy = false;
      if (this.#closed !== undefined) this.#release();
    }
  }

  /** False when no more datagrams are waiting. */
  #serveBatch(): boolean {
    const count = this.#inbox.receive();
    for (let slot = 0; slot < count; slot++) this.#answer(slot);
    this.#outbox.flush();
    return this.#closed === undefined && count === batchLimits.slots;
  }

  #answer(slot: number): void {
    const datagram = this.#inbox.datagram(slot);
    // A handler may have closed the socket in the middle of the batch.
    if (datagram === undefined || this.#closed !== undefined) return;
    const peer = this.#inbox.peers[slot]!;
    try {
      const length = this.#handler(datagram, peer, this.#outbox.room);
      if (length > 0 && this.#closed === undefined) this.#outbox.put(length, peer.envelope);
    } catch (error) {
      this.#onBug(error, 'datagram handler');
    }
  }

  #flushLate(): void {
    if (this.#closed === undefined) this.#late.flush();
  }

  #sendLarge(bytes: Uint8Array, envelope: Envelope): void {
    const shape = { slots: 1, payloadOctets: batchLimits.largestOctets + 1 };
    const outbox = new Outbox(this.#descriptor, shape, this.#libc);
    outbox.room.set(bytes);
    outbox.put(bytes.length, envelope);
    outbox.flush();
  }

  /** Undefined for a peer that this socket cannot reach, such as one of the other family. */
  #envelopeOf(peer: Peer): Envelope | undefined {
    if (peer instanceof BatchPeer && peer.origin === this.#inbox.origin) return peer.envelope;
    const address = encodeSocketAddress(peer.endpoint, this.#descriptor.family, this.#libc);
    if (address === undefined) return undefined;
    const envelope = new Uint32Array(ENVELOPE_WORDS);
    new Uint8Array(envelope.buffer).set(address);
    return envelope;
  }

  /** From here on the number may be anybody's: nothing may use it again. */
  #release(): void {
    this.#libc.close(this.#descriptor.fd);
  }
}
