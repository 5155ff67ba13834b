/** The limits of one exchange, each with its reason. */

export const clientLimits = {
  /**
   * Replies that may be thrown away before one datagram's wait is given up: a server that is
   * flooded by forgers is better asked later, and reading the flood costs us.
   */
  ignoredReplies: 100,
  /** How long a server that drops our cookies, or refuses them all, is dealt with leniently. */
  cookieTrustMs: 600_000,
  /** A handshake costs a round trip before the question leaves. */
  tcpTimeFactor: 2,
} as const;

/** The TCP connections that questions share. */
export interface ConnectionLimits {
  /** Open at once, and to one server (RFC 7766 §6.2.2: as few as possible). */
  readonly connections: number;
  readonly perServer: number;
  /** Questions on one connection that have no reply yet: as many as we take from a client. */
  readonly inFlight: number;
  /** How long one is kept without a question (RFC 7766 §6.2.3: seconds), unless told less. */
  readonly idleMs: number;
  /** Replies on one connection that nobody asked for or waits for any more. */
  readonly strangers: number;
  /** Connections in a row without any reply, after which a server gets no other for a while. */
  readonly failures: number;
  readonly shunnedMs: number;
  /** Servers of which such failures are remembered. */
  readonly remembered: number;
  /** Whether each query asks how long the connection may be kept (RFC 7828). */
  readonly asksKeepalive: boolean;
}

export const connectionLimits: ConnectionLimits = {
  connections: 200,
  perServer: 2,
  inFlight: 32,
  idleMs: 10_000,
  strangers: 100,
  failures: 2,
  shunnedMs: 10_000,
  remembered: 1000,
  asksKeepalive: true,
};
