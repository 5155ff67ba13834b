/**
 * The world that a scenario is played in: the real resolver with its whole pipeline on one host, a
 * server on port 53 of whatever address it asks, and clients with whatever address a step wants.
 * Packets take no time, so that time passes only when the script says so, or somebody waits.
 *
 *     client ─► resolver (loopback too) ─► any address, UDP and TCP ─► `onQuery`
 */

import { startSystem } from '../../app/system.ts';
import { addressFamily } from '../../net/address.ts';
import { FrameDecoder, frame } from '../../net/framing.ts';
import type { Logger } from '../../net/logger.ts';
import type { Clock, Endpoint, TcpConnection, UdpSocket } from '../../net/ports.ts';
import { isLoopback } from '../../sim/fabric.ts';
import type { SimHost } from '../../sim/host.ts';
import { World } from '../../sim/world.ts';
import { ClientConnections } from './client-connections.ts';
import type { Setup } from './setup.ts';

export type Transport = 'udp' | 'tcp';

/** Octets that the resolver sent to a server. */
export interface ServerQuery {
  readonly octets: Uint8Array;
  readonly server: Endpoint;
  readonly transport: Transport;
  send(octets: Uint8Array): void;
  /** Says to the resolver that nobody listens there. */
  refuse(): void;
}

export interface StageOptions {
  readonly setup: Setup;
  readonly seed: number;
  /** Loopback addresses that servers have, where the resolver may ask such. */
  readonly loopbackServers: readonly string[];
  readonly onQuery: (query: ServerQuery) => void;
  /** Takes the log of the resolver. */
  readonly note: (text: string, level: 'debug' | 'error') => void;
}

export interface ClientQuery {
  readonly octets: Uint8Array;
  /** Of the client. */
  readonly address: string;
  readonly transport: Transport;
  readonly onReply: (octets: Uint8Array) => void;
}

export interface Stage {
  readonly world: World;
  readonly clock: Clock;
  /** Sends a query to the resolver. */
  ask(query: ClientQuery): void;
  /** Whether the resolver has exchanges with servers or clients open. */
  readonly isBusy: boolean;
}

const DNS_PORT = 53;
/** Port 53 of the loopback addresses may be a server's. */
const RESOLVER_PORT = 1053;
/** For benchmarks (RFC 2544 §C.2.2, RFC 5180 §8): scenarios have no servers there. */
const RESOLVER_ADDRESSES = ['198.18.255.254', '2001:2::fffe'];

export async function openStage(options: StageOptions): Promise<Stage> {
  const world = new World({ seed: options.seed, link: { delayMs: 0 }, recordLimit: 0 });
  const stage = new OpenStage(world, options);
  await world.run(stage.start());
  return stage;
}

class OpenStage implements Stage {
  readonly world: World;
  readonly #options: StageOptions;
  readonly #resolver: SimHost;
  /** By address: servers, and clients that are not on loopback. */
  readonly #hosts = new Map<string, SimHost>();
  readonly #clients = new ClientConnections();
  #idleSockets = 0;

  constructor(world: World, options: StageOptions) {
    this.world = world;
    this.#options = options;
    this.#resolver = world.host({ name: 'resolver', addresses: RESOLVER_ADDRESSES });
    world.link(this.#resolver, this.#resolver, { delayMs: 0 });
    world.onUnsettled((address) => this.#serve(this.#hostAt(address), address));
  }

  async start(): Promise<void> {
    const { setup, loopbackServers, note } = this.#options;
    await startSystem({
      runtime: this.#resolver.runtime,
      logger: notingLogger(note),
      listen: ['0.0.0.0', '::'].map((address) => ({ address, port: RESOLVER_PORT })),
      zones: [],
      recursion: setup.recursion,
      identity: setup.identity,
      // Scenarios are about answers, however late, and expect no option that they do not name.
      clients: { cookies: 'off', rate: { perSecond: 0 }, late: { afterMs: 0 }, ...setup.clients },
      tcp: setup.tcp,
    });
    for (const address of loopbackServers) this.#serve(this.#resolver, address);
    this.#idleSockets = this.#resolver.pending.udpSockets;
  }

  get clock(): Clock {
    return this.#resolver.runtime.clock;
  }

  get isBusy(): boolean {
    const { udpSockets, connections } = this.#resolver.pending;
    let idle = 0;
    // Of a connection on loopback both ends are here.
    for (const address of this.#clients.keepers) idle += isLoopback(address) ? 2 : 1;
    return udpSockets > this.#idleSockets || connections > idle;
  }

  ask(query: ClientQuery): void {
    const { address, transport } = query;
    const host = isLoopback(address) ? this.#resolver : this.#hostAt(address);
    const isIPv6 = addressFamily(address) === 6;
    const here = isIPv6 ? '::1' : '127.0.0.1';
    const server = isLoopback(address) ? here : RESOLVER_ADDRESSES[isIPv6 ? 1 : 0]!;
    const remote = { address: server, port: RESOLVER_PORT };
    if (transport === 'udp') askOverUdp(host, remote, query);
    else this.#clients.ask(host, remote, query);
  }

  #hostAt(address: string): SimHost {
    const host = this.#hosts.get(address) ?? this.world.host({ addresses: [address] });
    this.#hosts.set(address, host);
    return host;
  }

  #serve(host: SimHost, address: string): void {
    const server = { address, port: DNS_PORT };
    const { network } = host.runtime;
    let socket: UdpSocket | undefined;
    const bound = network.bindUdp(server, (datagram, peer) => {
      const kept = peer.retain();
      this.#options.onQuery({
        octets: new Uint8Array(datagram),
        server,
        transport: 'udp',
        send: (octets) => socket!.send(octets, kept),
        refuse: () => this.#refuse(host, server, kept.endpoint),
      });
      return 0;
    });
    void bound.then((opened) => (socket = opened));
    void network.listenTcp(server, (connection) => this.#serveTcp(server, connection));
  }

  #serveTcp(server: Endpoint, connection: TcpConnection): void {
    const frames = new FrameDecoder();
    connection.start({
      onData: (bytes) => {
        for (const octets of frames.decode(bytes)) {
          this.#options.onQuery({
            octets: new Uint8Array(octets),
            server,
            transport: 'tcp',
            send: (reply) => connection.write(frame(reply)),
            refuse: () => connection.destroy(),
          });
        }
      },
      onEnd: () => connection.end(),
      onDrain: () => {},
      onClose: () => {},
    });
  }

  #refuse(host: SimHost, from: Endpoint, to: Endpoint): void {
    this.world.inject(host, { from, to, bytes: new Uint8Array(0), kind: 'unreachable' });
  }
}

function notingLogger(note: StageOptions['note']): Logger {
  const error: Logger['error'] = ({ err }, message) => {
    note(err instanceof Error ? `${message}: ${err.stack ?? err.message}` : message, 'error');
  };
  const debug: Logger['debug'] = (_fields, message) => note(message, 'debug');
  return { debug, info: debug, warn: error, error, isLevelEnabled: () => true };
}

function askOverUdp(host: SimHost, remote: Endpoint, query: ClientQuery): void {
  const opened = host.runtime.network.connectUdp(remote, {
    localAddress: query.address,
    onDatagram: (datagram) => query.onReply(new Uint8Array(datagram)),
    onError: () => {},
  });
  void opened.then((socket) => socket.send(query.octets));
}
