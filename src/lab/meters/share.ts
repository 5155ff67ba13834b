/** Shares: how often something is so, of all the times that it could be. */

import type { Measurements } from '../experiment/prediction.ts';
import type { BatchMeans } from './batch-means.ts';

/** A series of 0 and 1 as a measurement: the share of 1, with its standard error. */
export function shareOf(name: string, { count, mean, standardError }: BatchMeans): Measurements {
  if (count === 0) return {};
  const share = { value: mean, unit: 'ratio' } as const;
  return { [name]: standardError === undefined ? share : { ...share, standardError } };
}
