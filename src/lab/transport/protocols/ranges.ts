/** Sets of numbers as acknowledgements carry them: [first, end, first, end…], ends not included. */

/** `numbers` in order. */
export function rangesOf(numbers: readonly number[]): readonly number[] {
  const ranges: number[] = [];
  for (const number of numbers) {
    if (ranges.at(-1) === number) ranges[ranges.length - 1] = number + 1;
    else ranges.push(number, number + 1);
  }
  return ranges;
}

/** The pairs of `ranges`; a first without an end is none. */
export function* pairsOf(ranges: readonly number[]): Generator<readonly [number, number]> {
  for (let index = 0; index + 1 < ranges.length; index += 2) {
    yield [ranges[index] ?? 0, ranges[index + 1] ?? 0];
  }
}
