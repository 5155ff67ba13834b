/** What a scenario expects of its runs, compared with what was measured. */

import type { ScenarioMetrics } from '../../../lab/ttl/scenario-meter.ts';
import type { RawExpectation } from './schema.ts';

/** A line for each that does not hold. */
export function failedExpectations(
  expectations: readonly RawExpectation[],
  metrics: ScenarioMetrics,
): readonly string[] {
  return expectations.flatMap(({ metric, op, value }) => {
    const measured = measurementOf(metric, metrics);
    return holds(measured, op, value) ? [] : [`${metric} ${op} ${value}, measured ${measured}`];
  });
}

function holds(measured: number, op: RawExpectation['op'], value: number): boolean {
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
    case 'lat.mean':
      return metrics.meanLatencyMs;
    case 'lat.p50':
      return metrics.medianLatencyMs;
    case 'lat.p99':
      return metrics.p99LatencyMs;
    case 'upstream.qps':
      return Object.values(metrics.upstreamPerSecond).reduce((sum, one) => sum + one, 0);
  }
}
