/**
 * A relay in front of any UDP program, which does to datagrams what a link of the laboratory does.
 *
 *     client ─► listening socket ─ link forth ─► a socket of its own ─► target
 *     client ◄─ listening socket ◄─ link back ── a socket of its own ◄─ target
 *
 * The target sees each client at another port and its answers find back by it. All clients share
 * the two links, as they would one cable: the n-th datagram that way has the n-th fate.
 */

import { formatEndpoint } from '../../net/address.ts';
import type {
  ConnectedUdpSocket,
  DatagramHandler,
  Endpoint,
  Peer,
  Runtime,
  Timer,
  UdpSocket,
} from '../../net/ports.ts';
import { RealTimeline } from '../run/real-timeline.ts';
import { Direction, type DirectionCounts, type DirectionOptions } from './direction.ts';

export const relayLimits = {
  /** Each has a descriptor; when one more comes, who was silent longest is forgotten. */
  clients: 500,
  /** Silent for so long, a client is forgotten: what RFC 4787 §4.3 recommends to a NAT. */
  idleMs: 300_000,
  /** Datagrams of one client until its socket is open. */
  waiting: 1000,
} as const;

export interface RelayOptions {
  readonly runtime: Runtime;
  readonly listen: Endpoint;
  readonly target: Endpoint;
  readonly seed: string;
  /** From clients to the target. */
  readonly forth: DirectionOptions;
  readonly back: DirectionOptions;
}

export interface RelayStatistics {
  readonly forth: DirectionCounts;
  readonly back: DirectionCounts;
  /** Remembered now. */
  readonly clients: number;
  /** How often the target's machine said that nobody listens. */
  readonly refused: number;
  /** How late the datagrams were beyond what the link says. */
  readonly lag: { readonly p50Ns: number; readonly p99Ns: number; readonly maxNs: number };
}

interface Client {
  readonly peer: Peer;
  /** A list of what waits until the socket is open. */
  upstream: ConnectedUdpSocket | Uint8Array[];
  lastMs: number;
}

export class Relay {
  readonly #options: RelayOptions;
  readonly #timeline: RealTimeline;
  readonly #forth: Direction;
  readonly #back: Direction;
  /** In the order in which they were heard last. */
  readonly #clients = new Map<string, Client>();
  #socket: UdpSocket | undefined;
  #sweep: Timer | undefined;
  #refused = 0;
  #isClosed = false;

  private constructor(options: RelayOptions) {
    const { runtime, seed, forth, back } = options;
    this.#options = options;
    this.#timeline = new RealTimeline(runtime.clock);
    const context = { seed, timeline: this.#timeline };
    this.#forth = new Direction('forth', forth, context);
    this.#back = new Direction('back', back, context);
  }

  /** Rejects with `BindError`. */
  static async open(options: RelayOptions): Promise<Relay> {
    const relay = new Relay(options);
    const { network } = options.runtime;
    relay.#socket = await network.bindUdp(options.listen, relay.#take);
    relay.#sweepLater();
    return relay;
  }

  /** Where it listens. */
  get local(): Endpoint {
    return this.#socket?.local ?? this.#options.listen;
  }

  get statistics(): RelayStatistics {
    const { lag } = this.#timeline;
    return {
      forth: this.#forth.counts,
      back: this.#back.counts,
      clients: this.#clients.size,
      refused: this.#refused,
      lag: { p50Ns: lag.quantile(0.5), p99Ns: lag.quantile(0.99), maxNs: lag.largest },
    };
  }

  /** What is under way is lost. Idempotent. */
  async close(): Promise<void> {
    this.#isClosed = true;
    this.#sweep?.cancel();
    this.#timeline.stop();
    for (const key of [...this.#clients.keys()]) this.#forget(key);
    await this.#socket?.close();
  }

  readonly #take: DatagramHandler = (datagram, peer) => {
    const client = this.#clientAt(peer);
    this.#forth.carry(datagram, (bytes) => {
      if (!Array.isArray(client.upstream)) client.upstream.send(bytes);
      else if (client.upstream.length < relayLimits.waiting) client.upstream.push(bytes);
    });
    return 0;
  };

  #clientAt(peer: Peer): Client {
    const key = formatEndpoint(peer.endpoint);
    const nowMs = this.#options.runtime.clock.monotonic();
    const known = this.#clients.get(key);
    const client = known ?? { peer: peer.retain(), upstream: [], lastMs: nowMs };
    client.lastMs = nowMs;
    this.#clients.delete(key);
    this.#clients.set(key, client);
    if (known) return known;
    const [oldest] = this.#clients.keys();
    if (this.#clients.size > relayLimits.clients && oldest !== undefined) this.#forget(oldest);
    void this.#openUpstream(key, client);
    return client;
  }

  async #openUpstream(key: string, client: Client): Promise<void> {
    const { runtime, target } = this.#options;
    const opening = runtime.network.connectUdp(target, {
      onDatagram: (datagram) => {
        client.lastMs = runtime.clock.monotonic();
        this.#back.carry(datagram, (bytes) => this.#socket?.send(bytes, client.peer));
      },
      onError: () => {
        this.#refused += 1;
        // The socket is of no use any more: the client's next datagram opens another.
        if (this.#clients.get(key) === client) this.#forget(key);
      },
    });
    const upstream = await opening.catch(() => undefined);
    if (upstream === undefined || this.#isClosed || this.#clients.get(key) !== client) {
      upstream?.close();
      if (this.#clients.get(key) === client) this.#clients.delete(key);
      return;
    }
    const waiting = Array.isArray(client.upstream) ? client.upstream : [];
    client.upstream = upstream;
    for (const bytes of waiting) upstream.send(bytes);
  }

  #forget(key: string): void {
    const client = this.#clients.get(key);
    this.#clients.delete(key);
    if (client && !Array.isArray(client.upstream)) client.upstream.close();
  }

  #sweepLater(): void {
    const { clock } = this.#options.runtime;
    this.#sweep = clock.schedule(relayLimits.idleMs / 10, () => {
      const beforeMs = clock.monotonic() - relayLimits.idleMs;
      for (const [key, { lastMs }] of this.#clients) if (lastMs < beforeMs) this.#forget(key);
      this.#sweepLater();
    });
  }
}
