/**
 * A simulated internet in virtual time: hosts, links, faults and one seed that decides everything
 * random. The same program and the same seed give the same trace, to the bit.
 *
 *     world.host() ─► runtime ─► the program ─► fabric (rules, links) ─► events ─► world.run()
 *
 * Between two events a `setImmediate` lets chains of promises settle, so the program must not wait
 * for anything real (files, thread pools, real timers): the world would run on without it.
 */

import assert from 'node:assert/strict';

import { canonicalEndpointAddress } from '../net/address.ts';
import type { Endpoint } from '../net/ports.ts';
import { Engine, nanoseconds } from './engine.ts';
import { Fabric } from './fabric.ts';
import { type HostOptions, type Pending, SimHost } from './host.ts';
import type { LinkOptions } from './link-options.ts';
import { Links } from './links.ts';
import type { PacketRecord, Rule, RuleGuard } from './packet.ts';
import { type PacketListener, Trace } from './trace.ts';

/** 2000-01-01T00:00:00Z: fixed, so that no run depends on the day it is made. */
const DEFAULT_EPOCH_MS = 946_684_800_000;
/** Virtual time for one `run`: longer than any test waits, shorter than 104 days. */
const DEFAULT_TIME_LIMIT_MS = 24 * 60 * 60 * 1000;
/** Events for one `run`: some seconds of real time, so a loop of packets ends as an error. */
const DEFAULT_EVENT_LIMIT = 2_000_000;
/** Enough for any test that looks at packets one by one. */
const DEFAULT_RECORD_LIMIT = 10_000;

export interface WorldOptions {
  readonly seed: number | string;
  /** Every link without one of its own; by default 10 ms, no jitter, no loss. */
  readonly link?: LinkOptions;
  /** What every wall clock shows at the start; by default 2000-01-01. */
  readonly epochMs?: number;
  readonly timeLimitMs?: number;
  readonly eventLimit?: number;
  readonly recordLimit?: number;
}

/** A host, its name, or one of its addresses. */
export type Place = SimHost | string;

/** The run cannot go on: the program threw, waits for nothing, or passed a limit. */
export class SimulationError extends Error {
  readonly seed: string;
  readonly timeMs: number;

  constructor(message: string, at: { seed: string; timeMs: number; cause?: unknown }) {
    const { seed, timeMs, cause } = at;
    super(`${message} (seed ${seed}, virtual time ${timeMs} ms)`, { cause });
    this.name = 'SimulationError';
    this.seed = seed;
    this.timeMs = timeMs;
  }
}

export class World {
  readonly seed: string;
  readonly #options: WorldOptions;
  readonly #engine = new Engine();
  readonly #trace: Trace;
  readonly #links: Links;
  readonly #fabric: Fabric;
  readonly #hosts = new Map<string, SimHost>();
  #isDriven = false;

  constructor(options: WorldOptions) {
    this.seed = String(options.seed);
    this.#options = options;
    this.#trace = new Trace(options.recordLimit ?? DEFAULT_RECORD_LIMIT);
    this.#links = new Links(this.seed, this.#engine, options.link);
    this.#fabric = new Fabric(this.#engine, this.#links, this.#trace);
  }

  /** Virtual time in milliseconds: what every monotonic clock shows. Starts at 1. */
  get nowMs(): number {
    return this.#engine.nowMs;
  }

  /** Equal for two runs when every packet and timer was. */
  get traceHash(): string {
    return this.#trace.hash;
  }

  /** The first packets, in the order of sending, up to the record limit. */
  get packets(): readonly PacketRecord[] {
    return this.#trace.records;
  }

  /** How many packets came after the record was full. */
  get unrecordedPackets(): number {
    return this.#trace.unrecorded;
  }

  /** What all hosts together hold open. */
  get pending(): Pending {
    const sum = { timers: 0, udpSockets: 0, listeners: 0, connections: 0 };
    for (const { pending } of this.#hosts.values()) {
      sum.timers += pending.timers;
      sum.udpSockets += pending.udpSockets;
      sum.listeners += pending.listeners;
      sum.connections += pending.connections;
    }
    return sum;
  }

