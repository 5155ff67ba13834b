/** The word that somebody probably meant. */

/** Of `words`, the one that fewest edits make of `word`; undefined when all are far from it. */
export function nearest(word: string, words: readonly string[]): string | undefined {
  const ranked = words
    .map((known) => ({ known, edits: editsBetween(word, known) }))
    .toSorted((a, b) => a.edits - b.edits);
  const [best] = ranked;
  // A third of the letters wrong is a slip; more is another word.
  return best && best.edits <= Math.max(1, best.known.length / 3) ? best.known : undefined;
}

/** Letters to insert, delete, replace or swap with their neighbour. */
function editsBetween(a: string, b: string): number {
  let beforeLast: number[] = [];
  let last = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const isSame = a[i - 1] === b[j - 1];
      const isSwapped = i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1];
      row.push(
        Math.min(
          last[j]! + 1,
          row[j - 1]! + 1,
          last[j - 1]! + (isSame ? 0 : 1),
          isSwapped ? beforeLast[j - 2]! + 1 : Infinity,
        ),
      );
    }
    beforeLast = last;
    last = row;
  }
  return last[b.length]!;
}
