/** The word that was meant, by the fewest changed letters. */

/** More changes than this, and it was another word. */
const MAX_CHANGES = 3;

/** ` (did you mean 'loss'?)`, or nothing when no word is near. */
export function nearest(word: string, words: readonly string[]): string {
  const ranked = words
    .map((candidate) => ({
      candidate,
      changes: changesBetween(word.toLowerCase(), candidate.toLowerCase()),
    }))
    .filter(({ candidate, changes }) => changes <= Math.min(MAX_CHANGES, candidate.length - 1))
    .toSorted((a, b) => a.changes - b.changes);
  const [best] = ranked;
  return best ? ` (did you mean '${best.candidate}'?)` : '';
}

/** Levenshtein's distance. */
function changesBetween(a: string, b: string): number {
  let row = Array.from({ length: b.length + 1 }, (_, index) => index);
  for (const [i, letter] of a.split('').entries()) {
    const next = [i + 1];
    for (const [j, other] of b.split('').entries()) {
      const replaced = (row[j] ?? 0) + (letter === other ? 0 : 1);
      next.push(Math.min(replaced, (row[j + 1] ?? 0) + 1, (next[j] ?? 0) + 1));
    }
    row = next;
  }
  return row.at(-1) ?? 0;
}
