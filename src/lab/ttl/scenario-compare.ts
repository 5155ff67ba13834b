/** A run of a scenario, measured beside predicted, with the formulas and whose they are. */

import { NS_PER_MS } from '../../sim/units.ts';
import { compare, type Comparison, type Measurement } from '../experiment/prediction.ts';
import type { Prediction } from '../experiment/prediction.ts';
import { answersOf, standardErrorOf } from './batch-means.ts';
import type { ScenarioMetrics, TimelinePart } from './scenario-meter.ts';
import type { ScenarioModel } from './scenario-model.ts';
import { longestTtl, worstStalenessMs } from './scenario-bounds.ts';
import type { Costs, TtlScenario } from './scenario.ts';

const JUNG = 'Jung, Berger, Balakrishnan, Modeling TTL-based Internet Caches, INFOCOM 2003';
const BAHAT = 'Bahat, Makowski, Measuring Consistency in TTL-based Caches, 2005';

export function compareScenario(
  scenario: TtlScenario,
  metrics: ScenarioMetrics,
  model: ScenarioModel | undefined,
): readonly Comparison[] {
  const compared = compare(measurementsOf(scenario, metrics), [
    ...predictionsOf(scenario, model),
    {
      metric: 'staleness.max',
      kind: 'at most',
      value: worstStalenessMs(scenario) * NS_PER_MS,
      formula: 'T + the ways to the client’s resolver (+ the stale window, where stale is served)',
      cite: 'RFC 1035 §3.2.1, RFC 8767 §5',
    },
  ]);
  return compared.map(unjudgedWhereShort);
}

/** Of a run that is too short for its TTL nobody knows what chance did. */
function unjudgedWhereShort(comparison: Comparison): Comparison {
  const { measured, predicted } = comparison;
  const isShort = predicted?.kind === 'statistical' && measured?.standardError === undefined;
  return isShort ? { ...comparison, verdict: 'not judged' } : comparison;
}

/** Of the model alone, without a run: for lines of theory. */
export function predictionsOf(
  { costs }: TtlScenario,
  model: ScenarioModel | undefined,
): readonly Prediction[] {
  if (!model) return [];
  const cost = costs && costOf(costs, model, model.queriesPerSecond);
  return [
    {
      metric: 'hitRatio',
      kind: 'statistical',
      value: model.hitRatio,
      formula: 'Σ λᵢT / (1 + λᵢ(T + d))',
      cite: JUNG,
    },
    {
      metric: 'stale.answers',
      kind: 'statistical',
      value: model.staleRatio,
      formula: 'h (1 − (1 − e^(−μT)) / (μT)), and what is overtaken on its way',
      cite: BAHAT,
    },
    {
      metric: 'staleness.mean',
      kind: 'statistical',
      value: model.meanStalenessMs * NS_PER_MS,
      formula: 'h (T/2 − 1/μ + (1 − e^(−μT)) / (μ²T))',
      cite: 'docs/lab: the age of a hit is uniform up to T',
    },
    {
      metric: 'upstream.qps',
      // Of the names alone: the ways to them are asked for as well, seldom.
      kind: 'published',
      value: model.upstreamPerSecond,
      formula: 'Σ λᵢ / (1 + λᵢ(T + d)), without the way to the zone',
    },
    ...(cost === undefined
      ? []
      : [
          {
            metric: 'cost',
            kind: 'published' as const,
            value: cost,
            formula: 'c_q · upstream + c_s · stale answers, a second',
          },
        ]),
  ];
}

function measurementsOf(
  scenario: TtlScenario,
  metrics: ScenarioMetrics,
): Readonly<Record<string, Measurement>> {
  const { durationMs, costs } = scenario;
  const ttlSeconds = longestTtl(scenario);
  const error = (of: (part: TimelinePart) => number): { readonly standardError?: number } => {
    const found = standardErrorOf(metrics.timeline, { durationMs, ttlSeconds, of });
    return found === undefined ? {} : { standardError: found };
  };
  const queriesPerSecond = metrics.queries / (durationMs / 1000);
  const upstream = sumOf(metrics.upstreamPerSecond);
  const load = { upstreamPerSecond: upstream, staleRatio: metrics.staleRatio };
  return {
    hitRatio: {
      value: metrics.hitRatio,
      unit: 'ratio',
      ...error((part) => answersOf(part) - part.misses - part.failed),
    },
    'stale.answers': {
      value: metrics.staleRatio,
      unit: 'ratio',
      ...error(({ stale }) => stale),
    },
    'staleness.mean': inTime(
      metrics.meanStalenessMs,
      error(({ staleMs }) => staleMs),
    ),
    'staleness.max': inTime(metrics.maxStalenessMs),
    'lat.mean': inTime(metrics.meanLatencyMs),
    'lat.p99': inTime(metrics.p99LatencyMs),
    'upstream.qps': { value: upstream, unit: 'per second' },
    failed: { value: metrics.failedRatio, unit: 'ratio' },
    ...(costs && {
      cost: { value: costOf(costs, load, queriesPerSecond), unit: 'per second' as const },
    }),
  };
}

function inTime(ms: number, { standardError }: { standardError?: number } = {}): Measurement {
  const error = standardError === undefined ? {} : { standardError: standardError * NS_PER_MS };
  return { value: ms * NS_PER_MS, unit: 'ns', ...error };
}

/** A second. */
function costOf(
  { query, stale }: Costs,
  load: { readonly upstreamPerSecond: number; readonly staleRatio: number },
  queriesPerSecond: number,
): number {
  return query * load.upstreamPerSecond + stale * load.staleRatio * queriesPerSecond;
}

/** Of all servers together. */
export function sumOf(perServer: Readonly<Record<string, number>>): number {
  return Object.values(perServer).reduce((sum, one) => sum + one, 0);
}
