/**
 * The lives of the nodes, for checkers of broadcasts: a crash ends what a node remembers, so that
 * the application above it begins again, and may be told everything again. What holds for the
 * deliveries of a node is asked of each of its lives.
 */

import type { NodeId } from '../process/process.ts';
import type { TraceEvent } from '../run/trace-event.ts';

export class Lives {
  readonly #crashes = new Map<NodeId, number>();

  observe({ kind, node }: TraceEvent): void {
    if (kind === 'crash') this.#crashes.set(node, this.crashesOf(node) + 1);
  }

  crashesOf(node: NodeId): number {
    return this.#crashes.get(node) ?? 0;
  }

  /** 'node 3', or 'node 3 (life 2)' after a crash. */
  nameOf(node: NodeId): string {
    const crashes = this.crashesOf(node);
    return crashes === 0 ? `node ${node}` : `node ${node} (life ${crashes + 1})`;
  }
}
