/** Short ways to write down what theory says. */

import type { Prediction } from '../experiment/prediction.ts';
import { MIN_SAMPLES } from '../meters/batch-means.ts';
import { isPlain, type LineValues } from './two-nodes.ts';

/** What theory says of plain lines; it says nothing of others. */
export function onPlainLines<Values extends LineValues>(
  predict: (values: Values) => readonly Prediction[],
): (values: Values) => readonly Prediction[] {
  return (values) => (isPlain(values) ? predict(values) : []);
}

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

/** Events of which a shorter run sees too few to judge how rare they are. */
const ENOUGH_EVENTS = 50;

/** As `onAverage`, for the share of something rare: only shown where a run sees too few of it. */
export function rarely(
  messages: number,
  [metric, value, formula]: readonly [metric: string, value: number, formula: string],
): Prediction {
  if (value === 0) return exactly(metric, value, formula);
  const isJudged = messages * value >= ENOUGH_EVENTS && messages >= 2 * MIN_SAMPLES;
  return { metric, kind: isJudged ? 'statistical' : 'published', value, formula };
}
