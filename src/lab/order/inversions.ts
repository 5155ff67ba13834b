/** How many pairs of messages two nodes deliver in different orders. */

/** Of what both have, each counted once; by merging, so in n log n steps. */
export function countInversions(reference: readonly number[], order: readonly number[]): number {
  const places = new Map(reference.map((message, place) => [message, place]));
  const ranks = order.map((message) => places.get(message)).filter((rank) => rank !== undefined);
  return sortAndCount(ranks).inversions;
}

function sortAndCount(ranks: readonly number[]): {
  readonly sorted: readonly number[];
  readonly inversions: number;
} {
  if (ranks.length < 2) return { sorted: ranks, inversions: 0 };
  const middle = ranks.length >> 1;
  const left = sortAndCount(ranks.slice(0, middle));
  const right = sortAndCount(ranks.slice(middle));
  const sorted: number[] = [];
  let inversions = left.inversions + right.inversions;
  let taken = 0;
  for (const rank of right.sorted) {
    while (taken < left.sorted.length && (left.sorted[taken] as number) <= rank) {
      sorted.push(left.sorted[taken] as number);
      taken += 1;
    }
    // What is left of the left half comes after `rank` in the reference, and before it here.
    inversions += left.sorted.length - taken;
    sorted.push(rank);
  }
  return { sorted: [...sorted, ...left.sorted.slice(taken)], inversions };
}
