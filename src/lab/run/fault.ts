/**
 * Faults as data, so that a run can be written down, repeated, shrunk and read. Times are true time
 * in nanoseconds since the start of the run. How likely a datagram is to be lost is not here but on
 * its link; a fault is what somebody does to the world.
 */

import type { NodeId } from '../process/process.ts';

/** The `nth` datagram (from 1) that is sent from `from` to `to` at `atNs` or later. */
interface OneDatagram {
  readonly from: NodeId;
  readonly to: NodeId;
  readonly nth: number;
}

export type Fault = { readonly atNs: number } & (
  | { readonly kind: 'crash'; readonly node: NodeId; readonly keepsDisk?: boolean }
  | { readonly kind: 'restart'; readonly node: NodeId }
  | { readonly kind: 'pause'; readonly node: NodeId }
  | { readonly kind: 'resume'; readonly node: NodeId }
  /** Nothing passes from a node of one group to a node of another; who is in none talks to all. */
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
  /** What is sent from `from` to `to` waits until `release`, then arrives in order of sending. */
  | { readonly kind: 'hold'; readonly from: NodeId; readonly to: NodeId }
  | { readonly kind: 'release'; readonly from: NodeId; readonly to: NodeId }
);
