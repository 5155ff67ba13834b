/** A socket connected to one peer for all its life, as the two adapters make it. */

import type { Endpoint } from '../ports.ts';

export interface PeerSocket {
  readonly local: Endpoint;
  send(bytes: Uint8Array): void;
  /** Synchronous: no event comes after it. */
  close(): void;
  /** Whether being open keeps the process alive. At first it does. */
  hold(isHeld: boolean): void;
}

/** None comes before the opener holds the socket. */
export interface PeerEvents {
  /** `datagram` is valid only until the function returns. It is never empty. */
  onDatagram(datagram: Uint8Array): void;
  onError(error: Error): void;
}

export interface PeerRequest {
  readonly remote: Endpoint;
  readonly localAddress: string | undefined;
  /** Undefined: an unpredictable one. */
  readonly localPort?: number | undefined;
  readonly events: PeerEvents;
}

/** Opens a socket on an unpredictable port. Throws, or rejects with, `BindError`. */
export type OpenPeerSocket = (request: PeerRequest) => PeerSocket | Promise<PeerSocket>;
