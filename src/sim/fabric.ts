/**
 * What lies between the hosts: finds the host of an address, asks the rules and then the link for
 * the fate of each packet, and brings it there. Has no policy of its own and no idea of sockets.
 */

import assert from 'node:assert/strict';

import type { Endpoint } from '../net/ports.ts';
import type { Transport } from '../net/socket-errors.ts';
import { type Engine, nanoseconds } from './engine.ts';
import { flipBit } from './flip-bit.ts';
import type { Lane, Traveller } from './lane.ts';
import type { Links } from './links.ts';
import type { Machine } from './machine.ts';
import type { DropReason, Packet, PacketKind, Rule, RuleGuard, Verdict } from './packet.ts';
import type { Trace } from './trace.ts';
import { NS_PER_MS } from './units.ts';

export interface Draft {
  readonly transport: Transport;
  readonly kind: PacketKind;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly bytes: Uint8Array;
}

export interface Journey {
  arrive(target: Machine, packet: Packet): void;
  /** The packet will not arrive: at once, or when it reached a host that is down. */
  lose?(): void;
}

export class Fabric {
  readonly engine: Engine;
  readonly trace: Trace;
  readonly links: Links;
  readonly #machines = new Map<string, Machine>();
  readonly #rules: Rule[] = [];
  #settle: ((address: string) => void) | undefined;

  constructor(engine: Engine, links: Links, trace: Trace) {
    this.engine = engine;
    this.links = links;
    this.trace = trace;
  }

  attach(address: string, machine: Machine): void {
    const owner = this.#machines.get(address)?.name;
    assert(owner === undefined, `${address} already belongs to the host ${owner}`);
    this.#machines.set(address, machine);
  }

  install(rule: Rule): RuleGuard {
    // A fresh function, so that one rule installed twice is uninstalled one at a time.
    const installed: Rule = (packet) => rule(packet);
    this.#rules.push(installed);
    return {
      uninstall: () => {
        const index = this.#rules.indexOf(installed);
        if (index >= 0) this.#rules.splice(index, 1);
      },
    };
  }

  /** Calls `settle` for an address that no host has, before a packet to it is lost. */
  onUnsettled(settle: (address: string) => void): void {
    this.#settle = settle;
  }

  /** Loopback addresses belong to whoever asks. */
  route(source: Machine, address: string): Machine | undefined {
    if (isLoopback(address)) return source;
    if (!this.#machines.has(address)) this.#settle?.(address);
    return this.#machines.get(address);
  }

  /** The constant part of the way, for what is not modelled as packets. */
  delayNs(source: Machine, draft: Pick<Draft, 'from' | 'to'>): number {
    return this.#laneOf(source, this.route(source, draft.to.address), draft).link.delayNs;
  }

  /** The largest payload that passes: what path MTU discovery would find (RFC 8899). */
  mtuOctets(source: Machine, draft: Pick<Draft, 'from' | 'to'>): number {
    return this.#laneOf(source, this.route(source, draft.to.address), draft).link.mtuOctets;
  }

  transmit(source: Machine, draft: Draft, journey: Journey): void {
    const target = this.route(source, draft.to.address);
    const sentAtMs = this.engine.nowMs;
    const packet: Packet = { ...draft, fromHost: source.name, toHost: target?.name, sentAtMs };
    const lane = this.#laneOf(source, target, draft);
    const verdict = this.#permit(source, target, packet);
    if (verdict.kind === 'dropped' || target === undefined) {
      // Counted all the same: a rule must not change the fate of the packets after it.
      lane.link.skip();
      this.#drop(packet, verdict.kind === 'dropped' ? verdict.reason : 'no-host', journey);
      return;
    }
    const traveller = new PacketUnderWay({ source, target, packet, journey });
    if (verdict.kind === 'deliver') {
      lane.link.skip();
      const delayNs = nanoseconds(verdict.delayMs);
      this.engine.after(delayNs, 'arrival', () => traveller.arrive(0, -1));
      this.#recordDelivery(packet, delayNs);
      return;
    }
    const { loss, delayNs } = lane.send(packet.bytes.length, traveller);
    if (loss === undefined) this.#recordDelivery(packet, delayNs);
    else this.#drop(packet, loss, journey);
  }

  #laneOf(
    source: Machine,
    target: Machine | undefined,
    { from, to }: Pick<Draft, 'from' | 'to'>,
  ): Lane {
    const near = { host: source.name, address: from.address };
    return this.links.lane(near, { host: target?.name ?? '', address: to.address });
  }

  #permit(
    source: Machine,
    target: Machine | undefined,
    packet: Packet,
  ): Exclude<Verdict, { kind: 'drop' }> | { kind: 'dropped'; reason: DropReason } {
    if (!source.isUp && target !== source) return { kind: 'dropped', reason: 'host-down' };
    const verdict = this.#judge(packet);
    return verdict.kind === 'drop' ? { kind: 'dropped', reason: 'rule' } : verdict;
  }

  #recordDelivery(packet: Packet, delayNs: number): void {
    const atMs = (this.engine.nowNs + delayNs) / NS_PER_MS;
    this.trace.packet({ ...packet, fate: { kind: 'delivered', atMs } }, this.engine.nowNs);
  }

  #drop(packet: Packet, reason: DropReason, journey: Journey): void {
    this.trace.packet({ ...packet, fate: { kind: 'dropped', reason } }, this.engine.nowNs);
    journey.lose?.();
  }

  #judge(packet: Packet): Verdict {
    for (const rule of this.#rules) {
      const verdict = rule(packet);
      if (verdict.kind !== 'pass') return verdict;
    }
    return { kind: 'pass' };
  }
}

export function isLoopback(address: string): boolean {
  return address === '::1' || address.startsWith('127.');
}

interface Passage {
  readonly source: Machine;
  readonly target: Machine;
  readonly packet: Packet;
  readonly journey: Journey;
}

class PacketUnderWay implements Traveller {
  isDoubled = false;
  readonly #passage: Passage;

  constructor(passage: Passage) {
    this.#passage = passage;
  }

  arrive(copy: number, flippedBit: number): void {
    const { source, target, packet, journey } = this.#passage;
    const isStream = packet.transport === 'tcp';
    // TCP's sequence numbers drop a second copy, its checksum drops what was changed.
    if (isStream && copy > 0) return;
    const isReached = target.isUp || target === source;
    if (!isReached || (isStream && flippedBit >= 0)) journey.lose?.();
    else if (flippedBit < 0) journey.arrive(target, packet);
    else journey.arrive(target, { ...packet, bytes: flipBit(packet.bytes, flippedBit) });
  }
}
