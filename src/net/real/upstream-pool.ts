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
  /** The idle sockets of each peer. */
  readonly #choices = new Map<string, PooledSocket[]>();
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
  connect(remote: Endpoint, options: ConnectedUdpOptions): Promise<ConnectedUdpSocket> {
    const { localAddress, localPort } = options;
    const key = `${remote.address} ${remote.port} ${localAddress ?? ''} ${localPort ?? ''}`;
    const idle = this.#draw(key);
    if (!idle) return this.#connectAnew(key, remote, options);
    idle.socket.hold(true);
    return Promise.resolve(new Lease(idle, options));
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

  async #connectAnew(
    key: string,
    remote: Endpoint,
    options: ConnectedUdpOptions,
  ): Promise<ConnectedUdpSocket> {
    const { localAddress, localPort } = options;
    const pooled = new PooledSocket(key, this, this.#options.clock.monotonic());
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

  #draw(key: string): PooledSocket | undefined {
    const choices = this.#choices.get(key);
    while (choices !== undefined && choices.length >= this.#limits.choices) {
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
    let choices = this.#choices.get(pooled.key);
    if (choices === undefined) this.#choices.set(pooled.key, (choices = []));
    pooled.place = choices.length;
    choices.push(pooled);
    pooled.idleAt = this.#idle.add(pooled);
  }

  /** The last one of the same peer takes the place. */
  #remove(pooled: PooledSocket): void {
    const choices = this.#choices.get(pooled.key)!;
    const last = choices.pop()!;
    if (last !== pooled) {
      choices[pooled.place] = last;
      last.place = pooled.place;
    }
    if (choices.length === 0) this.#choices.delete(pooled.key);
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

/** A socket of the pool, and who uses it just now. */
class PooledSocket implements PeerEvents {
  readonly key: string;
  readonly pool: UpstreamPool;
  readonly openedAtMs: number;
  /** Set as soon as it is open. */
  socket!: PeerSocket;
  lease: Lease | undefined;
  uses = 0;
  /** Where among the idle ones of its peer, and of all. */
  place = 0;
  idleAt: Place<PooledSocket> | undefined;

  constructor(key: string, pool: UpstreamPool, openedAtMs: number) {
    this.key = key;
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
