/** What clients may take of a server's TCP, as an operator may want to change it. */

export interface TcpLimits {
  /** Open connections of all clients: each may cost a chunk, a message and unsent answers. */
  readonly connections: number;
  /** Of one address, so that one client cannot take them all. */
  readonly connectionsPerAddress: number;
  /** Between queries (RFC 7766 §6.2.3 asks for seconds, not minutes). */
  readonly idleMs: number;
  /** Queries of one connection being answered at once (RFC 7766 §6.2.1.1 asks for several). */
  readonly inFlight: number;
}

export const tcpLimits: TcpLimits = {
  connections: 256,
  connectionsPerAddress: 16,
  idleMs: 10_000,
  inFlight: 32,
};
