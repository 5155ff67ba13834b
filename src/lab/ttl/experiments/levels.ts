/** E3: what each level of caching saves, in round trips. */

import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { periodic } from '../arrivals.ts';
import { runTtl } from '../ttl-run.ts';
import { NS_PER_MS } from '../../../sim/units.ts';

export const levelsExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E3',
  title: 'Levels of caching',
  quote: 'DNS: path + caching',
  question: 'How long does a question take when nothing, the way, or the answer is cached?',
  explanation:
    'With nothing in the cache the resolver walks root → TLD → domain: three round trips. For ' +
    'another name of the same domain the way is known: one. For the same name again: none. What ' +
    'makes DNS fast is the path in the cache, which thousands of names share, more than the names.',
  lookFor: ['The third question takes a client round trip and nothing else.'],
  parameters: {
    'client-delay': {
      kind: 'duration',
      default: '1ms',
      max: '1s',
      help: 'client to resolver, one way',
    },
    'server-delay': {
      kind: 'duration',
      default: '20ms',
      max: '150ms',
      help: 'resolver to any authority, one way',
    },
  },
  mutants: {},
  async play(values, { seed }) {
    const latencies: number[] = [];
    const names = [0, 1, 1];
    const result = await runTtl({
      seed,
      ttlSeconds: 300,
      names: 2,
      gaps: () => periodic(5000, 5000),
      choose: () => () => names.shift() ?? 0,
      queries: 3,
      clientDelayMs: values['client-delay'] / NS_PER_MS,
      serverDelayMs: values['server-delay'] / NS_PER_MS,
      recursion: { priming: false },
      onQuery: ({ latencyMs }) => void latencies.push(Math.round(latencyMs * NS_PER_MS)),
    });
    const [cold = NaN, way = NaN, known = NaN] = latencies;
    const { root, tld, ns } = result.upstream;
    const client = 2 * values['client-delay'];
    const trip = 2 * values['server-delay'];
    const exact = (metric: string, value: number, formula: string) =>
      ({ metric, kind: 'exact', value, formula }) as const;
    return {
      measurements: {
        'lat.cold': { value: cold, unit: 'ns' },
        'lat.way known': { value: way, unit: 'ns' },
        'lat.name known': { value: known, unit: 'ns' },
        'asked.root': { value: root, unit: 'count' },
        'asked.tld': { value: tld, unit: 'count' },
        'asked.domain': { value: ns, unit: 'count' },
      },
      predictions: [
        exact('lat.cold', client + 3 * trip, 'client RTT + 3 server RTT'),
        exact('lat.way known', client + trip, 'client RTT + 1 server RTT'),
        exact('lat.name known', client, 'client RTT'),
        exact('asked.root', 1, '1'),
        exact('asked.tld', 1, '1'),
        exact('asked.domain', 2, 'one a name'),
      ],
      traceHash: result.traceHash,
    };
  },
});
