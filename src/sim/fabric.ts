/**
 * What lies between the hosts: finds the host of an address, asks the rules and then the link for
 * the fate of each packet, and brings it there. Has no policy of its own and no idea of sockets.
 */

import assert from 'node:assert/strict';

import type { Endpoint } from '../net/ports.ts';
import type { Transport } from '../net/socket-errors.ts';
import { type Engine, nanoseconds } from './engine.ts';
import type { Links } from './links.ts';
import type { Machine } from './machine.ts';
import type { Fate, Packet, PacketKind, Rule, RuleGuard, Verdict } from './packet.ts';
import type { Trace } from './trace.ts';

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
    const host = this.route(source, draft.to.address)?.name ?? '';
    const from = { host: source.name, address: draft.from.address };
    return nanoseconds(this.links.find(from, { host, address: draft.to.address }).delayMs);
  }

  transmit(source: Machine, draft: Draft, journey: Journey): void {
    const target = this.route(source, draft.to.address);
    const sentAtMs = this.engine.nowMs;
    const packet: Packet = { ...draft, fromHost: source.name, toHost: target?.name, sentAtMs };
    const { fate, delayMs } = this.#decide(source, target, packet);
    this.trace.packet({ ...packet, fate }, this.engine.nowNs);
    if (fate.kind === 'dropped' || target === undefined) {
      journey.lose?.();
      return;
    }
    this.engine.after(nanoseconds(delayMs), 'arrival', () => {
      if (target.isUp || target === source) journey.arrive(target, packet);
      else journey.lose?.();
    });
  }

  #decide(
    source: Machine,
    target: Machine | undefined,
    packet: Packet,
  ): { readonly fate: Fate; readonly delayMs: number } {
    const dropped = (
      reason: 'loss' | 'rule' | 'no-host' | 'host-down',
    ): ReturnType<typeof decided> => decided({ kind: 'dropped', reason }, 0);
    const from = { host: source.name, address: packet.from.address };
    const to = { host: target?.name ?? '', address: packet.to.address };
    // Counted whatever comes of it: a rule must not change the fate of the packets after it.
    const linkDelayMs = this.links.next(from, to);
    if (!source.isUp && target !== source) return dropped('host-down');
    const verdict = this.#judge(packet);
    if (verdict.kind === 'drop') return dropped('rule');
    if (target === undefined) return dropped('no-host');
    const delayMs = verdict.kind === 'deliver' ? verdict.delayMs : linkDelayMs;
    if (delayMs === undefined) return dropped('loss');
    return decided({ kind: 'delivered', atMs: this.engine.nowMs + delayMs }, delayMs);
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

function decided(fate: Fate, delayMs: number): { readonly fate: Fate; readonly delayMs: number } {
  return { fate, delayMs };
}
