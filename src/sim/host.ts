/** A simulated host: its addresses, its clocks, its randomness, the `Runtime` made of them. */

import assert from 'node:assert/strict';

import { addressFamily, canonicalEndpointAddress } from '../net/address.ts';
import type { Clock, Network, Runtime, Timer } from '../net/ports.ts';
import { nanoseconds, START_NS } from './engine.ts';
import type { SimEvent } from './event-queue.ts';
import { type Fabric, isLoopback } from './fabric.ts';
import { type ClockOptions, HostClock } from './host-clock.ts';
import type { Machine } from './machine.ts';
import { isWildcard } from './port-table.ts';
import { SeededRandom } from './random.ts';
import { TcpStack } from './tcp.ts';
import { UdpStack } from './udp.ts';
import { NS_PER_MS } from './units.ts';

export interface HostOptions {
  /** Unique in its world; by default the first address. */
  readonly name?: string;
  readonly addresses: readonly string[];
  /** What its wall clock shows at the start, in milliseconds since 1970; by default the world's. */
  readonly wallMs?: number;
  /** What is wrong with its clocks; default: nothing. Times are since the world's start. */
  readonly clock?: ClockOptions;
}

/** What a host holds open: all zero when a program has cleaned up behind itself. */
export interface Pending {
  readonly timers: number;
  readonly udpSockets: number;
  readonly listeners: number;
  /** Ends of TCP connections, including those being opened. */
  readonly connections: number;
}

export interface HostContext {
  readonly seed: string;
  readonly fabric: Fabric;
  readonly wallMs: number;
}

export class SimHost implements Machine {
  readonly name: string;
  readonly addresses: readonly string[];
  readonly runtime: Runtime;
  readonly portRandom: SeededRandom;
  readonly udp: UdpStack;
  readonly tcp: TcpStack;
  readonly #fabric: Fabric;
  #isUp = true;
  #timers = 0;
  readonly #hostClock: HostClock;
  /** What a clock that is right would show at the world's start. */
  #epochMs: number;

  constructor(options: HostOptions, { seed, fabric, wallMs }: HostContext) {
    this.addresses = options.addresses.map((text) => {
      const address = canonicalEndpointAddress(text);
      assert(address !== undefined && !isLoopback(address), `a host cannot have ${text}`);
      return address;
    });
    const name = options.name ?? this.addresses[0];
    assert(name !== undefined, 'a host has a name or an address');
    this.name = name;
    this.#fabric = fabric;
    const clockRandom = new SeededRandom(seed, `clock of ${name}`);
    this.#hostClock = new HostClock(options.clock ?? {}, clockRandom);
    this.#epochMs = (options.wallMs ?? wallMs) - this.#trueNs / NS_PER_MS;
    this.portRandom = new SeededRandom(seed, `ports of ${name}`);
    this.udp = new UdpStack(this, fabric);
    this.tcp = new TcpStack(this, fabric);
    this.runtime = {
      network: this.#network(),
      clock: this.#clock(),
      random: new SeededRandom(seed, `random of ${name}`),
    };
  }

  get isUp(): boolean {
    return this.#isUp;
  }

  get pending(): Pending {
    return {
      timers: this.#timers,
      udpSockets: this.udp.socketCount,
      listeners: this.tcp.listenerCount,
      connections: this.tcp.connections.size,
    };
  }

  /** Cuts the host off: nothing enters or leaves, while its program, timers and loopback go on. */
  down(): void {
    this.#isUp = false;
  }

  up(): void {
    this.#isUp = true;
  }

  /** Makes the wall clock jump, either way; monotonic time and timers do not notice. */
  setWall(wallMs: number): void {
    this.#epochMs = wallMs - this.#hostClock.wallNs(this.#trueNs) / NS_PER_MS;
  }

  /** Sets the wall clock ahead, or back. */
  stepWall(byNs: number): void {
    this.#hostClock.step(byNs);
  }

  /** Makes both clocks run faster by `ppm` than the crystal does. */
  steerClock(ppm: number): void {
    this.#hostClock.steer(ppm, this.#trueNs);
  }

  /** The wall clock to the nanosecond, since 1970: the port's are milliseconds. */
  wallNs(): bigint {
    const sinceNs = BigInt(this.#hostClock.wallNs(this.#trueNs));
    return BigInt(Math.round(this.#epochMs)) * BigInt(NS_PER_MS) + sinceNs;
  }

  /** Resets every TCP connection of the host: both ends close with an error. */
  resetConnections(): void {
    for (const end of [...this.tcp.connections]) end.reset();
  }

  owns(address: string): boolean {
    if (isWildcard(address) || isLoopback(address)) return true;
    return this.addresses.includes(address);
  }

  sourceFor(address: string): string | undefined {
    const family = addressFamily(address);
    if (isLoopback(address)) return family === 6 ? '::1' : '127.0.0.1';
    return this.addresses.find((own) => addressFamily(own) === family);
  }

  #network(): Network {
    // Async functions, so that a failure to bind is a rejection here too.
    return {
      bindUdp: async (local, handler) => this.udp.bind(local, handler),
      connectUdp: async (remote, options) => this.udp.connect(remote, options),
      listenTcp: async (local, onConnection) => this.tcp.listen(local, onConnection),
      connectTcp: (remote, options = {}) => this.tcp.connect(remote, options),
    };
  }

  #clock(): Clock {
    return {
      monotonic: () => this.#monotonicNs() / NS_PER_MS,
      wall: () => Math.floor(this.#epochMs + this.#hostClock.wallNs(this.#trueNs) / NS_PER_MS),
      schedule: (delayMs, callback) => this.#schedule(delayMs, callback),
    };
  }

  get #trueNs(): number {
    return this.#fabric.engine.nowNs - START_NS;
  }

  #monotonicNs(): number {
    return START_NS + this.#hostClock.monotonicNs(this.#trueNs);
  }

  #schedule(delayMs: number, callback: () => void): Timer {
    const { engine, trace } = this.#fabric;
    let isPending = true;
    this.#timers += 1;
    const fire = (): void => {
      isPending = false;
      this.#timers -= 1;
      trace.timer(this.name, engine.nowNs);
      engine.callOut(callback);
    };
    let event = this.#afterOwn(nanoseconds(delayMs), fire, (again) => {
      event = again;
    });
    const cancel = (): void => {
      if (!isPending) return;
      isPending = false;
      this.#timers -= 1;
      event.cancel();
    };
    return { cancel };
  }

  /** When the own monotonic clock has moved on by `delayNs`: not too early by a nanosecond. */
  #afterOwn(delayNs: number, action: () => void, onAgain: (again: SimEvent) => void): SimEvent {
    const { engine } = this.#fabric;
    if (this.#hostClock.hasTrueRate) return engine.after(delayNs, 'timer', action);
    const dueNs = this.#monotonicNs() + (delayNs > 0 ? delayNs : 0);
    const arm = (leftNs: number): SimEvent =>
      engine.after(this.#hostClock.trueDelayNs(leftNs, this.#trueNs), 'timer', () => {
        const stillNs = dueNs - this.#monotonicNs();
        if (stillNs > 0) onAgain(arm(Math.max(stillNs, 1)));
        else action();
      });
    return arm(delayNs);
  }
}
