/** E1 and E2: how often the cache knows, and what is left for the authority. */

import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { periodic } from '../arrivals.ts';
import { COMMON, modelOf, runOf } from '../common-parameters.ts';
import { CacheCycles } from '../cycles.ts';
import { hitRatio, upstreamRate, type CacheModel } from '../formulas.ts';
import { combinedHash, meanOf, sumOf } from '../merge.ts';
import { runTtl } from '../ttl-run.ts';
import { NS_PER_S } from '../../../sim/units.ts';

const JUNG = 'Jung, Berger, Balakrishnan, INFOCOM 2003';

const HIT_PARAMETERS = {
  ...COMMON,
  arrivals: {
    kind: 'choice',
    choices: ['poisson', 'periodic'],
    default: 'poisson',
    help: 'independent clients, or one monitor that asks at a fixed period of 1/λ',
  },
} as const;
type Values = ValuesOf<typeof HIT_PARAMETERS>;

export const hitRatioExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E1',
  title: 'Hit ratio against TTL',
  quote: 'High TTL: fast',
  question: 'Of all questions, how many does a cache answer by itself?',
  explanation:
    'A record stays for T seconds after it was fetched. In that time λT more questions come, on ' +
    'average, and all are hits; the next one after it is a miss again. So of 1 + λT questions ' +
    'λT are hits, whatever the units: only the product of rate and TTL counts. Questions at a ' +
    'fixed period s give floor(T / s) hits between two misses, without any chance in it.',
  lookFor: [
    'Doubling the TTL of a record that is hit 90 % of the time halves its misses, and saves 5 %.',
    'Periodic questions: a TTL just below the period is worth nothing at all.',
  ],
  parameters: HIT_PARAMETERS,
  mutants: {},
  predict: predictHits,
  plots: {
    sweeps: [
      {
        title: 'Hit ratio against TTL',
        caption:
          'One question in ten seconds, on average. Line: λT / (1 + λ(T + d)), in steps because ' +
          'a TTL is whole seconds. Points: measured, with 95 % intervals.',
        sweep: { ttl: '1,2,5,10,20,50,100,200,500,1000,2000,5000s', rate: '0.1', queries: '3000' },
        x: { of: 'ttl', label: 'TTL', scale: 'log' },
        y: { of: 'hitRatio', label: 'share of the questions that the cache answers', to: 1 },
      },
    ],
  },
  async play(values, { seed }) {
    const cycles = new CacheCycles();
    const options = runOf(values, seed);
    const isPeriodic = values.arrivals === 'periodic';
    const periodMs = 1000 / values.rate;
    const { traceHash } = await runTtl({
      ...options,
      ...(isPeriodic && { gaps: () => periodic(periodMs, periodMs) }),
      onQuery: (query) => cycles.observe(query),
    });
    const { hitRatio: hits, upstreamQps, meanLatency } = cycles;
    const measurements = { hitRatio: hits, 'upstream.qps': upstreamQps, 'lat.mean': meanLatency };
    return { measurements, predictions: predictHits(values), traceHash };
  },
});

function predictHits(values: Values): readonly Prediction[] {
  const model = modelOf(values);
  return values.arrivals === 'periodic'
    ? periodicPredictions(model)
    : poissonPredictions(model, values['client-delay']);
}

function poissonPredictions(model: CacheModel, clientDelayNs: number): readonly Prediction[] {
  const { rate, fetching } = model;
  // The miss waits for all of the fetching, and those who come meanwhile for half of it.
  const waiting = (fetching * (1 + (rate * fetching) / 2)) / (1 + rate * (model.ttl + fetching));
  return [
    {
      metric: 'hitRatio',
      kind: 'statistical',
      value: hitRatio(model),
      formula: 'λT / (1 + λ(T + d))',
      cite: JUNG,
    },
    {
      metric: 'upstream.qps',
      kind: 'statistical',
      value: upstreamRate(model),
      formula: 'λ / (1 + λ(T + d))',
      cite: JUNG,
    },
    {
      metric: 'lat.mean',
      kind: 'statistical',
      value: 2 * clientDelayNs + waiting * NS_PER_S,
      formula: 'client RTT + (1 − h) d',
    },
  ];
}

function periodicPredictions({ rate, ttl, fetching }: CacheModel): readonly Prediction[] {
  const hits = Math.floor((ttl + fetching) * rate);
  return [
    {
      metric: 'hitRatio',
      kind: 'exact',
      value: hits / (1 + hits),
      formula: 'm / (1 + m), m = floor((T + d) / s)',
      cite: JUNG,
    },
    {
      metric: 'upstream.qps',
      kind: 'exact',
      value: rate / (1 + hits),
      formula: 'λ / (1 + m)',
      cite: JUNG,
    },
  ];
}

export const upstreamExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E2',
  title: 'Load on the authority',
  quote: 'Low TTL: more load',
  question: 'How many questions reach the authority, with many caches and with split ones?',
  explanation:
    'Each cache asks once a cycle: λ / (1 + λT), never more than 1/T. N caches ask N times as ' +
    'often. A resolver that is really a farm of k caches, each getting every k-th question, has ' +
    'k times the misses of one: h = λT / (k + λT).',
  lookFor: ['With a farm of 8 the hit ratio falls though no TTL and no client has changed.'],
  parameters: {
    ...COMMON,
    queries: { ...COMMON.queries, default: 5000 },
    caches: { kind: 'count', default: 3, min: 1, max: 50, help: 'resolvers, each with rate λ (N)' },
    farm: { kind: 'count', default: 1, min: 1, max: 50, help: 'caches within one resolver (k)' },
  },
  mutants: {},
  async play(values, { seed }) {
    const { caches, farm } = values;
    const share = { ...values, rate: values.rate / farm };
    const hashes: string[] = [];
    const all: CacheCycles[] = [];
    for (let cache = 0; cache < caches * farm; cache += 1) {
      const cycles = new CacheCycles();
      const options = runOf(share, `${seed}/${cache}`);
      const { traceHash } = await runTtl({ ...options, onQuery: (query) => cycles.observe(query) });
      hashes.push(traceHash);
      all.push(cycles);
    }
    return {
      measurements: {
        hitRatio: meanOf(all.map((cycles) => cycles.hitRatio)),
        'upstream.qps': sumOf(all.map((cycles) => cycles.upstreamQps)),
      },
      predictions: upstreamPredictions(modelOf(share), caches * farm),
      traceHash: combinedHash(hashes),
    };
  },
});

function upstreamPredictions(model: CacheModel, caches: number): readonly Prediction[] {
  return [
    {
      metric: 'hitRatio',
      kind: 'statistical',
      value: hitRatio(model),
      formula: 'λT / (k + λ(T + d))',
      cite: JUNG,
    },
    {
      metric: 'upstream.qps',
      kind: 'statistical',
      value: caches * upstreamRate(model),
      formula: 'N k λ / (k + λ(T + d))',
      cite: JUNG,
    },
  ];
}
