/**
 * UDP on a simulated host: bound and connected sockets over the fabric, and ICMP port unreachable
 * (RFC 1122 §3.2.2.1) where nobody listens. An address that no host has stays silent.
 */

import assert from 'node:assert/strict';

import { canonicalEndpointAddress, endpointOctets } from '../net/address.ts';
import type {
  ConnectedUdpOptions,
  ConnectedUdpSocket,
  DatagramHandler,
  Endpoint,
  Peer,
  UdpSocket,
} from '../net/ports.ts';
import { bindError, SocketFailure } from '../net/socket-errors.ts';
import type { Fabric } from './fabric.ts';
import type { Machine } from './machine.ts';
import type { Packet } from './packet.ts';
import { isWildcard, PortTable } from './port-table.ts';
import { lend } from './scratch.ts';

const REPLY_OCTETS = 65535;
/** What fits into one IP packet: 65535 octets less the UDP header, and in IPv4 the IP header. */
const MAX_IPV4_PAYLOAD = 65507;
const MAX_IPV6_PAYLOAD = 65527;

/** What the stack hands packets to. */
interface PacketTaker {
  /** Set on connected sockets: packets from anybody else are not theirs. */
  readonly remote: Endpoint | undefined;
  takeDatagram(packet: Packet): void;
  takeUnreachable(): void;
}

export class UdpStack {
  readonly #machine: Machine;
  readonly #fabric: Fabric;
  readonly #sockets = new PortTable<PacketTaker>();

  constructor(machine: Machine, fabric: Fabric) {
    this.#machine = machine;
    this.#fabric = fabric;
  }

  get socketCount(): number {
    return this.#sockets.size;
  }

  bind(wanted: Endpoint, handler: DatagramHandler): UdpSocket {
    const local = chooseLocal(wanted, this.#machine, this.#sockets);
    if (local instanceof SocketFailure) throw bindError(wanted, 'udp', local);
    const socket = new BoundSocket(local, handler, this.#context(local));
    this.#sockets.claim(local, socket);
    return socket;
  }

  connect(remote: Endpoint, options: ConnectedUdpOptions): ConnectedUdpSocket {
    const remoteAddress = canonicalEndpointAddress(remote.address) ?? remote.address;
    const source = options.localAddress ?? this.#machine.sourceFor(remoteAddress);
    const wildcard = remoteAddress.includes(':') ? '::' : '0.0.0.0';
    const wanted = { address: source ?? wildcard, port: options.localPort ?? 0 };
    const local = chooseLocal(wanted, this.#machine, this.#sockets);
    if (local instanceof SocketFailure) throw bindError(wanted, 'udp', local);
    const peer = { address: remoteAddress, port: remote.port };
    const socket = new ConnectedSocket(peer, options, this.#context(local));
    this.#sockets.claim(local, socket);
    if (source === undefined) socket.failSoon();
    return socket;
  }

  receive(packet: Packet): void {
    const socket = this.#sockets.find(packet.to);
    const isWelcome =
      socket !== undefined &&
      (socket.remote === undefined || isSameEndpoint(socket.remote, packet.from));
    if (packet.kind === 'unreachable') {
      if (isWelcome) socket.takeUnreachable();
    } else if (!isWelcome) {
      this.#reportUnreachable(packet);
    } else if (packet.from.port !== 0 && packet.bytes.length > 0) {
      socket.takeDatagram(packet);
    }
  }

  #reportUnreachable(packet: Packet): void {
    const draft = { transport: 'udp', kind: 'unreachable', bytes: new Uint8Array(0) } as const;
    this.#fabric.transmit(
      this.#machine,
      { ...draft, from: packet.to, to: packet.from },
      { arrive: (target, answer) => target.udp.receive(answer) },
    );
  }

  #context(local: Endpoint): SocketContext {
    return {
      fabric: this.#fabric,
      machine: this.#machine,
      local,
      release: () => this.#sockets.release(local),
    };
  }
}

interface SocketContext {
  readonly fabric: Fabric;
  readonly machine: Machine;
  readonly local: Endpoint;
  release(): void;
}

class BoundSocket implements UdpSocket, PacketTaker {
  readonly local: Endpoint;
  readonly remote = undefined;
  readonly #handler: DatagramHandler;
  readonly #context: SocketContext;
  readonly #reply = new Uint8Array(REPLY_OCTETS);
  #isClosed = false;

  constructor(local: Endpoint, handler: DatagramHandler, context: SocketContext) {
    this.local = local;
    this.#handler = handler;
    this.#context = context;
  }

