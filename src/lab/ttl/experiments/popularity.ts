/** E8: many names, of which a few are asked all the time. */

import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { chooser, zipfShares } from '../arrivals.ts';
import { COMMON, modelOf, runOf } from '../common-parameters.ts';
import { hitRatio } from '../formulas.ts';
import { RegenerativeRatio } from '../regenerative.ts';
import { runTtl } from '../ttl-run.ts';

/** Long against the TTL, so that batches hardly know of each other. */
const BATCHES = 40;

export const popularityExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E8',
  title: 'Popularity',
  quote: 'High TTL against low TTL',
  question: 'With Zipf popularity, how much does a longer TTL help?',
  explanation:
    'Name i is asked with probability p_i ∝ 1 / i^s. Each is its own cache of rate p_i λ, so the ' +
    'hit ratio of all is Σ p_i · p_i λ T / (1 + p_i λ (T + d)). The popular names are hits ' +
    'with any ' +
    'TTL; a longer one only helps the next ones down the list, of which each brings less.',
  lookFor: [
    'From 5 minutes to an hour the hit ratio grows less than from 30 seconds to 5 minutes: a ' +
      'TTL of a few hundred seconds costs little (Jung et al. 2002).',
  ],
  parameters: {
    ...COMMON,
    rate: { ...COMMON.rate, default: 20 },
    ttl: { ...COMMON.ttl, default: '5m' },
    queries: { ...COMMON.queries, default: 60_000 },
    names: { kind: 'count', default: 1000, min: 1, max: 20_000, help: 'names of the domain' },
    exponent: { kind: 'number', default: 0.91, min: 0, max: 3, help: "Zipf's exponent (s)" },
  },
  mutants: {},
  async play(values, { seed }) {
    const shares = zipfShares(values.names, values.exponent);
    const { rate, ttl, queries } = values;
    const batches = new RegenerativeRatio();
    const perBatch = Math.floor(queries / (BATCHES + 1));
    const warmUpMs = ttl / 1_000_000;
    let startMs: number | undefined;
    let batch = { hits: 0, queries: 0 };
    const { traceHash } = await runTtl({
      ...runOf(values, seed),
      names: values.names,
      choose: (random) => chooser(shares, random),
      onQuery: ({ outcome, askedAtMs }) => {
        startMs ??= askedAtMs;
        // Names that are asked less than once a TTL are as cold at the end as at the beginning.
        if (askedAtMs - startMs < warmUpMs) return;
        batch.queries += 1;
        batch.hits += outcome === 'hit' ? 1 : 0;
        if (batch.queries < perBatch) return;
        batches.add(batch.hits, batch.queries);
        batch = { hits: 0, queries: 0 };
      },
    });
    const model = modelOf(values);
    const expected = shares
      .map((share) => share * hitRatio({ ...model, rate: share * rate }))
      .reduce((sum, one) => sum + one, 0);
    return {
      measurements: { hitRatio: batches.measurement('ratio') },
      predictions: [
        {
          metric: 'hitRatio',
          kind: 'statistical',
          value: expected,
          formula: 'Σ p_i · p_i λT / (1 + p_i λ(T + d))',
          cite: 'Jung, Sit, Balakrishnan, Morris, ToN 2002',
        },
      ],
      traceHash,
    };
  },
});
