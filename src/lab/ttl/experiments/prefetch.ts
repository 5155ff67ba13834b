/** E13: a popular record is fetched again before it is over. */

import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { COMMON, modelOf, runOf } from '../common-parameters.ts';
import { hitRatio } from '../formulas.ts';
import { RegenerativeRatio } from '../regenerative.ts';
import { runTtl } from '../ttl-run.ts';

export const prefetchExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E13',
  title: 'Prefetch',
  quote: 'Fast and fresh, for a price',
  question: 'What if the resolver refreshes popular records in the last tenth of their TTL?',
  explanation:
    'The first hit in the last tenth of the TTL sets off a refresh behind it. While λT is ' +
    'large no ' +
    'client waits any more, but in the rare case that nobody comes in that tenth, with ' +
    'probability ' +
    'e^(−λT/10). The authority is asked every 0.9 T and a little instead of every T and a ' +
    'little: ' +
    'about a ninth more often.',
  lookFor: ['The hit ratio with and without: `--prefetch false`.'],
  parameters: {
    ...COMMON,
    rate: { ...COMMON.rate, default: 2 },
    ttl: { ...COMMON.ttl, default: '60s' },
    queries: { ...COMMON.queries, default: 40_000 },
    prefetch: { kind: 'flag', default: true, help: 'whether popular records are refreshed early' },
  },
  mutants: {},
  async play(values, { seed }) {
    const missRatios = new RegenerativeRatio();
    let cycleOfClients = { misses: 0, queries: 0 };
    let lastMs: number | undefined;
    const cycles = new RegenerativeRatio();
    const { traceHash } = await runTtl({
      ...runOf(values, seed),
      recursion: { prefetch: values.prefetch },
      onUpstream: (atMs) => {
        if (lastMs !== undefined) {
          cycles.add(1, (atMs - lastMs) / 1000);
          missRatios.add(cycleOfClients.misses, cycleOfClients.queries);
        }
        cycleOfClients = { misses: 0, queries: 0 };
        lastMs = atMs;
      },
      onQuery: ({ outcome }) => {
        cycleOfClients.queries += 1;
        cycleOfClients.misses += outcome === 'hit' ? 0 : 1;
      },
    });
    const model = modelOf(values);
    const { rate, ttl, fetching } = model;
    // A cycle ends with the first hit in the last tenth, or else the first after the end.
    const quiet = Math.exp((-rate * ttl) / 10);
    const early = 0.9 * ttl + (1 - quiet) / rate + fetching;
    const late = quiet * (1 / rate + fetching);
    const cycle = values.prefetch ? early + late : ttl + 1 / rate + fetching;
    const missRatio = values.prefetch ? quiet / (cycle * rate) : 1 - hitRatio(model);
    return {
      measurements: {
        'miss.ratio': missRatios.measurement('ratio'),
        'upstream.qps': cycles.measurement('per second'),
      },
      predictions: [
        {
          metric: 'miss.ratio',
          kind: 'statistical',
          value: missRatio,
          formula: values.prefetch ? 'e^(−λT/10) / (λ cycle)' : '1 − h',
        },
        {
          metric: 'upstream.qps',
          kind: 'statistical',
          value: 1 / cycle,
          formula: values.prefetch ? '1 / (0.9 T + 1/λ + d)' : '1 / (T + 1/λ + d)',
        },
      ],
      traceHash,
    };
  },
});