  send(bytes: Uint8Array, peer: Peer): void {
    if (this.#isClosed) return;
    const address = isWildcard(this.local.address) ? this.#sourceFor(peer) : this.local.address;
    if (address === undefined) return;
    transmit(this.#context, { ...this.local, address }, { to: peer.endpoint, bytes });
  }

  close(): Promise<void> {
    if (!this.#isClosed) this.#context.release();
    this.#isClosed = true;
    return Promise.resolve();
  }

  takeDatagram(packet: Packet): void {
    this.#context.fabric.engine.callOut(() => {
      const peer = new BorrowedPeer(packet);
      const length = lend(packet.bytes, (bytes) => this.#handler(bytes, peer, this.#reply));
      assert(length >= 0 && length <= REPLY_OCTETS, 'a handler returns the length of its reply');
      if (length > 0) this.send(this.#reply.subarray(0, length), peer);
      peer.giveBack();
    });
  }

  takeUnreachable(): void {
    // As on Linux, the owner of an unconnected socket never hears of ICMP errors.
  }

  /** From a wildcard socket, the answer leaves from the address that was asked. */
  #sourceFor(peer: Peer): string | undefined {
    if (peer instanceof SimPeer || peer instanceof BorrowedPeer) return peer.askedAddress;
    return this.#context.machine.sourceFor(peer.endpoint.address);
  }
}

class SimPeer implements Peer {
  readonly endpoint: Endpoint;
  readonly askedAddress: string;

  constructor(endpoint: Endpoint, askedAddress: string) {
    this.endpoint = endpoint;
    this.askedAddress = askedAddress;
  }

  get port(): number {
    return this.endpoint.port;
  }

  get octets(): Uint8Array {
    return endpointOctets(this.endpoint.address);
  }

  retain(): Peer {
    return this;
  }
}

/** Valid until the handler has returned; its use afterwards is a bug and says so. */
class BorrowedPeer implements Peer {
  #packet: Packet | undefined;

  constructor(packet: Packet) {
    this.#packet = packet;
  }

  get endpoint(): Endpoint {
    return this.#borrowed().from;
  }

  get port(): number {
    return this.#borrowed().from.port;
  }

  get octets(): Uint8Array {
    return endpointOctets(this.#borrowed().from.address);
  }

  get askedAddress(): string {
    return this.#borrowed().to.address;
  }

  retain(): Peer {
    return new SimPeer(this.endpoint, this.askedAddress);
  }

  giveBack(): void {
    this.#packet = undefined;
  }

  #borrowed(): Packet {
    assert(this.#packet !== undefined, 'a peer was used after its handler returned: retain it');
    return this.#packet;
  }
}

class ConnectedSocket implements ConnectedUdpSocket, PacketTaker {
  readonly local: Endpoint;
  readonly remote: Endpoint;
  readonly #options: ConnectedUdpOptions;
  readonly #context: SocketContext;
  #isReachable = true;
  #isClosed = false;

  constructor(remote: Endpoint, options: ConnectedUdpOptions, context: SocketContext) {
    this.local = context.local;
    this.remote = remote;
    this.#options = options;
    this.#context = context;
  }

  send(bytes: Uint8Array): void {
    if (this.#isClosed || !this.#isReachable) return;
    transmit(this.#context, this.local, { to: this.remote, bytes });
  }

  close(): void {
    if (!this.#isClosed) this.#context.release();
    this.#isClosed = true;
  }

  release(): void {
    this.close();
  }

  takeDatagram(packet: Packet): void {
    this.#context.fabric.engine.callOut(() => {
      lend(packet.bytes, (bytes) => this.#options.onDatagram(bytes));
    });
  }

  takeUnreachable(): void {
    this.#fail(new SocketFailure('ECONNREFUSED', 'recvmsg'));
  }

  /** This host has no address of the peer's family. */
  failSoon(): void {
    this.#isReachable = false;
    const { engine } = this.#context.fabric;
    engine.after(0, 'arrival', () => this.#fail(new SocketFailure('ENETUNREACH', 'connect')));
  }

  #fail(error: Error): void {
    if (this.#isClosed) return;
    this.#context.fabric.engine.callOut(() => this.#options.onError(error));
  }
}

/** The endpoint that a socket gets, or why it gets none. */
export function chooseLocal(
  wanted: Endpoint,
  machine: Machine,
  table: PortTable<unknown>,
): Endpoint | SocketFailure {
  const address = canonicalEndpointAddress(wanted.address);
  if (address === undefined) return new SocketFailure('EINVAL', 'bind');
  if (!machine.owns(address)) return new SocketFailure('EADDRNOTAVAIL', 'bind');
  const port = wanted.port === 0 ? table.drawPort(address, machine.portRandom) : wanted.port;
  if (port === undefined || !table.isFree({ address, port })) {
    return new SocketFailure('EADDRINUSE', 'bind');
  }
  return { address, port };
}

function transmit(
  { fabric, machine }: SocketContext,
  from: Endpoint,
  { to, bytes }: { readonly to: Endpoint; readonly bytes: Uint8Array },
): void {
  const maximum = to.address.includes(':') ? MAX_IPV6_PAYLOAD : MAX_IPV4_PAYLOAD;
  if (bytes.length > maximum || to.port === 0) return;
  const draft = {
    transport: 'udp',
    kind: 'datagram',
    from,
    to,
    bytes: new Uint8Array(bytes),
  } as const;
  fabric.transmit(machine, draft, { arrive: (target, packet) => target.udp.receive(packet) });
}

function isSameEndpoint(a: Endpoint, b: Endpoint): boolean {
  return a.port === b.port && a.address === b.address;
}
