/**
 * UDP over `node:dgram`: bound sockets that answer in place, and connected sockets.
 *
 * Every socket has an error handler for its whole life, because an unhandled 'error' event ends the
 * process, and no address ever reaches the machine's own resolver.
 */

import { createSocket, type RemoteInfo, type Socket, type SocketOptions } from 'node:dgram';

import { canonicalEndpointAddress, endpointFamily, endpointOctets } from '../address.ts';
import type { DatagramHandler, Endpoint, Peer, Random, UdpSocket } from '../ports.ts';
import { bindError, SocketFailure } from '../socket-errors.ts';
import { guarded, type BugReporter } from './bugs.ts';
import type { PeerEvents, PeerRequest, PeerSocket } from './peer-socket.ts';
import { anyAddress, onUnpredictablePort } from './upstream-port.ts';

/** No DNS message is longer, so no reply is. */
const REPLY_OCTETS = 65535;
/** Holds a burst of a thousand queries while the event loop is busy; the kernel may grant less. */
export const KERNEL_BUFFER_OCTETS: number = 1024 * 1024;

export async function bindUdp(
  local: Endpoint,
  handler: DatagramHandler,
  onBug: BugReporter,
): Promise<UdpSocket> {
  const socket = await openSocket(local).catch((error: unknown) => {
    throw bindError(local, 'udp', error);
  });
  growKernelBuffers(socket);
  return new BoundSocket(socket, handler, onBug);
}

export interface ConnectUdpContext {
  readonly random: Random;
  readonly onBug: BugReporter;
}

/** Rejects with `BindError`. */
export async function openPeerSocket(
  { remote, localAddress, localPort, events }: PeerRequest,
  { random, onBug }: ConnectUdpContext,
): Promise<PeerSocket> {
  const address = localAddress ?? anyAddress(remote);
  const socket =
    localPort === undefined
      ? await onUnpredictablePort(address, random, openSocket)
      : await openOn({ address, port: localPort });
  const failure = await connectSocket(socket, remote);
  const connected = new ConnectedSocket(socket, remote, { onBug, events });
  // Only after the caller holds the socket: it may want to close it in the callback.
  if (failure !== undefined) setImmediate(() => connected.fail(failure));
  return connected;
}

async function openOn(local: Endpoint): Promise<Socket> {
  try {
    return await openSocket(local);
  } catch (error) {
    throw bindError(local, 'udp', error);
  }
}

class BoundSocket implements UdpSocket {
  readonly local: Endpoint;
  readonly #socket: Socket;
  readonly #handler: DatagramHandler;
  readonly #onBug: BugReporter;
  readonly #reply = new Uint8Array(REPLY_OCTETS);
  #closed: Promise<void> | undefined;

  constructor(socket: Socket, handler: DatagramHandler, onBug: BugReporter) {
    this.local = localEndpoint(socket);
    this.#socket = socket;
    this.#handler = handler;
    this.#onBug = onBug;
    socket.on('message', (datagram, sender) => this.#receive(datagram, sender));
  }

  send(bytes: Uint8Array, peer: Peer): void {
    const { address, port } = peer.endpoint;
    this.#transmit(bytes, port, address);
  }

  close(): Promise<void> {
    this.#closed ??= new Promise((resolve) => {
      this.#socket.close(resolve);
    });
    return this.#closed;
  }

  #receive(datagram: Uint8Array, sender: RemoteInfo): void {
    // Nobody can be answered at port 0 (`send` throws), and an empty datagram has no header.
    if (sender.port === 0 || datagram.length === 0 || this.#closed !== undefined) return;
    try {
      const length = this.#handler(datagram, new DgramPeer(sender), this.#reply);
      if (length > 0) this.#transmit(this.#reply.subarray(0, length), sender.port, sender.address);
    } catch (error) {
      this.#onBug(error, 'datagram handler');
    }
  }

  #transmit(bytes: Uint8Array, port: number, address: string): void {
    if (this.#closed !== undefined) return;
    // A copy, because a full send buffer makes libuv keep a reference until the socket is
    // writable. No callback, because without one Node drops the errors of a send.
    guarded(this.#onBug, 'udp send', () => this.#socket.send(Buffer.from(bytes), port, address));
  }
}

