/**
 * Connected sockets kept open for the next question to the same peer, because opening one costs
 * more than asking through it.
 *
 *     connect ─┬─ 32 or more lie idle for this peer ─► one of them, drawn by lot
 *              └─ fewer ─────────────────────────────► a fresh one from an unpredictable port
 *     release ─┬─ used 8 times, or open for a second ► closed
 *              └─ else ──────────────────────────────► lies idle
 *
 * What keeps the ports a secret (RFC 5452 §9.2): a socket asks one peer only, so that no server
 * learns the ports that others are asked from; which socket asks is drawn from many, so that the
 * last port says nothing about the next; a peer that is asked seldom meets a fresh port each time;
 * and no port stays longer than a scan for it takes. Datagrams that nobody waits for end a socket:
 * whoever sends them may have found the port.
 */

import type { Clock, ConnectedUdpOptions, ConnectedUdpSocket, Endpoint, Random } from '../ports.ts';
import { codeOf } from '../socket-errors.ts';
import { TransientSet, type Place } from '../transient.ts';
import type { OpenPeerSocket, PeerEvents, PeerRequest, PeerSocket } from './peer-socket.ts';

export interface UpstreamPoolLimits {
  /** Questions through one port: opening costs three times as much as asking. */
  readonly uses: number;
  /** From opening to the last question, and about how long it may lie idle. */
  readonly ageMs: number;
  /** So many choices, or none is made: below, each question has a port of its own. */
  readonly choices: number;
  /** Of all peers together: descriptors are scarce. */
  readonly idle: number;
  /** How often idle sockets are looked through. */
  readonly sweepMs: number;
}

export const upstreamPoolLimits: UpstreamPoolLimits = {
  uses: 8,
  ageMs: 1000,
  choices: 32,
  idle: 512,
  sweepMs: 500,
};

export interface UpstreamPoolOptions {
  readonly open: OpenPeerSocket;
  readonly random: Random;
  readonly clock: Pick<Clock, 'monotonic'>;
  /** Calls back after `delayMs`, without keeping the process alive. */
  readonly later: (delayMs: number, callback: () => void) => void;
  /** Where others than those of a resolver will do. */
  readonly limits?: Partial<UpstreamPoolLimits> | undefined;
}

export class UpstreamPool {
  readonly #options: UpstreamPoolOptions;
  readonly #limits: UpstreamPoolLimits;
  /** By the addresses of peers. */
  readonly #peers = new Map<string, PooledPeer[]>();
  /** All idle sockets, in the order in which they became so. */
  readonly #idle = new TransientSet<PooledSocket>();
  #isSweeping = false;

  constructor(options: UpstreamPoolOptions) {
    this.#options = options;
    this.#limits = { ...upstreamPoolLimits, ...options.limits };
  }

  get idle(): number {
    return this.#idle.size;
  }

  /** Rejects with `BindError`. */
  async connect(remote: Endpoint, options: ConnectedUdpOptions): Promise<ConnectedUdpSocket> {
    return this.connectAtOnce(remote, options) ?? this.#connectAnew(remote, options);
  }

  /** One that lies idle, if there are enough. */
  connectAtOnce(remote: Endpoint, options: ConnectedUdpOptions): ConnectedUdpSocket | undefined {
    const idle = this.#draw(this.#peerOf(remote, options));
    if (!idle) return undefined;
    idle.socket.hold(true);
    return new Lease(idle, options);
  }

  /** Takes back a socket whose question was answered. */
  giveBack(pooled: PooledSocket): void {
    if (pooled.uses >= this.#limits.uses || this.#isOld(pooled)) {
      pooled.socket.close();
      return;
    }
    pooled.socket.hold(false);
    this.#add(pooled);
    if (this.#idle.size > this.#limits.idle) this.#discardOldest();
    this.#sweepLater();
  }

  /** Ends an idle socket. */
  discard(pooled: PooledSocket): void {
    this.#remove(pooled);
    pooled.socket.close();
  }

  async #connectAnew(remote: Endpoint, options: ConnectedUdpOptions): Promise<ConnectedUdpSocket> {
    const { localAddress, localPort } = options;
    const whence = { remote, localAddress, localPort };
    const pooled = new PooledSocket(whence, this, this.#options.clock.monotonic());
    // A port that somebody chose must be free again for a question to another peer.
    if (localPort !== undefined) pooled.uses = this.#limits.uses;
    pooled.socket = await this.#open({ remote, localAddress, localPort, events: pooled });
    return new Lease(pooled, options);
  }

  async #open(request: PeerRequest): Promise<PeerSocket> {
    try {
      return await this.#options.open(request);
    } catch (error) {
      const code = codeOf(error instanceof Error ? error.cause : undefined);
      const mayHelp = (code === 'EMFILE' || code === 'ENFILE') && this.#idle.size > 0;
      if (!mayHelp) throw error;
      for (const pooled of this.#idle) this.discard(pooled);
      return await this.#options.open(request);
    }
  }

  /** Who has idle sockets of that kind. */
  #peerOf({ address, port }: Endpoint, from: LocalPlace): PooledPeer | undefined {
    const peers = this.#peers.get(address);
    if (peers === undefined) return undefined;
    for (const peer of peers) if (peer.port === port && isSamePlace(peer, from)) return peer;
    return undefined;
  }

