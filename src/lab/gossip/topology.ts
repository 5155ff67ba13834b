/**
 * Who is whose neighbour, and how far apart nodes are.
 *
 *     line  0 ─ 1 ─ 2 ─ …        tree4  0 ─ 1, 2, 3, 4;  1 ─ 5, 6, 7, 8;  …
 *
 *     grid  0 ─ 1 ─ 2            full   everybody and everybody
 *           │   │   │
 *           3 ─ 4 ─ 5            rows as long as the root of n, rounded up
 */

import type { NodeId } from '../process/process.ts';

export const TOPOLOGIES = ['line', 'grid', 'tree4', 'full'] as const;
export type Topology = (typeof TOPOLOGIES)[number];

const FAN_OUT = 4;

/** By node, its neighbours in ascending order. */
export function neighboursOf(topology: Topology, count: number): readonly (readonly NodeId[])[] {
  const nodes = Array.from({ length: count }, (_, node) => node);
  return nodes.map((node) => nodes.filter((other) => isEdge(topology, [node, other], count)));
}

function isEdge(topology: Topology, ends: readonly [NodeId, NodeId], count: number): boolean {
  const low = Math.min(...ends);
  const high = Math.max(...ends);
  if (low === high) return false;
  switch (topology) {
    case 'line':
      return high === low + 1;
    case 'grid': {
      const columns = Math.ceil(Math.sqrt(count));
      const isInOneRow = Math.floor(low / columns) === Math.floor(high / columns);
      return high === low + columns || (high === low + 1 && isInOneRow);
    }
    case 'tree4':
      return low === Math.floor((high - 1) / FAN_OUT);
    case 'full':
      return true;
  }
}

/** By node, hops from `origin` by a shortest way; undefined for what it cannot reach. */
export function distancesFrom(
  origin: NodeId,
  neighbours: readonly (readonly NodeId[])[],
): readonly (number | undefined)[] {
  const distances: (number | undefined)[] = neighbours.map(() => undefined);
  distances[origin] = 0;
  const queue = [origin];
  for (const node of queue) {
    for (const next of neighbours[node] ?? []) {
      if (distances[next] !== undefined) continue;
      distances[next] = (distances[node] ?? 0) + 1;
      queue.push(next);
    }
  }
  return distances;
}
