/** One UDP socket in front of the responder. */

import type { Endpoint, Network, Peer, UdpSocket } from '../net/ports.ts';
import type { Responder } from '../query/respond.ts';
import type { Source } from '../query/source.ts';

export function listenUdp(
  network: Network,
  local: Endpoint,
  responder: Responder,
): Promise<UdpSocket> {
  let socket: UdpSocket | undefined;
  const send = (reply: Uint8Array, peer: Peer): void => socket?.send(reply, peer);
  // One for all queries that are answered at once; a query that waits keeps it.
  let source = new UdpSource(send);
  const opening = network.bindUdp(local, (datagram, peer, reply) => {
    source.peer = peer;
    const length = responder.respond(datagram, source, reply);
    if (length === 0) {
      source.retain();
      source = new UdpSource(send);
    }
    return length;
  });
  return opening.then((opened) => (socket = opened));
}

class UdpSource implements Source {
  readonly transport = 'udp';
  readonly #send: (reply: Uint8Array, peer: Peer) => void;
  /** Whose query is being answered. */
  peer!: Peer;
  #isDropped = false;

  constructor(send: (reply: Uint8Array, peer: Peer) => void) {
    this.#send = send;
  }

  get client(): Endpoint {
    return this.peer.endpoint;
  }

  get clientPort(): number {
    return this.peer.port;
  }

  get clientOctets(): Uint8Array {
    return this.peer.octets;
  }

  /** The handler returns without a reply: whoever sends one later needs a lasting handle. */
  retain(): void {
    if (!this.#isDropped) this.peer = this.peer.retain();
  }

  sendLater(reply: Uint8Array): void {
    this.#send(reply, this.peer);
  }

  dropped(): void {
    this.#isDropped = true;
  }
}
