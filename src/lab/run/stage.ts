/**
 * What a cast of processes plays on: time, timers, and a way for datagrams between nodes. There are
 * two, the simulated one (`sim-stage.ts`) and the one of real sockets and clocks.
 */

import type { Random } from '../../net/ports.ts';
import type { NodeId, ProcessTimer } from '../process/process.ts';
import type { NetworkFault } from './fault.ts';
import type { LossReason } from './trace-event.ts';

export interface Packet {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly bytes: Uint8Array;
}

/** What became of a datagram. Each copy that arrives is told once, each loss when it is decided. */
export interface Journey {
  arrive(bytes: Uint8Array, copy: number): void;
  lose(reason: LossReason): void;
}

/** What can be done to the clocks of a node. */
export interface NodeClock {
  step(byNs: number): void;
  steer(ppm: number): void;
  drift(ppm: number): void;
}

export interface Stage {
  /** True time in integer nanoseconds since the start of the run. */
  nowNs(): number;
  monotonicNs(node: NodeId): number;
  wallNs(node: NodeId): number;
  random(node: NodeId): Random;
  /** Integer nanoseconds; at one instant in the order of the calls. */
  schedule(delayNs: number, action: () => void): ProcessTimer;
  /** When the node's own monotonic clock has moved on by so much, which may be wrong. */
  scheduleOn(node: NodeId, delayNs: number, action: () => void): ProcessTimer;
  /** The node's clocks, to be set, steered and broken. */
  clockOf(node: NodeId): NodeClock;
  /** At a time since the start of the run, before anything else of that instant. */
  at(timeNs: number, action: () => void): void;
  /** Copies the octets that it needs longer than the call. */
  transmit(packet: Packet, journey: Journey): void;
  /** What happens to the network, from now on. */
  inflict(fault: NetworkFault): void;
}
