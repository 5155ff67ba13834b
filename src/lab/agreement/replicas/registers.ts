/**
 * Registers, which hold one value; the shared date of the lecture.
 *
 * - *last writer wins*: of two writes that with the greater stamp stays. Which clock stamps is the
 *   replica's business. Writes that did not know of each other are not told apart from such as did:
 *   all but one are lost, and nobody is told.
 * - *multi-value*: a write replaces what its writer knew, by vector clocks (Dynamo, SOSP 2007).
 *   What was written side by side stays side by side until somebody who sees all of it writes
 *   again.
 */

import type { ReplicaMutant } from './replica-options.ts';
import { compareRows, isWithin, type ReplicatedType, rowsOf } from './replicated-type.ts';

/** Nothing, or a stamp and a value: l in two halves, c, origin, count, value. */
type Written = readonly number[];

const STAMP_WIDTH = 6;
const HALF = 2 ** 32;

export function lastWriterWins(mutant?: ReplicaMutant): ReplicatedType<Written> {
  const later = (a: Written, b: Written): Written => {
    if (a.length === 0 || b.length === 0) return a.length === 0 ? b : a;
    return compareRows(a, b) >= 0 || mutant === 'mine-wins' ? a : b;
  };
  return {
    empty: [],
    update: (state, { value }, { l, c, origin, count }) => {
      const own = [Math.floor(l / HALF), l % HALF, c, origin, count, value];
      // Of its own writes the later one always wins; what else it knows may have a greater stamp.
      return mutant === 'mine-wins' ? own : later(state, own);
    },
    merge: later,
    shows: (state) => state.slice(-1),
    pack: (state) => state,
    unpack: (numbers) => {
      return numbers.length === 0 || numbers.length === STAMP_WIDTH ? numbers : undefined;
    },
  };
}

/** A value, and the vector clock of its write. */
interface Sibling {
  readonly value: number;
  readonly clock: readonly number[];
}
type Siblings = readonly Sibling[];

export function multiValue(mutant?: ReplicaMutant): ReplicatedType<Siblings> {
  const newest = (siblings: Siblings): Siblings => {
    const kept = siblings.filter((one, place) => {
      return siblings.every((other, otherPlace) => {
        if (place === otherPlace || !isWithin(one.clock, other.clock)) return true;
        // Of two that are equal the first is kept.
        return isWithin(other.clock, one.clock) && place < otherPlace;
      });
    });
    return kept.toSorted((a, b) => compareRows(a.clock, b.clock));
  };
  return {
    empty: [],
    update: (state, { value }, { origin, count, seen }) => {
      const own = seen.map((_, node) => (node === origin ? count : 0));
      return newest([...state, { value, clock: mutant === 'forgets-others' ? own : seen }]);
    },
    merge: (a, b) => (mutant === 'mine-wins' && a.length > 0 ? a : newest([...a, ...b])),
    shows: (state) => [...new Set(state.map(({ value }) => value))].toSorted((a, b) => a - b),
    pack: (state) => state.flatMap(({ value, clock }) => [clock.length, value, ...clock]),
    unpack: (numbers) => {
      const width = 2 + (numbers[0] ?? 0);
      const rows = rowsOf(numbers, width);
      return rows?.map(([, value = 0, ...clock]) => ({ value, clock }));
    },
  };
}