  host(options: HostOptions): SimHost {
    const wallMs = (this.#options.epochMs ?? DEFAULT_EPOCH_MS) + this.#elapsedMs();
    const host = new SimHost(options, { seed: this.seed, fabric: this.#fabric, wallMs });
    assert(!this.#hosts.has(host.name), `there is a host ${host.name} already`);
    for (const address of host.addresses) this.#fabric.attach(address, host);
    this.#hosts.set(host.name, host);
    return host;
  }

  /** Sets the directed link; addresses win over hosts, both over the world's default. */
  link(from: Place, to: Place, options: LinkOptions): void {
    this.#links.set(placeName(from), placeName(to), options);
  }

  linkBoth(one: Place, other: Place, options: LinkOptions): void {
    this.link(one, other, options);
    this.link(other, one, options);
  }

  /** Adds a fault; of several rules the first installed that does not pass decides. */
  install(rule: Rule): RuleGuard {
    return this.#fabric.install(rule);
  }

  /** Calls `action` when virtual time is `timeMs`, before anything else of that instant. */
  at(timeMs: number, action: () => void): void {
    const delayMs = timeMs - this.nowMs;
    assert(delayMs >= 0, 'a fault cannot be scripted into the past');
    this.#engine.after(nanoseconds(delayMs), 'fault', () => this.#engine.callOut(action));
  }

  /**
   * Calls `settle` when something is sent to an address that no host has; a host that it makes with
   * that address gets what was sent. For worlds whose addresses are not known beforehand.
   */
  onUnsettled(settle: (address: string) => void): void {
    this.#fabric.onUnsettled((address) => this.#engine.callOut(() => settle(address)));
  }

  /**
   * Sends a datagram from `sender` with any source, as somebody who forges packets does; or the
   * ICMP error which says that nobody listens at `from`.
   */
  inject(
    sender: SimHost,
    datagram: {
      readonly from: Endpoint;
      readonly to: Endpoint;
      readonly bytes: Uint8Array;
      readonly kind?: 'datagram' | 'unreachable';
    },
  ): void {
    const { from, to, kind = 'datagram' } = datagram;
    const bytes = new Uint8Array(datagram.bytes);
    const draft = { from, to, bytes, transport: 'udp', kind } as const;
    this.#fabric.transmit(sender, draft, {
      arrive: (target, packet) => target.udp.receive(packet),
    });
  }

  /** Hears of every packet when it is sent. Returns the function that ends it. */
  onPacket(listener: PacketListener): () => void {
    return this.#trace.addListener(listener);
  }

  /**
   * Runs events until `promise` settles, and returns what it does. Throws `SimulationError` when no
   * event is left, a limit is passed, or a callback throws.
   */
  async run<Value>(promise: Promise<Value>): Promise<Value> {
    let isSettled = false;
    const settle = (): void => {
      isSettled = true;
    };
    promise.then(settle, settle);
    const limitMs = this.#options.timeLimitMs ?? DEFAULT_TIME_LIMIT_MS;
    const end = await this.#drive(this.#engine.nowNs + nanoseconds(limitMs), () => isSettled);
    if (end === 'done') return promise;
    const { timers, udpSockets, listeners, connections } = this.pending;
    const open =
      `open: ${timers} timers, ${udpSockets} UDP sockets, ` +
      `${listeners} listeners, ${connections} connection ends`;
    throw end === 'idle'
      ? this.#error(`the promise pends and no event is left; ${open}`)
      : this.#error(`the promise pends after ${limitMs} ms of virtual time; ${open}`);
  }

  /** Lets exactly `ms` of virtual time pass. */
  async advance(ms: number): Promise<void> {
    const untilNs = this.#engine.nowNs + nanoseconds(ms);
    await this.#drive(untilNs, () => false);
    this.#engine.moveTo(untilNs);
  }

  /**
   * Runs until no event is left, or `limitMs` have passed. Returns whether the world is idle; a
   * program with a periodic timer never is.
   */
  async settle(limitMs: number = DEFAULT_TIME_LIMIT_MS): Promise<boolean> {
    const end = await this.#drive(this.#engine.nowNs + nanoseconds(limitMs), () => false);
    return end === 'idle';
  }

  async #drive(untilNs: number, isDone: () => boolean): Promise<'done' | 'idle' | 'late'> {
    assert(!this.#isDriven, 'one world cannot be driven from two places at once');
    this.#isDriven = true;
    try {
      const eventLimit = this.#options.eventLimit ?? DEFAULT_EVENT_LIMIT;
      await settlePromises();
      for (let events = 0; ; events += 1) {
        this.#throwFailure();
        if (isDone()) return 'done';
        const { nextTimeNs } = this.#engine;
        if (nextTimeNs === undefined) return 'idle';
        if (nextTimeNs > untilNs) return 'late';
        if (events === eventLimit) throw this.#error(`more than ${eventLimit} events`);
        this.#engine.step();
        if (this.#engine.takeHasCalledOut()) await settlePromises();
      }
    } finally {
      this.#isDriven = false;
    }
  }

  #throwFailure(): void {
    const { failure } = this.#engine;
    if (failure === undefined) return;
    const { error } = failure;
    const message = error instanceof Error ? error.message : String(error);
    throw this.#error(`a callback threw: ${message}`, error);
  }

  #error(message: string, cause?: unknown): SimulationError {
    return new SimulationError(message, { seed: this.seed, timeMs: this.nowMs, cause });
  }

  /** Since the start, which is not at 0. */
  #elapsedMs(): number {
    return this.nowMs - 1;
  }
}

function placeName(place: Place): string {
  if (typeof place !== 'string') return place.name;
  return canonicalEndpointAddress(place) ?? place;
}

/** A macrotask: every chain of promises that can go on without an event has gone on before it. */
function settlePromises(): Promise<void> {
  return new Promise((resolve) => {
    setImmediate(resolve);
  });
}
