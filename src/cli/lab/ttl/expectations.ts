/** What a scenario expects of its runs, compared with what was measured. */

import type { Comparison } from '../../../lab/experiment/prediction.ts';
import { sumOf } from '../../../lab/ttl/scenario-compare.ts';
import type { ScenarioMetrics } from '../../../lab/ttl/scenario-meter.ts';
import type { RawExpectation } from './schema.ts';

interface Measured {
  readonly metrics: ScenarioMetrics;
  readonly comparisons: readonly Comparison[];
}

/** A line for each that does not hold. */
export function failedExpectations(
  expectations: readonly RawExpectation[],
  measured: Measured,
): readonly string[] {
  return expectations.flatMap((expectation) => {
    const { metric, op, value, within } = expectation;
    if (within !== undefined) return failedTheory(metric, within, measured.comparisons);
    const found = measurementOf(metric, measured.metrics);
    if (op === undefined || value === undefined || holds(found, op, value)) return [];
    return [`${metric} ${op} ${value}, measured ${found}`];
  });
}

/** What the comparisons call what expectations name. */
const COMPARED: Partial<Readonly<Record<RawExpectation['metric'], string>>> = {
  hitRatio: 'hitRatio',
  staleRatio: 'stale.answers',
  'staleness.mean': 'staleness.mean',
};

/** `within` standard errors of theory. What cannot be judged does not hold. */
function failedTheory(
  metric: RawExpectation['metric'],
  within: number,
  comparisons: readonly Comparison[],
): readonly string[] {
  const name = COMPARED[metric];
  const found = comparisons.find((comparison) => comparison.metric === name);
  const expected = `${metric} within ${within} standard errors of theory`;
  if (!found?.measured || !found.predicted) return [`${expected}, which says nothing here`];
  const { value, standardError } = found.measured;
  if (standardError === undefined) {
    return [`${expected}: too short to be judged, which takes 60 TTLs, and ten parts with it`];
  }
  const distance = Math.abs(value - found.predicted.value) / standardError;
  if (distance <= within || value === found.predicted.value) return [];
  return [`${expected}, measured ${distance.toFixed(1)} away`];
}

function holds(measured: number, op: NonNullable<RawExpectation['op']>, value: number): boolean {
  switch (op) {
    case '<=':
      return measured <= value;
    case '>=':
      return measured >= value;
    case '<':
      return measured < value;
    case '>':
      return measured > value;
  }
}

/** Times in milliseconds. */
function measurementOf(metric: RawExpectation['metric'], metrics: ScenarioMetrics): number {
  switch (metric) {
    case 'hitRatio':
      return metrics.hitRatio;
    case 'failedRatio':
      return metrics.failedRatio;
    case 'staleRatio':
      return metrics.staleRatio;
    case 'staleness.max':
      return metrics.maxStalenessMs;
    case 'staleness.mean':
      return metrics.meanStalenessMs;
    case 'lat.mean':
      return metrics.meanLatencyMs;
    case 'lat.p50':
      return metrics.medianLatencyMs;
    case 'lat.p99':
      return metrics.p99LatencyMs;
    case 'upstream.qps':
      return sumOf(metrics.upstreamPerSecond);
  }
}
