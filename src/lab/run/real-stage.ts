/**
 * The stage of this machine: a UDP socket a node on loopback, real clocks and timers, and in front
 * of each socket the same links as in virtual time, so that the same datagrams are lost and late.
 *
 * A datagram travels with five octets in front of it, which say whose journey it is; nobody counts
 * them. What the kernel drops (its buffers are full) is only missed: it never arrives.
 */

import assert from 'node:assert/strict';

import type { Endpoint, Peer, Random, Runtime, UdpSocket } from '../../net/ports.ts';
import { endpointOctets } from '../../net/address.ts';
import type { ClockOptions } from '../../sim/host-clock.ts';
import type { Timeline } from '../../sim/lane.ts';
import type { NodeId, ProcessTimer } from '../process/process.ts';
import { Clocks } from './clocks.ts';
import type { NetworkFault } from './fault.ts';
import { Letter } from './letter.ts';
import { Network, type NetworkOptions } from './network.ts';
import { nodeRandom } from './node-random.ts';
import { RealTimeline } from './real-timeline.ts';
import type { Journey, NodeClock, Packet, Stage } from './stage.ts';
import { NS_PER_MS } from '../../sim/units.ts';

const LOOPBACK: Endpoint = { address: '127.0.0.1', port: 0 };
/** A journey's number and the copy. */
const HEADER_OCTETS = 5;
/** What fits into one IPv4 packet, less the header above. */
const MAX_OCTETS = 65_507 - HEADER_OCTETS;

export interface RealStageOptions extends Omit<NetworkOptions, 'timeline'> {
  readonly runtime: Runtime;
  readonly nodeCount: number;
  /** What is wrong with the clock of a node, on top of this machine's. */
  readonly clocks?: readonly (ClockOptions | undefined)[];
}

/** How late timers were: what the machine adds to every time that is measured on it. */
export interface TimerLag {
  readonly count: number;
  readonly p50Ns: number;
  readonly p99Ns: number;
  readonly maxNs: number;
}

export class RealStage implements Stage {
  readonly #runtime: Runtime;
  readonly #seed: string;
  readonly #network: Network;
  readonly #timeline: RealTimeline;
  readonly #startNs: number;
  readonly #startWallMs: number;
  #sockets: readonly UdpSocket[] = [];
  #peers: readonly Peer[] = [];
  readonly #clocks: Clocks;
  readonly #randoms = new Map<NodeId, Random>();
  /** Between two sockets, by number and copy. */
  readonly #travelling = new Map<number, Journey>();
  #lastJourney = 0;
  #finish: ((end: 'idle' | 'late' | Error) => void) | undefined;

