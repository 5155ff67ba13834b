/** E6: the TTL that costs least, when questions and lies both have a price. */

import type { Measurement, Prediction } from '../../experiment/prediction.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { poisson } from '../arrivals.ts';
import { COMMON, runOf, wayOf } from '../common-parameters.ts';
import { CacheCycles } from '../cycles.ts';
import { cheapestTtl, staleRatio, upstreamRate } from '../formulas.ts';
import { combinedHash } from '../merge.ts';
import { runTtl } from '../ttl-run.ts';
import { NS_PER_S } from '../../../sim/units.ts';

const FACTORS = [1 / 8, 1 / 2, 1, 2, 8] as const;

export const costExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E6',
  title: 'The cheapest TTL',
  quote: 'Balance, trade-off',
  question:
    'If a question to the authority and a stale answer each have a price, which TTL is best?',
  explanation:
    'A short TTL pays for questions, a long one for stale answers. With λT large and μT small ' +
    'the ' +
    'cost a second is c_q / T + c_s λ μ T / 2, least at T* = √(2 c_q / (c_s λ μ)). Far on either ' +
    'side it rises in proportion; near T* it hardly matters which TTL one takes.',
  lookFor: [
    'Half or twice the best TTL costs 25 % more, an eighth or eight times about four times as ' +
      'much.',
  ],
  parameters: {
    rate: { ...COMMON.rate, default: 1 },
    changes: {
      kind: 'number',
      default: 0.002,
      min: 0.000_000_1,
      max: 10,
      help: 'changes of the record a second (μ)',
    },
    'query-cost': {
      kind: 'number',
      default: 1,
      min: 0.000_001,
      max: 1e9,
      help: 'price of a question to the authority (c_q)',
    },
    'stale-cost': {
      kind: 'number',
      default: 1,
      min: 0.000_001,
      max: 1e9,
      help: 'price of a stale answer (c_s)',
    },
    queries: { ...COMMON.queries, default: 60_000, help: 'questions for each TTL' },
    'client-delay': COMMON['client-delay'],
    'server-delay': COMMON['server-delay'],
  },
  mutants: {},
  async play(values, { seed }) {
    const { rate, changes } = values;
    const costs = { query: values['query-cost'], stale: values['stale-cost'] };
    const best = cheapestTtl(rate, changes, costs);
    const measurements: Record<string, Measurement> = {};
    const predictions: Prediction[] = [];
    const hashes: string[] = [];
    for (const factor of FACTORS) {
      const ttl = Math.max(1, Math.round(best * factor));
      const cycles = new CacheCycles(costs);
      const run = runOf({ ...values, ttl: ttl * NS_PER_S }, seed);
      const { traceHash } = await runTtl({
        ...run,
        changes: (random) => poisson(changes, random),
        onQuery: (query) => cycles.observe(query),
      });
      hashes.push(traceHash);
      const metric = `cost at ${ttl} s`;
      const model = { rate, ttl, fetching: 2 * wayOf(values) };
      const stale = staleRatio(model, changes, wayOf(values));
      measurements[metric] = cycles.cost;
      predictions.push({
        metric,
        kind: 'statistical',
        value: costs.query * upstreamRate(model) + costs.stale * rate * stale,
        formula: factor === 1 ? 'the least: T* = √(2 c_q / (c_s λ μ))' : `T = T* × ${factor}`,
      });
    }
    return { measurements, predictions, traceHash: combinedHash(hashes) };
  },
});
