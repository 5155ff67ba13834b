/**
 * What travels between simulated hosts, and the vocabulary of faults: a rule looks at one packet
 * and passes, drops it, or sets its delay. Rules compose: the first that does not pass decides.
 */

import type { Endpoint } from '../net/ports.ts';
import type { Transport } from '../net/socket-errors.ts';
import type { LinkLoss } from './link.ts';

export type PacketKind =
  | 'datagram'
  | 'unreachable' // ICMP port unreachable
  | 'syn'
  | 'syn-ack'
  | 'ack' // the third packet of the handshake; others are not modelled as packets
  | 'data'
  | 'fin'
  | 'reset';

export interface Packet {
  readonly transport: Transport;
  readonly kind: PacketKind;
  readonly from: Endpoint;
  readonly to: Endpoint;
  readonly fromHost: string;
  /** Undefined when no host has the address. */
  readonly toHost: string | undefined;
  /** The payload. Not to be changed. */
  readonly bytes: Uint8Array;
  readonly sentAtMs: number;
}

export type Verdict =
  | { readonly kind: 'pass' }
  | { readonly kind: 'drop' }
  | { readonly kind: 'deliver'; readonly delayMs: number };

/** Must be a function of the packet and of its own state only, or runs stop being repeatable. */
export type Rule = (packet: Packet) => Verdict;

export const pass: Verdict = { kind: 'pass' };
export const drop: Verdict = { kind: 'drop' };

/** Delivers whatever the link would have done, `delayMs` after it was sent. */
export function deliver(delayMs: number): Verdict {
  return { kind: 'deliver', delayMs };
}

/** An installed rule. */
export interface RuleGuard {
  /** Idempotent. */
  uninstall(): void;
}

export type DropReason = LinkLoss | 'rule' | 'no-host' | 'host-down';

export type Fate =
  | { readonly kind: 'delivered'; readonly atMs: number }
  | { readonly kind: 'dropped'; readonly reason: DropReason };

/** One transmission as it was decided when the packet was sent. */
export interface PacketRecord extends Packet {
  readonly fate: Fate;
}

/** Cuts every packet between the two groups of hosts (by name), both ways; groups stay whole. */
export function partition(left: readonly string[], right: readonly string[]): Rule {
  return ({ fromHost, toHost = '' }) => {
    const leaves = left.includes(fromHost) && right.includes(toHost);
    const enters = right.includes(fromHost) && left.includes(toHost);
    return leaves || enters ? drop : pass;
  };
}

/** Drops the first `count` packets that `matches` accepts. */
export function dropFirst(count: number, matches: (packet: Packet) => boolean): Rule {
  let left = count;
  return (packet) => {
    if (left === 0 || !matches(packet)) return pass;
    left -= 1;
    return drop;
  };
}