  private constructor({ runtime, seed, link, links = [], clocks }: RealStageOptions) {
    this.#runtime = runtime;
    this.#seed = seed;
    this.#timeline = new RealTimeline(runtime.clock);
    this.#startNs = this.#timeline.nowNs;
    this.#startWallMs = runtime.clock.wall();
    const now = (): number => this.nowNs();
    this.#clocks = new Clocks({
      seed,
      ...(clocks && { clocks }),
      nowNs: now,
      schedule: (delayNs, action) => this.schedule(delayNs, action),
    });
    const timeline: Timeline = {
      get nowNs() {
        return now();
      },
      arriveAfter: (delayNs, action) => this.schedule(delayNs, action),
    };
    this.#network = new Network({ seed, link, links, timeline });
  }

  /** Rejects with `BindError`. */
  static async open(options: RealStageOptions): Promise<RealStage> {
    const stage = new RealStage(options);
    const nodes = Array.from({ length: options.nodeCount }, (_, node) => node);
    try {
      for (const _ of nodes) {
        const bound = await options.runtime.network.bindUdp(LOOPBACK, (datagram) => {
          stage.#guard(() => stage.#take(datagram));
          return 0;
        });
        stage.#sockets = [...stage.#sockets, bound];
      }
    } catch (error) {
      await stage.close();
      throw error;
    }
    stage.#peers = stage.#sockets.map(({ local }) => new KnownPeer(local));
    return stage;
  }

  nowNs(): number {
    return this.#timeline.nowNs - this.#startNs;
  }

  monotonicNs(node: NodeId): number {
    return this.#clocks.monotonicNs(node);
  }

  /** What the machine's wall clock has moved on by, and what is wrong with the node's. */
  wallNs(node: NodeId): number {
    const nowNs = this.nowNs();
    const machineNs = (this.#runtime.clock.wall() - this.#startWallMs) * NS_PER_MS;
    return machineNs + this.#clocks.wallNs(node) - nowNs;
  }

  clockOf(node: NodeId): NodeClock {
    return this.#clocks.of(node);
  }

  random(node: NodeId): Random {
    const random = this.#randoms.get(node) ?? nodeRandom(this.#seed, node);
    this.#randoms.set(node, random);
    return random;
  }

  get timerLag(): TimerLag {
    const { lag } = this.#timeline;
    const [p50Ns, p99Ns] = [lag.quantile(0.5), lag.quantile(0.99)];
    return { count: lag.count, p50Ns, p99Ns, maxNs: lag.largest };
  }

  /** Datagrams that were given to the kernel and have not come out of it. */
  get missing(): number {
    return this.#travelling.size;
  }

  schedule(delayNs: number, action: () => void): ProcessTimer {
    return this.#timeline.after(delayNs, () => this.#guard(action));
  }

  scheduleOn(node: NodeId, delayNs: number, action: () => void): ProcessTimer {
    return this.#clocks.schedule(node, delayNs, action);
  }

  at(timeNs: number, action: () => void): void {
    this.schedule(timeNs - this.nowNs(), action);
  }

  transmit(packet: Packet, journey: Journey): void {
    if (packet.bytes.length > MAX_OCTETS) {
      journey.lose('size');
      return;
    }
    this.#lastJourney += 1;
    const number = this.#lastJourney;
    const arrive = (bytes: Uint8Array, copy: number): void =>
      this.#put(packet, { number, copy, bytes, journey });
    const letter = new Letter(packet, { arrive, lose: () => {} });
    const reason = this.#network.send(letter);
    if (reason !== undefined) journey.lose(reason);
  }

  inflict(fault: NetworkFault): void {
    this.#network.inflict(fault);
  }

  /**
   * Resolves when nothing is left to happen, or `untilNs` after the start; rejects with what a
   * process threw. Nothing happens on the stage afterwards.
   */
  run(untilNs: number): Promise<'idle' | 'late'> {
    assert(this.#finish === undefined, 'a stage runs once');
    const { clock } = this.#runtime;
    return new Promise((resolve, reject) => {
      const bound = clock.schedule((untilNs - this.nowNs()) / NS_PER_MS, () => end('late'));
      const end = (outcome: 'idle' | 'late' | Error): void => {
        bound.cancel();
        this.#timeline.stop();
        if (outcome instanceof Error) reject(outcome);
        else resolve(outcome);
      };
      this.#finish = end;
      this.#endWhenIdle();
    });
  }

  /** Closes the sockets. Idempotent. */
  async close(): Promise<void> {
    await Promise.all(this.#sockets.map((socket) => socket.close()));
  }

  /** Hands a datagram that has come to the end of its link to the kernel. */
  #put({ from, to }: Packet, sent: Sent): void {
    const { number, copy, bytes, journey } = sent;
    const framed = new Uint8Array(HEADER_OCTETS + bytes.length);
    new DataView(framed.buffer).setUint32(0, number);
    framed[4] = copy;
    framed.set(bytes, HEADER_OCTETS);
    this.#travelling.set(keyOf(number, copy), journey);
    const [socket, peer] = [this.#sockets[from], this.#peers[to]];
    assert(socket !== undefined && peer !== undefined, `no socket for ${from} > ${to}`);
    socket.send(framed, peer);
  }

  #take(datagram: Uint8Array): void {
    if (datagram.length < HEADER_OCTETS) return;
    const view = new DataView(datagram.buffer, datagram.byteOffset, datagram.length);
    const copy = view.getUint8(4);
    const key = keyOf(view.getUint32(0), copy);
    const journey = this.#travelling.get(key);
    // Loopback is open to everybody on the machine: what we did not send is not ours.
    if (journey === undefined) return;
    this.#travelling.delete(key);
    journey.arrive(new Uint8Array(datagram.subarray(HEADER_OCTETS)), copy);
  }

  #guard(action: () => void): void {
    try {
      action();
    } catch (error) {
      this.#finish?.(error instanceof Error ? error : new Error(String(error)));
    }
    this.#endWhenIdle();
  }

  #endWhenIdle(): void {
    if (this.#timeline.size === 0 && this.#travelling.size === 0) this.#finish?.('idle');
  }
}

interface Sent {
  readonly number: number;
  readonly copy: number;
  readonly bytes: Uint8Array;
  readonly journey: Journey;
}

function keyOf(number: number, copy: number): number {
  return number * 2 + copy;
}

/** A node of ours, whose endpoint we need not hear from first. */
class KnownPeer implements Peer {
  readonly endpoint: Endpoint;

  constructor(endpoint: Endpoint) {
    this.endpoint = endpoint;
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
