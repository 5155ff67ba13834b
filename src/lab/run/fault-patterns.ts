/** Faults that are made of others: partitions of a certain form, and such that come and go. */

import type { NodeId } from '../process/process.ts';
import type { Fault } from './fault.ts';

interface Sides {
  readonly left: readonly NodeId[];
  readonly over: NodeId;
  readonly right: readonly NodeId[];
}

/** Two sides that do not reach each other, and one node that reaches both. */
export function bridge(atNs: number, { left, over, right }: Sides): Fault {
  // Who is in no group talks to all.
  const without = (side: readonly NodeId[]): readonly NodeId[] => side.filter((id) => id !== over);
  return { atNs, kind: 'partition', groups: [without(left), without(right)] };
}

/** One of `nodeCount` nodes reaches nobody. */
export function isolate(atNs: number, node: NodeId, nodeCount: number): Fault {
  const others = Array.from({ length: nodeCount }, (_, id) => id).filter((id) => id !== node);
  return { atNs, kind: 'partition', groups: [[node], others] };
}

/** A partition that comes `times` times. */
export function flapping(
  {
    fromNs,
    downNs,
    upNs,
    times,
  }: {
    readonly fromNs: number;
    readonly downNs: number;
    readonly upNs: number;
    readonly times: number;
  },
  groups: readonly (readonly NodeId[])[],
): readonly Fault[] {
  return Array.from({ length: times }, (_, index) => fromNs + index * (downNs + upNs)).flatMap(
    (atNs): readonly Fault[] => [
      { atNs, kind: 'partition', groups },
      { atNs: atNs + downNs, kind: 'heal' },
    ],
  );
}
