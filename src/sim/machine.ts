/** A host as its own transports and the fabric see it: an interface, so that no file needs all. */

import type { Endpoint, TcpConnection } from '../net/ports.ts';
import type { Packet } from './packet.ts';
import type { SeededRandom } from './random.ts';

export interface Machine {
  readonly name: string;
  readonly isUp: boolean;
  /** Draws ephemeral ports; a stream of its own, apart from what the program draws. */
  readonly portRandom: SeededRandom;
  readonly udp: { receive(packet: Packet): void };
  readonly tcp: {
    findListener(local: Endpoint): Acceptor | undefined;
    /** Every end of a connection that has not closed. */
    readonly connections: Set<ConnectionEnd>;
  };
  /** Whether a socket here may use the address: its own, loopback, or a wildcard. */
  owns(address: string): boolean;
  /** The local address to reach `address` from; undefined when it has none of that family. */
  sourceFor(address: string): string | undefined;
}

export interface Acceptor {
  readonly isOpen: boolean;
  accept(connection: TcpConnection): void;
}

export interface ConnectionEnd {
  reset(): void;
}