  #draw(peer: PooledPeer | undefined): PooledSocket | undefined {
    if (peer === undefined) return undefined;
    const { choices } = peer;
    while (choices.length >= this.#limits.choices) {
      const drawn = choices[this.#options.random.below(choices.length)]!;
      if (!this.#isOld(drawn)) {
        this.#remove(drawn);
        return drawn;
      }
      this.discard(drawn);
    }
    return undefined;
  }

  #isOld({ openedAtMs }: PooledSocket): boolean {
    return this.#options.clock.monotonic() - openedAtMs >= this.#limits.ageMs;
  }

  #add(pooled: PooledSocket): void {
    const { whence } = pooled;
    const peer = this.#peerOf(whence.remote, whence) ?? this.#addPeer(whence.remote, whence);
    pooled.place = peer.choices.length;
    peer.choices.push(pooled);
    pooled.peer = peer;
    pooled.idleAt = this.#idle.add(pooled);
  }

  #addPeer({ address, port }: Endpoint, { localAddress, localPort }: LocalPlace): PooledPeer {
    const peer = { address, port, localAddress, localPort, choices: [] };
    const peers = this.#peers.get(address);
    if (peers === undefined) this.#peers.set(address, [peer]);
    else peers.push(peer);
    return peer;
  }

  #removePeer(peer: PooledPeer): void {
    const peers = this.#peers.get(peer.address)!;
    if (peers.length === 1) this.#peers.delete(peer.address);
    else peers.splice(peers.indexOf(peer), 1);
  }

  /** The last one of the same peer takes the place. */
  #remove(pooled: PooledSocket): void {
    const peer = pooled.peer!;
    const { choices } = peer;
    const last = choices.pop()!;
    if (last !== pooled) {
      choices[pooled.place] = last;
      last.place = pooled.place;
    }
    if (choices.length === 0) this.#removePeer(peer);
    this.#idle.remove(pooled.idleAt!);
  }

  #discardOldest(): void {
    const oldest = this.#idle.first;
    if (oldest) this.discard(oldest);
  }

  #sweepLater(): void {
    if (this.#isSweeping || this.#idle.size === 0) return;
    this.#isSweeping = true;
    this.#options.later(this.#limits.sweepMs, () => {
      this.#isSweeping = false;
      for (const pooled of this.#idle) if (this.#isOld(pooled)) this.discard(pooled);
      this.#sweepLater();
    });
  }
}

type LocalPlace = Pick<ConnectedUdpOptions, 'localAddress' | 'localPort'>;

/** The idle sockets to one peer, as far as they are alike. */
interface PooledPeer extends Endpoint, LocalPlace {
  readonly choices: PooledSocket[];
}

function isSamePlace(one: LocalPlace, other: LocalPlace): boolean {
  return one.localAddress === other.localAddress && one.localPort === other.localPort;
}

/** A socket of the pool, and who uses it just now. */
class PooledSocket implements PeerEvents {
  readonly whence: LocalPlace & { readonly remote: Endpoint };
  readonly pool: UpstreamPool;
  readonly openedAtMs: number;
  /** Set as soon as it is open. */
  socket!: PeerSocket;
  lease: Lease | undefined;
  uses = 0;
  /** Of an idle one. */
  peer: PooledPeer | undefined;
  /** Where among the idle ones of its peer, and of all. */
  place = 0;
  idleAt: Place<PooledSocket> | undefined;

  constructor(whence: PooledSocket['whence'], pool: UpstreamPool, openedAtMs: number) {
    this.whence = whence;
    this.pool = pool;
    this.openedAtMs = openedAtMs;
  }

  onDatagram(datagram: Uint8Array): void {
    if (this.lease) this.lease.options.onDatagram(datagram);
    else this.pool.discard(this);
  }

  onError(error: Error): void {
    if (this.lease) this.lease.options.onError(error);
    else this.pool.discard(this);
  }
}

/** The use of a socket for one exchange. */
class Lease implements ConnectedUdpSocket {
  readonly options: ConnectedUdpOptions;
  readonly #pooled: PooledSocket;

  constructor(pooled: PooledSocket, options: ConnectedUdpOptions) {
    this.#pooled = pooled;
    this.options = options;
    pooled.uses++;
    pooled.lease = this;
  }

  get local(): Endpoint {
    return this.#pooled.socket.local;
  }

  send(bytes: Uint8Array): void {
    if (this.#pooled.lease === this) this.#pooled.socket.send(bytes);
  }

  close(): void {
    if (this.#end()) this.#pooled.socket.close();
  }

  release(): void {
    if (this.#end()) this.#pooled.pool.giveBack(this.#pooled);
  }

  /** False when it is over already; the socket may be somebody else's by now. */
  #end(): boolean {
    if (this.#pooled.lease !== this) return false;
    this.#pooled.lease = undefined;
    return true;
  }
}
