/**
 * Faults as data, so that a run can be written down, repeated, shrunk and read. Times are true time
 * in nanoseconds since the start of the run. How likely a datagram is to be lost is not here but on
 * its link; a fault is what somebody does to the world.
 */

import type { LinkOptions } from '../../sim/link-options.ts';
import type { NodeId } from '../process/process.ts';

/** The `nth` datagram (from 1) that is sent from `from` to `to` at `atNs` or later. */
interface OneDatagram {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly nth: number;
}

export interface CrashOptions {
  /** Default true; false loses what the node wrote. */
  readonly keepsDisk?: boolean;
  /**
   * The last write was not finished though the disk said so: the first half of its octets is new,
   * and behind it is what was there before.
   */
  readonly tearsWrite?: boolean;
}

/** What happens to one node. */
export type NodeFault = { readonly atNs: number } & (
  | ({ readonly kind: 'crash'; readonly node: NodeId } & CrashOptions)
  | { readonly kind: 'restart'; readonly node: NodeId }
  | { readonly kind: 'pause'; readonly node: NodeId }
  | { readonly kind: 'resume'; readonly node: NodeId }
  /** Its wall clock is set ahead by `byNs`, or back. */
  | { readonly kind: 'step'; readonly node: NodeId; readonly byNs: number }
  /** From now on its crystal is faster by `ppm` than it would be. */
  | { readonly kind: 'drift'; readonly node: NodeId; readonly ppm: number }
);

/** What happens to the clocks of one node. */
export type ClockFault = Extract<NodeFault, { readonly kind: 'step' | 'drift' }>;

/** What happens to the network. */
export type NetworkFault = { readonly atNs: number } &
  /** Nothing passes from a node of one group to a node of another; who is in none talks to all. */
  (
    | { readonly kind: 'partition'; readonly groups: readonly (readonly NodeId[])[] }
    /** Nothing passes from one to the other; the other way is as it was. */
    | { readonly kind: 'cut'; readonly from: NodeId; readonly to: NodeId }
    /** Every partition and cut ends. */
    | { readonly kind: 'heal' }
    | ({ readonly kind: 'drop' } & OneDatagram)
    /** The `nth` datagram arrives twice, the second copy `byNs` after the first. */
    | ({ readonly kind: 'double' } & OneDatagram & { readonly byNs: number })
    /** The `nth` datagram arrives `byNs` later than it would: later ones may overtake it. */
    | ({ readonly kind: 'delay' } & OneDatagram & { readonly byNs: number })
    /** What is sent from `from` to `to` in the next `forNs` arrives `byNs` later than it would. */
    | {
        readonly kind: 'clog';
        readonly from: NodeId;
        readonly to: NodeId;
        readonly byNs: number;
        readonly forNs: number;
      }
    /** The link is another from now on; what is under way is not touched. */
    | {
        readonly kind: 'link';
        readonly from: NodeId;
        readonly to: NodeId;
        readonly link: LinkOptions;
      }
    /** What is sent from `from` to `to` waits until `release`, then arrives in order of sending. */
    | { readonly kind: 'hold'; readonly from: NodeId; readonly to: NodeId }
    | { readonly kind: 'release'; readonly from: NodeId; readonly to: NodeId }
  );

/** What happens to one link. */
export type LinkFault = Extract<NetworkFault, { readonly from: NodeId }>;

export type Fault = NodeFault | NetworkFault;

export function isOnNode(fault: Fault): fault is NodeFault {
  return 'node' in fault;
}

export function isOnLink(fault: Fault): fault is LinkFault {
  return 'from' in fault;
}

/** In a few words, for traces: 'cut 0 > 1'. */
export function describeFault(fault: Fault): string {
  if (isOnLink(fault)) return describeOnLink(fault);
  switch (fault.kind) {
    case 'crash':
    case 'restart':
    case 'pause':
    case 'resume':
      return `${fault.kind} node ${fault.node}`;
    case 'step':
      return `step node ${fault.node} by ${fault.byNs} ns`;
    case 'drift':
      return `drift node ${fault.node} by ${fault.ppm} ppm`;
    case 'partition':
      return `partition ${fault.groups.map((nodes) => nodes.join(' ')).join(' | ')}`;
    case 'heal':
      return 'heal';
  }
}

function describeOnLink(fault: LinkFault): string {
  const link = `${fault.from} > ${fault.to}`;
  switch (fault.kind) {
    case 'drop':
      return `drop ${link}, datagram ${fault.nth} from here`;
    case 'double':
    case 'delay':
      return `${fault.kind} ${link}, datagram ${fault.nth} from here, by ${fault.byNs} ns`;
    case 'clog':
      return `clog ${link}, by ${fault.byNs} ns for ${fault.forNs} ns`;
    case 'link':
      return `link ${link} ${JSON.stringify(fault.link)}`;
    case 'cut':
    case 'hold':
    case 'release':
      return `${fault.kind} ${link}`;
  }
}
