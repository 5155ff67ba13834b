/**
 * Delta debugging (Zeller and Hildebrandt, IEEE TSE 28(2) 2002): a part of a list that still fails,
 * and from which no single item can be taken.
 */

export function ddmin<Item>(
  items: readonly Item[],
  fails: (part: readonly Item[]) => boolean,
): readonly Item[] {
  if (items.length > 0 && fails([])) return [];
  let kept = items;
  let pieces = 2;
  while (kept.length >= 2) {
    const size = Math.ceil(kept.length / pieces);
    const without = withoutOnePiece(kept, size).find((part) => fails(part));
    if (without) {
      kept = without;
      pieces = Math.max(pieces - 1, 2);
    } else if (size <= 1) break;
    else pieces = Math.min(pieces * 2, kept.length);
  }
  return kept;
}

function withoutOnePiece<Item>(items: readonly Item[], size: number): readonly (readonly Item[])[] {
  const starts = Array.from({ length: Math.ceil(items.length / size) }, (_, piece) => piece * size);
  return starts.map((start) => [...items.slice(0, start), ...items.slice(start + size)]);
}
