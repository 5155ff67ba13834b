/** E12: who looks for a name before it exists waits for longer than who does not. */

import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { periodic, recorded } from '../arrivals.ts';
import { runTtl } from '../ttl-run.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';

const PERIOD_MS = 1000;
const CLIENT_DELAY_MS = 1;
const SERVER_DELAY_MS = 10;

export const negativeExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E12',
  title: 'Visit before create',
  quote: 'DNS: eventually consistent',
  question: 'Somebody looks for a name, then it is created. When does it exist for them?',
  explanation:
    'That a name does not exist is cached too, for the smaller of the TTL and the MINIMUM of the ' +
    "zone's SOA (RFC 2308 §5, RFC 9077). Looking a moment too early costs that long; who waits " +
    'with the first look sees the new name at once.',
  lookFor: [
    'The first look at all decides: the clock runs from it, not from the creation.',
    'A resolver also has a limit of its own: ours keeps no denial for more than an hour.',
  ],
  parameters: {
    'negative-ttl': {
      kind: 'duration',
      default: '5m',
      min: '1s',
      max: '1h',
      help: 'MINIMUM and TTL of the SOA record',
    },
    create: {
      kind: 'duration',
      default: '2.5s',
      min: '1s',
      max: '1h',
      help: 'from the first look to the creation; must not be whole seconds',
    },
  },
  mutants: {},
  async play(values, { seed }) {
    const negativeSeconds = Math.floor(values['negative-ttl'] / NS_PER_S);
    let firstMs: number | undefined;
    let foundMs: number | undefined;
    let looks = 0;
    const { traceHash } = await runTtl({
      seed,
      ttlSeconds: 300,
      beginsAbsent: true,
      negativeTtlSeconds: negativeSeconds,
      gaps: () => periodic(PERIOD_MS, PERIOD_MS),
      queries: negativeSeconds + Math.ceil(values.create / NS_PER_S) + 10,
      changes: () => recorded([PERIOD_MS + values.create / NS_PER_MS]),
      clientDelayMs: CLIENT_DELAY_MS,
      serverDelayMs: SERVER_DELAY_MS,
      onQuery: ({ askedAtMs, answer }) => {
        firstMs ??= askedAtMs;
        if (foundMs === undefined) looks += 1;
        if (answer?.value.startsWith('10.') === true) foundMs ??= askedAtMs;
      },
    });
    const waitedNs = Math.round(((foundMs ?? NaN) - (firstMs ?? NaN)) * NS_PER_MS);
    const periods = firstLook(negativeSeconds, values.create / NS_PER_MS);
    return {
      measurements: {
        waited: { value: waitedNs, unit: 'ns' },
        looks: { value: looks, unit: 'count' },
      },
      predictions: [
        {
          metric: 'waited',
          kind: 'exact',
          value: periods * PERIOD_MS * NS_PER_MS,
          formula: 'the first refresh after the creation',
          cite: 'RFC 2308 §5',
        },
        { metric: 'looks', kind: 'exact', value: periods + 1, formula: 'one a second' },
      ],
      traceHash,
    };
  },
});

/**
 * The number, from 0, of the look that finds the name: looks come once a period, each denial lives
 * from its arrival at the resolver, and only a look after its end asks the authority again.
 */
function firstLook(negativeSeconds: number, createMs: number): number {
  for (let look = 0, isFirst = true; ; isFirst = false) {
    const askedMs = look * PERIOD_MS + CLIENT_DELAY_MS;
    // The first one walks from the root.
    const roundTrips = isFirst ? 3 : 1;
    const seenMs = askedMs + (2 * roundTrips - 1) * SERVER_DELAY_MS;
    if (seenMs >= createMs) return look;
    const overMs = askedMs + 2 * roundTrips * SERVER_DELAY_MS + negativeSeconds * 1000;
    look = Math.ceil((overMs - CLIENT_DELAY_MS) / PERIOD_MS);
  }
}
