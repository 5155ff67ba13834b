/** Ranges of seeds, as people write them: '7', '1..10000'. */

import { UsageError } from './usage-error.ts';

/** Some hours of the quickest trials. */
const MAX_SEEDS = 10_000_000;

export function readSeeds(text: string): { readonly first: number; readonly last: number } {
  const [, from = '', to = from] = /^(\d{1,15})(?:\.\.(\d{1,15}))?$/.exec(text) ?? [];
  const [first, last] = [Number(from), Number(to)];
  if (from === '' || last < first) {
    throw new UsageError(`--seeds: expected a range such as 1..1000, got '${text}'`);
  }
  if (last - first >= MAX_SEEDS) throw new UsageError(`--seeds: at most ${MAX_SEEDS} at once`);
  return { first, last };
}
