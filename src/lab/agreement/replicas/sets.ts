/**
 * Sets and counters that merge without losing anything (Shapiro et al., INRIA RR-7506, 2011).
 *
 * - *G-set*: grows only; the merge is the union;
 * - *PN-counter*: by node, what it has counted up and what it has counted down. Only the node
 *   itself changes its entry, so of two states the larger entry is the later one: sums would count
 *   twice;
 * - *OR-set*: every adding has a tag of its own, a removal takes away the tags that its user saw.
 *   So an adding that the remover did not know of survives, and an element may come back. What is
 *   gone is remembered: else an older state would bring it back.
 */

import type { ReplicaMutant } from './replica-options.ts';
import { compareRows, largerOf, type ReplicatedType, rowsOf } from './replicated-type.ts';

export function growOnlySet(): ReplicatedType<readonly number[]> {
  return {
    empty: [],
    update: (state, { value }) => sorted([...state, value]),
    merge: (a, b) => sorted([...a, ...b]),
    shows: (state) => state,
    pack: (state) => state,
    unpack: (numbers) => numbers,
  };
}

function sorted(numbers: readonly number[]): readonly number[] {
  return [...new Set(numbers)].toSorted((a, b) => a - b);
}

interface Counts {
  readonly up: readonly number[];
  readonly down: readonly number[];
}

export function upDownCounter(mutant?: ReplicaMutant): ReplicatedType<Counts> {
  const join = mutant === 'sums' ? sumOf : largerOf;
  return {
    empty: { up: [], down: [] },
    update: ({ up, down }, { value }, { origin }) => {
      if (value >= 0) return { up: counted(up, origin, value), down };
      return { up, down: counted(down, origin, -value) };
    },
    merge: (a, b) => ({ up: join(a.up, b.up), down: join(a.down, b.down) }),
    shows: ({ up, down }) => [total(up) - total(down)],
    pack: ({ up, down }) => [up.length, ...up, ...down],
    unpack: ([upLength = 0, ...counts]) => {
      return { up: counts.slice(0, upLength), down: counts.slice(upLength) };
    },
  };
}

function counted(counts: readonly number[], node: number, by: number): readonly number[] {
  const longer = largerOf(
    counts,
    Array.from({ length: node + 1 }, () => 0),
  );
  return longer.map((count, other) => (other === node ? count + by : count));
}

/** The mutant's: at most what a message can hold. */
function sumOf(a: readonly number[], b: readonly number[]): readonly number[] {
  const most = 2 ** 31;
  const length = Math.max(a.length, b.length);
  return Array.from({ length }, (_, node) => Math.min(most, (a[node] ?? 0) + (b[node] ?? 0)));
}

function total(counts: readonly number[]): number {
  return counts.reduce((sum, count) => sum + count, 0);
}

/** A tag: origin, count, element. */
type Tag = readonly number[];
const TAG_WIDTH = 3;

interface Tags {
  readonly added: readonly Tag[];
  /** Of what was added: taken away since. */
  readonly gone: readonly Tag[];
}

export function observedRemoveSet(mutant?: ReplicaMutant): ReplicatedType<Tags> {
  const present = ({ added, gone }: Tags): readonly Tag[] => {
    return added.filter((tag) => !gone.some((other) => isSame(tag, other)));
  };
  return {
    empty: { added: [], gone: [] },
    update: (state, { kind, value }, { origin, count }) => {
      const { added, gone } = state;
      // Without tags an element is added once and for all, and removed so.
      const tag = mutant === 'no-tags' ? [0, 0, value] : [origin, count, value];
      if (kind === 'adds') return { added: union(added, [tag]), gone };
      const seen = present(state).filter(([, , element]) => element === value);
      if (mutant !== 'no-tombstones') return { added, gone: union(gone, seen) };
      return { added: added.filter((one) => !seen.includes(one)), gone };
    },
    merge: (a, b) => ({ added: union(a.added, b.added), gone: union(a.gone, b.gone) }),
    shows: (state) => sorted(present(state).map(([, , element = 0]) => element)),
    pack: ({ added, gone }) => [added.length, ...added.flat(), ...gone.flat()],
    unpack: ([addedCount = 0, ...numbers]) => {
      const tags = rowsOf(numbers, TAG_WIDTH);
      return tags && { added: tags.slice(0, addedCount), gone: tags.slice(addedCount) };
    },
  };
}

function isSame(a: Tag, b: Tag): boolean {
  return compareRows(a, b) === 0;
}

function union(a: readonly Tag[], b: readonly Tag[]): readonly Tag[] {
  const news = b.filter((tag) => !a.some((other) => isSame(tag, other)));
  return [...a, ...news].toSorted(compareRows);
}
