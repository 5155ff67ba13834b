/**
 * Connected sockets below Node: one wake-up for all of them, where each dgram socket would cost a
 * handle of the event loop, several ticks and some 60 µs.
 *
 *     socket, socket, … ─► epoll ─► wake-up ─► epoll_wait ─► recvfrom of each that is readable
 *
 * What is sent leaves at the end of the turn of the event loop, one datagram right after the other:
 * a server that had to be woken up for the first is awake for the others.
 */

import { familyOfAddress, type Family } from '../../address.ts';
import type { Endpoint, Random } from '../../ports.ts';
import { SocketFailure } from '../../socket-errors.ts';
import { guarded, type BugReporter } from '../bugs.ts';
import type { PeerEvents, PeerRequest, PeerSocket } from '../peer-socket.ts';
import { anyAddress, onUnpredictablePort } from '../upstream-port.ts';
import {
  DATAGRAM_SOCKET,
  AF_INET,
  AF_INET6,
  EPOLL_DATA_OFFSET,
  EPOLL_EVENT_OCTETS,
  Errno,
  MSG_DONTWAIT,
  MSG_TRUNC,
  SOCKADDR_OCTETS,
} from './abi.ts';
import { boundEndpoint, failure } from './descriptor.ts';
import type { Libc } from './libc.ts';
import { encodeSocketAddress, isSameSocketAddress } from './socket-address.ts';
import { openEpoll, watch, watchEpoll, type WakeUp } from './wake-up.ts';

const peerSocketLimits = {
  /** Readable sockets told of at once. */
  events: 64,
  /** Such batches until timers, clients and streams have a turn: a reply may be 60 µs of work. */
  batchesPerTurn: 2,
  /** UDP carries no more in one datagram. */
  datagramOctets: 65535,
} as const;

export interface PeerSocketContext {
  readonly libc: Libc;
  readonly random: Random;
  readonly onBug: BugReporter;
}

/** The opener of sockets that share one wake-up, which is made for the first of them. */
export class PeerSockets {
  readonly #context: PeerSocketContext;
  readonly #events = new Uint8Array(peerSocketLimits.events * EPOLL_EVENT_OCTETS);
  readonly #eventView = new DataView(this.#events.buffer);
  readonly #received = new Uint8Array(peerSocketLimits.datagramOctets);
  readonly #sender = new Uint8Array(SOCKADDR_OCTETS);
  readonly #senderOctets = new Uint8Array(4);
  /** By descriptor. */
  readonly #sockets: (BatchedPeerSocket | undefined)[] = [];
  readonly #serve = (): void => guarded(this.#context.onBug, 'upstream udp', () => this.#drain());
  /** What leaves at the end of this turn. */
  readonly #sends: BatchedPeerSocket[] = [];
  readonly #flush = (): void => {
    for (const socket of this.#sends) socket.flush();
    this.#sends.length = 0;
  };
  #epoll = -1;
  #wakeUp: WakeUp | undefined;
  #held = 0;

  constructor(context: PeerSocketContext) {
    this.#context = context;
  }

