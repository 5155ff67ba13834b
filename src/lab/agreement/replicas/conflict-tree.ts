/**
 * The writes of a register as a tree that splits and grows together again: each is joined to those
 * that it replaced. Beside it stands its vector clock: how many writes of each replica its user
 * knew.
 */

import { ReplicaHistory, type Update } from '../../checkers/replica-history.ts';
import type { RunPlot } from '../../plot/plan.ts';
import type { Plot, Tick, TickLink } from '../../plot/plot.ts';
import type { TraceEvent } from '../../run/trace-event.ts';

const ROLES = ['write', 'in conflict', 'ends a conflict'] as const;
type Role = (typeof ROLES)[number];
/** More clocks are not readable beside each other. */
const MAX_WRITES = 18;
/** Room at the ends, as a share of the time that is shown: a clock stands behind its write. */
const ROOM = { before: 0.03, behind: 0.12 };

export class ConflictTree implements RunPlot {
  readonly #nodes: number;
  readonly #fromNs: number;
  readonly #history = new ReplicaHistory();

  /** Of the first writes from `fromNs` on. */
  constructor(nodes: number, fromNs: number) {
    this.#nodes = nodes;
    this.#fromNs = fromNs;
  }

  observe(event: TraceEvent): void {
    this.#history.observe(event);
  }

  finish(): Plot | undefined {
    const all = this.#history.updates;
    const shown = all.filter(({ atNs }) => atNs >= this.#fromNs).slice(0, MAX_WRITES);
    if (shown.length === 0) return undefined;
    const ids = new Set(shown.map(({ id }) => id));
    const ticks = shown.map((update): Tick => {
      const label = this.#clockOf(update);
      return { ...placeOf(update), series: roleOf(update, all), label };
    });
    const links = shown.flatMap((update): readonly TickLink[] => {
      const replaced = replacedBy(update, all).filter(({ id }) => ids.has(id));
      return replaced.map((earlier) => ({ from: placeOf(earlier), to: placeOf(update) }));
    });
    const [first, last] = [shown[0]?.atNs ?? 0, shown.at(-1)?.atNs ?? 0];
    const writers = new Set(shown.map(({ node }) => node));
    return {
      title: 'Writes and what they replaced',
      caption:
        'A line leads from a write to one whose user had seen it. Two ends without a line ' +
        'between them are a conflict. The numbers: a vector clock, one count a replica.',
      x: {
        ...{ label: 'time', unit: 'ns' },
        from: first - ROOM.before * (last - first),
        to: last + ROOM.behind * (last - first),
      },
      y: { label: '', words: [...writers].toSorted((a, b) => a - b).map(laneOf) },
      series: ROLES,
      layers: [
        { mark: 'links', links },
        { mark: 'ticks', ticks },
      ],
    };
  }

  #clockOf({ past, id }: Update): string {
    const counts = Array.from({ length: this.#nodes }, () => 0);
    for (const one of [...past, id]) {
      const { node = 0 } = this.#history.updates[one] ?? {};
      counts[node] = (counts[node] ?? 0) + 1;
    }
    return counts.join(' ');
  }
}

function laneOf(node: number): string {
  return `replica ${node}`;
}

function placeOf({ node, atNs }: Update): { readonly lane: string; readonly at: number } {
  return { lane: laneOf(node), at: atNs };
}

/** Those that its user knew, and that nobody else had replaced whom he knew. */
function replacedBy({ past }: Update, all: readonly Update[]): readonly Update[] {
  const known = all.filter(({ id }) => past.has(id));
  const replaced = new Set(known.flatMap((update) => [...update.past]));
  return known.filter(({ id }) => !replaced.has(id));
}

function roleOf(update: Update, all: readonly Update[]): Role {
  if (replacedBy(update, all).length > 1) return 'ends a conflict';
  const isAlone = all.every(({ id, past }) => {
    return id === update.id || past.has(update.id) || update.past.has(id);
  });
  return isAlone ? 'write' : 'in conflict';
}
