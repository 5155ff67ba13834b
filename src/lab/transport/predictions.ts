/** Short ways to write down what theory says. */

import type { Prediction } from '../experiment/prediction.ts';
import { MIN_SAMPLES } from '../meters/batch-means.ts';

export function exactly(metric: string, value: number, formula: string): Prediction {
  return { metric, kind: 'exact', value, formula };
}

export function atLeast(metric: string, value: number, formula: string): Prediction {
  return { metric, kind: 'at least', value, formula };
}

/** Means that chance decides: predicted of runs that are long enough to have a standard error. */
export function onAverage(
  messages: number,
  rows: readonly (readonly [metric: string, value: number, formula: string])[],
): readonly Prediction[] {
  if (messages < 2 * MIN_SAMPLES) return [];
  return rows.map(([metric, value, formula]) => ({ metric, kind: 'statistical', value, formula }));
}
