/** Predictions as the experiments on clocks write them. */

import type { Prediction } from '../experiment/prediction.ts';

export function exact(metric: string, value: number, formula: string, cite?: string): Prediction {
  return { metric, kind: 'exact', value, formula, ...(cite !== undefined && { cite }) };
}

export function atMost(metric: string, value: number, formula: string, cite?: string): Prediction {
  return { metric, kind: 'at most', value, formula, ...(cite !== undefined && { cite }) };
}

export function atLeast(metric: string, value: number, formula: string, cite?: string): Prediction {
  return { metric, kind: 'at least', value, formula, ...(cite !== undefined && { cite }) };
}