  /** Rejects with `BindError`. */
  open({ remote, localAddress, events }: PeerRequest): Promise<PeerSocket> {
    const address = localAddress ?? anyAddress(remote);
    return onUnpredictablePort(address, this.#context.random, (local) => {
      const fd = this.#bind(local);
      try {
        return this.#connect(fd, { local, remote, events });
      } catch (error) {
        this.#context.libc.close(fd);
        throw error;
      }
    });
  }

  /** Whether one more or one less socket keeps the process alive. */
  hold(change: 1 | -1): void {
    this.#held += change;
    if (this.#held === (change === 1 ? 1 : 0)) this.#wakeUp!.hold(change === 1);
  }

  sendLater(socket: BatchedPeerSocket): void {
    if (this.#sends.length === 0) setImmediate(this.#flush);
    this.#sends.push(socket);
  }

  /** From here on the number may be anybody's: nothing may use it again. */
  forget(fd: number): void {
    this.#sockets[fd] = undefined;
    this.#context.libc.close(fd);
  }

  #bind(local: Endpoint): number {
    const { libc } = this.#context;
    const family = familyOfAddress(local.address);
    const address = encodeSocketAddress(local, family, libc);
    if (address === undefined) throw new SocketFailure('EINVAL', 'bind');
    const fd = libc.socket(family === 6 ? AF_INET6 : AF_INET, DATAGRAM_SOCKET, 0);
    if (fd < 0) throw failure(libc, 'socket');
    if (libc.bind(fd, address, address.length) === 0) return fd;
    const reason = failure(libc, 'bind');
    libc.close(fd);
    throw reason;
  }

  #connect(
    fd: number,
    { local, remote, events }: Omit<PeerRequest, 'localAddress'> & { readonly local: Endpoint },
  ): PeerSocket {
    const { libc, onBug } = this.#context;
    const family = familyOfAddress(local.address);
    const address = encodeSocketAddress(remote, family, libc);
    const isConnected = address !== undefined && libc.connect(fd, address, address.length) === 0;
    const reason = isConnected || !address ? undefined : failure(libc, 'connect');
    this.#prepare();
    watch(this.#epoll, fd, libc);
    const peer = address ?? new Uint8Array(0);
    const shared = { group: this, libc, onBug, events };
    const socket = new BatchedPeerSocket({ fd, family, peer }, shared);
    this.#sockets[fd] = socket;
    this.hold(1);
    // Only after the caller holds the socket: it may want to close it in the callback.
    const problem = address ? reason : new SocketFailure('EINVAL', 'connect');
    if (problem) setImmediate(() => socket.fail(problem));
    return socket;
  }

  #prepare(): void {
    if (this.#wakeUp) return;
    const { libc } = this.#context;
    if (this.#epoll < 0) this.#epoll = openEpoll(libc);
    this.#wakeUp = watchEpoll(this.#epoll, this.#serve, libc);
  }

  #drain(): void {
    const { events, batchesPerTurn } = peerSocketLimits;
    const { libc } = this.#context;
    for (let batch = 0; batch < batchesPerTurn; batch++) {
      const count = libc.epollWait(this.#epoll, this.#events, events, 0);
      for (let i = 0; i < count; i++) {
        const at = i * EPOLL_EVENT_OCTETS + EPOLL_DATA_OFFSET;
        const socket = this.#sockets[this.#eventView.getUint32(at, true)];
        if (socket) this.#receive(socket);
      }
      if (count < events) return;
    }
  }

  /** One datagram: who gets many keeps nobody waiting. The epoll tells again of the rest. */
  #receive(socket: BatchedPeerSocket): void {
    const { libc } = this.#context;
    const bytes = this.#received;
    this.#senderOctets[0] = this.#sender.length;
    const flags = MSG_DONTWAIT | MSG_TRUNC;
    const { fd } = socket;
    const count = libc.recvfrom(fd, bytes, bytes.length, flags, this.#sender, this.#senderOctets);
    if (count < 0) socket.failAfterCall('recvfrom');
    else if (count > 0) socket.take(bytes.subarray(0, count), this.#sender);
  }
}

interface Shared {
  readonly group: PeerSockets;
  readonly libc: Libc;
  readonly onBug: BugReporter;
  readonly events: PeerEvents;
}

interface Connection {
  readonly fd: number;
  readonly family: Family;
  readonly peer: Uint8Array;
}

class BatchedPeerSocket implements PeerSocket {
  readonly fd: number;
  readonly #connection: Connection;
  readonly #shared: Shared;
  #local: Endpoint | undefined;
  #outgoing: Uint8Array | undefined;
  #isHeld = true;
  #isClosed = false;

  constructor(connection: Connection, shared: Shared) {
    this.fd = connection.fd;
    this.#connection = connection;
    this.#shared = shared;
  }

  /** Not everybody asks, so the kernel tells when somebody does. */
  get local(): Endpoint {
    const { fd, family } = this.#connection;
    return (this.#local ??= boundEndpoint(fd, family, this.#shared.libc));
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    // Hardly anybody sends twice in a turn.
    if (this.#outgoing) this.flush();
    else this.#shared.group.sendLater(this);
    this.#outgoing = bytes;
  }

  flush(): void {
    const bytes = this.#outgoing;
    if (!bytes || this.#isClosed) return;
    this.#outgoing = undefined;
    const sent = this.#shared.libc.send(this.fd, bytes, bytes.length, MSG_DONTWAIT);
    // The ICMP error for an earlier datagram may come as the result of this call.
    if (sent < 0) this.failAfterCall('send');
  }

  close(): void {
    if (this.#isClosed) return;
    this.flush();
    this.hold(false);
    this.#isClosed = true;
    this.#shared.group.forget(this.fd);
  }

  hold(isHeld: boolean): void {
    if (isHeld === this.#isHeld) return;
    this.#isHeld = isHeld;
    this.#shared.group.hold(isHeld ? 1 : -1);
  }

  take(datagram: Uint8Array, sender: Uint8Array): void {
    const { family, peer } = this.#connection;
    // What came between bind and connect is still in the kernel's queue, from anybody.
    if (!isSameSocketAddress(sender, peer, family)) return;
    const { onBug, events } = this.#shared;
    // As `guarded` does, without a closure for every reply.
    try {
      events.onDatagram(datagram);
    } catch (error) {
      onBug(error, 'onDatagram');
    }
  }

  /** Why the last call failed, unless that is no news about the peer. Reported a moment later. */
  failAfterCall(operation: string): void {
    const { libc } = this.#shared;
    const errno = libc.errno();
    if (errno === Errno.EAGAIN || errno === Errno.EINTR || errno === Errno.ENOBUFS) return;
    const reason = failure(libc, operation);
    setImmediate(() => this.fail(reason));
  }

  fail(error: Error): void {
    if (this.#isClosed) return;
    const { onBug, events } = this.#shared;
    guarded(onBug, 'onError', () => events.onError(error));
  }
}