/** Wraps what dgram allocates for each datagram anyway, so it needs no copy to be retained. */
class DgramPeer implements Peer {
  readonly #sender: RemoteInfo;
  #octets: Uint8Array | undefined;

  constructor(sender: RemoteInfo) {
    this.#sender = sender;
  }

  get endpoint(): Endpoint {
    return { address: this.#sender.address, port: this.#sender.port };
  }

  get port(): number {
    return this.#sender.port;
  }

  get octets(): Uint8Array {
    return (this.#octets ??= endpointOctets(this.#sender.address));
  }

  retain(): Peer {
    return this;
  }
}

interface ConnectedContext {
  readonly onBug: BugReporter;
  readonly events: PeerEvents;
}

class ConnectedSocket implements PeerSocket {
  readonly local: Endpoint;
  readonly #socket: Socket;
  readonly #context: ConnectedContext;
  #isClosed = false;

  constructor(socket: Socket, remote: Endpoint, context: ConnectedContext) {
    this.local = localEndpoint(socket);
    this.#socket = socket;
    this.#context = context;
    const remoteAddress = canonicalEndpointAddress(remote.address);
    const remotePort = remote.port;
    socket.on('error', (error) => this.fail(error));
    socket.on('message', (datagram, sender) => {
      // What came between bind and connect is still in the kernel's queue, from anybody.
      if (sender.port !== remotePort || sender.address !== remoteAddress) return;
      if (this.#isClosed || datagram.length === 0) return;
      guarded(context.onBug, 'onDatagram', () => context.events.onDatagram(datagram));
    });
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed) return;
    // The ICMP error for an earlier datagram may come as the result of this call.
    try {
      this.#socket.send(Buffer.from(bytes), (error) => {
        if (error !== null) this.fail(error);
      });
    } catch {
      // Never connected: `fail` has reported or is about to report why.
    }
  }

  close(): void {
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.#socket.close();
  }

  hold(isHeld: boolean): void {
    if (isHeld) this.#socket.ref();
    else this.#socket.unref();
  }

  fail(error: Error): void {
    if (this.#isClosed) return;
    guarded(this.#context.onBug, 'onError', () => this.#context.events.onError(error));
  }
}

function openSocket(local: Endpoint): Promise<Socket> {
  return new Promise((resolve, reject) => {
    const family = endpointFamily(local.address);
    if (family === undefined) {
      reject(new SocketFailure('EINVAL', 'bind'));
      return;
    }
    const socket = createSocket(socketOptions(family));
    const refuse = (error: Error): void => {
      socket.close();
      reject(error);
    };
    // Stays for good: it also swallows the late errors of a bound socket, which concern one peer.
    socket.on('error', refuse);
    socket.once('listening', () => {
      socket.off('error', refuse);
      socket.on('error', () => {});
      resolve(socket);
    });
    try {
      // Exclusive, or the workers of a cluster would all get the same port.
      socket.bind({ address: local.address, port: local.port, exclusive: true });
    } catch (error) {
      refuse(asError(error));
    }
  });
}

function socketOptions(family: 4 | 6): SocketOptions {
  return {
    type: family === 6 ? 'udp6' : 'udp4',
    ipv6Only: family === 6,
    // Addresses are literals here; calling back at once also saves a tick for each datagram.
    lookup: (hostname, _options, callback) => callback(null, hostname, family),
  };
}

/** Returns why the peer cannot be reached at all, such as a machine without IPv6. */
function connectSocket(socket: Socket, remote: Endpoint): Promise<Error | undefined> {
  return new Promise((resolve) => {
    const refuse = (error: Error): void => resolve(error);
    socket.once('error', refuse);
    try {
      socket.connect(remote.port, remote.address, () => {
        socket.off('error', refuse);
        resolve(undefined);
      });
    } catch (error) {
      resolve(asError(error));
    }
  });
}

function growKernelBuffers(socket: Socket): void {
  try {
    socket.setRecvBufferSize(KERNEL_BUFFER_OCTETS);
    socket.setSendBufferSize(KERNEL_BUFFER_OCTETS);
  } catch {
    // Best effort: the default size only means more loss in a burst.
  }
}

function asError(thrown: unknown): Error {
  return thrown instanceof Error ? thrown : new Error(String(thrown));
}

function localEndpoint(socket: Socket): Endpoint {
  const { address, port } = socket.address();
  return { address, port };
}
