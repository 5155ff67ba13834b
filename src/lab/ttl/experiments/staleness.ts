/** E4 and E5: what clients are told after a record has changed. */

import type { Prediction } from '../../experiment/prediction.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { poisson } from '../arrivals.ts';
import { COMMON, modelOf, runOf, secondsOf, wayOf } from '../common-parameters.ts';
import { CacheCycles } from '../cycles.ts';
import { hitRatio, meanStaleWindow, staleRatio } from '../formulas.ts';
import { SampleMean } from '../regenerative.ts';
import { runTtl, type ObservedQuery } from '../ttl-run.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';

/** So many TTLs lie between two changes: each meets a cache that has forgotten the last one. */
const TTLS_BETWEEN_CHANGES = 10;

export const changeExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E4',
  title: 'After a change',
  quote: 'High TTL: maybe stale',
  question: 'A record changes. For how long do clients get the old address?',
  explanation:
    'At the instant of the change the record is cached with probability h, the hit ratio ' +
    '(Poisson ' +
    'arrivals see time averages), and what is left of its TTL is then uniform between 0 and ' +
    'T: the ' +
    'cache lies for hT/2 on average, never for longer than T. Clients get λhT/2 old answers.',
  lookFor: [
    'The worst case is the TTL itself, to the second; the average is less than half of it.',
    'The last stale answer leaves the cache one way of the network after the TTL: the record had ' +
      'left its authority before the change.',
  ],
  parameters: {
    ...COMMON,
    rate: { ...COMMON.rate, default: 0.01 },
    ttl: { ...COMMON.ttl, default: '5m' },
    queries: { ...COMMON.queries, default: 60_000 },
  },
  mutants: {},
  async play(values, { seed }) {
    const windows = new SampleMean();
    const answers = new SampleMean();
    const ttl = secondsOf(values.ttl);
    let stale = 0;
    let maxStaleMs = 0;
    let changes = 0;
    const { traceHash } = await runTtl({
      ...runOf(values, seed),
      changes: (random) => poisson(1 / (TTLS_BETWEEN_CHANGES * ttl), random),
      onChange: (cachedForMs) => {
        windows.add(cachedForMs / 1000);
        if (changes > 0) answers.add(stale);
        changes += 1;
        stale = 0;
      },
      onQuery: ({ staleMs }: ObservedQuery) => {
        if (staleMs > 0) stale += 1;
        maxStaleMs = Math.max(maxStaleMs, staleMs);
      },
    });
    return {
      measurements: {
        changes: { value: changes, unit: 'count' },
        'stale.window': windows.measurement('ns', NS_PER_S),
        'stale.window.max': { value: windows.max * NS_PER_S, unit: 'ns' },
        'stale.answers': answers.measurement('count'),
        'staleness.max': { value: maxStaleMs * NS_PER_MS, unit: 'ns' },
      },
      predictions: changePredictions(values),
      traceHash,
    };
  },
});

function changePredictions(values: Parameters<typeof modelOf>[0]): readonly Prediction[] {
  const model = modelOf(values);
  const worstNs = (model.ttl + wayOf(values)) * NS_PER_S;
  const window = meanStaleWindow(model);
  return [
    {
      metric: 'stale.window',
      kind: 'statistical',
      value: window * NS_PER_S,
      formula: 'h T / 2, h = λT / (1 + λ(T + d))',
    },
    { metric: 'stale.window.max', kind: 'at most', value: model.ttl * NS_PER_S, formula: 'T' },
    {
      metric: 'stale.answers',
      kind: 'statistical',
      value: model.rate * window,
      formula: 'λ h T / 2',
    },
    { metric: 'staleness.max', kind: 'at most', value: worstNs, formula: 'T + one way' },
  ];
}

export const churnExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E5',
  title: 'Continual change',
  quote: 'Low TTL: consistent',
  question: 'A record changes all the time. How many answers are old?',
  explanation:
    'An answer out of the cache is fresh when nothing has changed since it was fetched. Its ' +
    'age is ' +
    'uniform between 0 and T, changes come μ times a second, so of the hits (1 − e^(−μT)) / (μT) ' +
    'are fresh: stale = h (1 − (1 − e^(−μT)) / (μT)). Even without a cache an answer may be ' +
    'overtaken on its way.',
  lookFor: ['Halving the TTL does not halve the stale answers while μT is large.'],
  parameters: {
    ...COMMON,
    rate: { ...COMMON.rate, default: 0.01 },
    ttl: { ...COMMON.ttl, default: '5m' },
    changes: {
      kind: 'number',
      default: 0.002,
      min: 0.000_001,
      max: 10,
      help: 'changes a second (μ)',
    },
  },
  mutants: {},
  async play(values, { seed }) {
    const cycles = new CacheCycles();
    const { traceHash } = await runTtl({
      ...runOf(values, seed),
      changes: (random) => poisson(values.changes, random),
      onQuery: (query) => cycles.observe(query),
    });
    const model = modelOf(values);
    const worstNs = (model.ttl + wayOf(values)) * NS_PER_S;
    return {
      measurements: {
        hitRatio: cycles.hitRatio,
        'stale.answers': cycles.staleRatio,
        'staleness.max': cycles.maxStaleness,
      },
      predictions: [
        {
          metric: 'hitRatio',
          kind: 'statistical',
          value: hitRatio(model),
          formula: 'λT / (1 + λ(T + d))',
        },
        {
          metric: 'stale.answers',
          kind: 'statistical',
          value: staleRatio(model, values.changes, wayOf(values)),
          formula: 'h (1 − (1 − e^(−μT)) / (μT)), and what is overtaken on its way',
          cite: 'Bahat and Makowski 2005',
        },
        { metric: 'staleness.max', kind: 'at most', value: worstNs, formula: 'T + one way' },
      ],
      traceHash,
    };
  },
});
