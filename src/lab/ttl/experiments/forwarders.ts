/** E7: a TTL has to age on its way through forwarders. */

import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { poisson } from '../arrivals.ts';
import { COMMON, runOf, secondsOf, wayOf } from '../common-parameters.ts';
import { runTtl } from '../ttl-run.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';

export const forwardersExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E7',
  title: 'Ageing through forwarders',
  quote: 'Cache everywhere',
  question: 'Behind a chain of caches, how old can an answer be?',
  explanation:
    'A cache that gives away a record says how much of its TTL is left, so the next one keeps it ' +
    'for no longer: through any number of forwarders a record dies T after it left its ' +
    'authority. ' +
    'A forwarder that gives it a new life of T (as some home routers do, and as a minimal TTL ' +
    'does ' +
    'to short ones) lets the ages add up to depth × T. Each of them has clients of ' +
    'its own here, or all would forget at the same time.',
  lookFor: ['With `--mutant reset-ttl` the worst staleness grows with the number of forwarders.'],
  parameters: {
    ...COMMON,
    rate: { ...COMMON.rate, default: 0.2 },
    ttl: { ...COMMON.ttl, default: '30s' },
    forwarders: { kind: 'count', default: 2, min: 0, max: 5, help: 'caches before the resolver' },
    changes: {
      kind: 'number',
      default: 0.01,
      min: 0.000_001,
      max: 10,
      help: 'changes of the record a second (μ)',
    },
  },
  mutants: { 'reset-ttl': 'forwarders keep what they get for the whole TTL again' },
  async play(values, { seed, mutant }) {
    const ttl = secondsOf(values.ttl);
    let maxStaleMs = 0;
    let maxTtl = 0;
    const result = await runTtl({
      ...runOf(values, seed),
      forwarders: values.forwarders,
      hasOtherClients: true,
      ...(mutant === 'reset-ttl' && { forwarderTtlSecondsMin: ttl }),
      changes: (random) => poisson(values.changes, random),
      onQuery: ({ staleMs, answer }) => {
        maxStaleMs = Math.max(maxStaleMs, staleMs);
        maxTtl = Math.max(maxTtl, answer?.ttlSeconds ?? 0);
      },
    });
    // What left the authority before the change is on its way through every hop.
    const way = (values.forwarders + 1) * wayOf(values);
    return {
      measurements: {
        changes: { value: result.changes, unit: 'count' },
        'ttl.max': { value: maxTtl * NS_PER_S, unit: 'ns' },
        'staleness.max': { value: maxStaleMs * NS_PER_MS, unit: 'ns' },
      },
      predictions: [
        { metric: 'ttl.max', kind: 'at most', value: ttl * NS_PER_S, formula: 'T' },
        {
          metric: 'staleness.max',
          kind: 'at most',
          value: (ttl + way) * NS_PER_S,
          formula: 'T + the way through all',
        },
      ],
      traceHash: result.traceHash,
    };
  },
});
