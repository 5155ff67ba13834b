/**
 * The three ports through which everything else in ts-dns touches the outside world: a network, a
 * clock and a source of randomness, bundled as one `Runtime` that is passed at construction.
 *
 * `net/real` implements them with the machine's sockets and timers, `sim` with a simulated internet
 * in virtual time. Code above this layer cannot tell the two apart; `test/net/parity.ts` proves it.
 *
 * Times are milliseconds, fractions allowed. Addresses are text as Node prints it ('192.0.2.1',
 * '2001:db8::1'); the wire never carries an `Endpoint`.
 */

import type { Cancellation } from './cancellation.ts';

export interface Runtime {
  readonly network: Network;
  readonly clock: Clock;
  readonly random: Random;
}

export interface Endpoint {
  readonly address: string;
  readonly port: number;
}

/** TTLs and timeouts use `monotonic` only; `wall` is for logs and the validity of signatures. */
export interface Clock {
  /** Milliseconds since an arbitrary start, never backwards, never 0 (virtual time starts at 1). */
  monotonic(): number;
  /** Milliseconds since 1970-01-01T00:00:00Z as this machine believes; may jump either way. */
  wall(): number;
  /** Calls `callback` once, after at least `delayMs`. A pending timer keeps the process alive. */
  schedule(delayMs: number, callback: () => void): Timer;
}

export interface Timer {
  /** Idempotent; the callback is not called afterwards. */
  cancel(): void;
}

/** A CSPRNG on real machines, a seeded generator in the simulation. */
export interface Random {
  fill(bytes: Uint8Array): void;
  /** An integer in [0, 65535]. */
  uint16(): number;
  /** An integer in [0, bound), each equally likely; `bound` is at most 2^32. */
  below(bound: number): number;
}

export interface Network {
  /** Opens a UDP socket on `local` (port 0: any free one). Rejects with `BindError`. */
  bindUdp(local: Endpoint, handler: DatagramHandler): Promise<UdpSocket>;
  /**
   * A UDP socket from an unpredictable port to one peer: datagrams from anyone else are never seen
   * (RFC 5452 §9.2). An ICMP error for the peer arrives as `onError`. Rejects with
   * `BindError`.
   */
  connectUdp(remote: Endpoint, options: ConnectedUdpOptions): Promise<ConnectedUdpSocket>;
  /** The same without a promise, where a socket is at hand: a resolver wants thousands a second. */
  connectUdpAtOnce?(remote: Endpoint, options: ConnectedUdpOptions): ConnectedUdpSocket | undefined;
  /** Rejects with `BindError`. */
  listenTcp(local: Endpoint, onConnection: (connection: TcpConnection) => void): Promise<Listener>;
  /** Rejects with `ConnectError`: refused, unreachable, or aborted by `signal`. */
  connectTcp(remote: Endpoint, options?: ConnectTcpOptions): Promise<TcpConnection>;
}

export interface ConnectTcpOptions {
  readonly signal?: Cancellation;
  readonly localAddress?: string;
  /** Default: any free one. */
  readonly localPort?: number;
}

/**
 * Handles one datagram at once. `datagram` and `reply` belong to the socket and are valid only
 * until the handler returns; so is `peer`, unless retained. Returns the length of the answer
 * written into `reply`, or 0 for none yet (answer later with `socket.send` to a retained peer) or
 * ever. Datagrams from port 0 and empty ones never reach a handler. `datagram` may be a Node
 * Buffer, whose `slice` is a view: copy with `new Uint8Array(datagram)`.
 */
export type DatagramHandler = (datagram: Uint8Array, peer: Peer, reply: Uint8Array) => number;

/** The sender of a datagram: a cheap handle, turned into an address only when somebody asks. */
export interface Peer {
  readonly endpoint: Endpoint;
  readonly port: number;
  /** The address alone, 4 or 16 octets in network order, valid as long as the peer is. */
  readonly octets: Uint8Array;
  /** A handle that stays valid after the handler has returned. */
  retain(): Peer;
}

export interface UdpSocket {
  readonly local: Endpoint;
  /** Copies or sends `bytes` before it returns; a datagram that cannot be sent is lost silently. */
  send(bytes: Uint8Array, peer: Peer): void;
  close(): Promise<void>;
}

export interface ConnectedUdpOptions {
  /** `datagram` is valid only until the handler returns. */
  onDatagram(datagram: Uint8Array): void;
  /** The peer's host says that nobody listens there, or the network cannot be reached. */
  onError(error: Error): void;
  readonly localAddress?: string | undefined;
  /** Default: an unpredictable one, without which anybody can forge replies. */
  readonly localPort?: number | undefined;
}

export interface ConnectedUdpSocket {
  readonly local: Endpoint;
  send(bytes: Uint8Array): void;
  /** Synchronous and idempotent: no callback comes after it. */
  close(): void;
  /**
   * As `close`, where each datagram sent was answered once: the socket may serve another exchange
   * with the same peer.
   */
  release(): void;
}

export interface Listener {
  readonly local: Endpoint;
  /** Stops accepting; open connections live on. */
  close(): Promise<void>;
}

export interface TcpConnection extends ByteStream {
  readonly remote: Endpoint;
  readonly local: Endpoint;
}

/** Handlers are set once, right after the stream is obtained. */
export interface ByteStream {
  /** `onClose` comes exactly once, after the last `onData`; with an error when it was reset. */
  start(handlers: TcpHandlers): void;
  /** Takes ownership of nothing: `bytes` may be reused after the call. */
  write(bytes: Uint8Array): void;
  /** Bytes accepted by `write` that the peer's machine has not taken yet. */
  readonly unsentBytes: number;
  /** Stops and restarts `onData`, so that a peer that does not read cannot make us buffer. */
  pause(): void;
  resume(): void;
  /** Sends what was written, then closes our direction. */
  end(): void;
  /** Closes at once, dropping unsent bytes. */
  destroy(): void;
}

export interface TcpHandlers {
  /** `bytes` is valid only until the handler returns. */
  onData(bytes: Uint8Array): void;
  /** The peer has finished sending; we may still write. */
  onEnd(): void;
  /** All written bytes have been taken, after `unsentBytes` was above zero. */
  onDrain(): void;
  onClose(error?: Error): void;
}
