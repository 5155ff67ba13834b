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
