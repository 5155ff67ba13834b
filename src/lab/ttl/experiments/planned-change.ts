/** E14: lower the TTL, wait, change, raise it again (RFC 1034 §4.2.2, RFC 9199 §3.5). */

import { SeededRandom } from '../../../sim/random.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import { DnsClass, RRType } from '../../../wire/iana.ts';
import { nameOf } from '../../../wire/name-text.ts';
import { ParameterError, type ValuesOf } from '../../experiment/parameters.ts';
import type { Measurement, Prediction } from '../../experiment/prediction.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { COMMON, secondsOf, wayOf } from '../common-parameters.ts';
import { hitRatio, type CacheModel } from '../formulas.ts';
import {
  authoritiesOf,
  DOMAIN,
  domainZone,
  RESOLVER_ADDRESS,
  versionAddress,
} from '../one-zone.ts';
import { SampleMean } from '../regenerative.ts';
import type { ScenarioEvent, TtlScenario } from '../scenario.ts';
import { runScenario } from '../scenario-run.ts';
import { MAX_DAYS } from '../ttl-run.ts';

const PARAMETERS = {
  rate: { ...COMMON.rate, default: 0.05 },
  ttl: { ...COMMON.ttl, default: '1h', min: '10s' },
  'low-ttl': {
    kind: 'duration',
    default: '1m',
    min: '1s',
    max: '1d',
    help: 'TTL during the change, whole seconds',
  },
  lead: {
    kind: 'duration',
    default: '70m',
    max: '7d',
    help: 'from the lowering of the TTL to the change',
  },
  rounds: { kind: 'count', default: 100, min: 5, max: 10_000, help: 'changes, one after another' },
  'client-delay': COMMON['client-delay'],
  'server-delay': COMMON['server-delay'],
} as const;
type Values = ValuesOf<typeof PARAMETERS>;

export const plannedChangeExperiment: WorldExperiment = defineWorldExperiment({
  id: 'E14',
  title: 'The planned change',
  quote: 'Low TTL: consistent',
  question: 'A change is known beforehand. How early must the TTL be lowered for it?',
  explanation:
    'Records with the old TTL leave the caches at most that TTL after it was lowered. Who has ' +
    'waited so long finds only records with the low one, and after the change λ h T_low / 2 ' +
    'answers are old, none of them for longer than T_low. Who waits for L less than the old TTL ' +
    'T finds caches that are wrong for T − L.',
  lookFor: [
    '`--lead 30m`: the worst staleness is half an hour, and the low TTL was for nothing.',
    'Between the lowering and the raising the authority has the load of the low TTL.',
  ],
  parameters: PARAMETERS,
  mutants: {},
  async play(values, { seed }) {
    const scenario = scenarioOf(values, seed);
    const rounds = { answers: new SampleMean(), worstMs: 0 };
    const counts = new Array<number>(values.rounds).fill(0);
    const { traceHash } = await runScenario(scenario, {
      onAnswer: ({ staleMs, atMs }) => {
        if (staleMs === 0) return;
        rounds.worstMs = Math.max(rounds.worstMs, staleMs);
        const round = Math.floor(atMs / roundMs(values));
        if (round < counts.length) counts[round]! += 1;
      },
    });
    for (const count of counts) rounds.answers.add(count);
    const measurements: Record<string, Measurement> = {
      'staleness.max': { value: Math.round(rounds.worstMs * NS_PER_MS), unit: 'ns' },
      'stale.answers': rounds.answers.measurement('count'),
    };
    return { measurements, predictions: predict(values), traceHash };
  },
});

/**
 * Old TTL to warm up and up to one more, for caches that were filled just after the last change
 * must not all be empty just before the next; the lead; low TTLs after the change; old TTL to cool.
 */
function roundMs({ ttl, lead, 'low-ttl': low }: Values): number {
  return (3 * ttl + lead + 2 * low) / NS_PER_MS;
}

function predict(values: Values): readonly Prediction[] {
  const { ttl, lead } = values;
  const low = values['low-ttl'];
  const worst: Prediction = {
    metric: 'staleness.max',
    kind: 'at most',
    value: Math.max(low, ttl - lead) + values['server-delay'],
    formula: lead >= ttl ? 'T_low + one way' : 'max(T_low, T − L) + one way',
    cite: 'RFC 9199 §3.5',
  };
  // Only some low TTLs after the last old record is gone does chance know nothing of it any more.
  if (lead < ttl + 5 * low) return [worst];
  const model: CacheModel = {
    rate: values.rate,
    ttl: secondsOf(low),
    fetching: 2 * wayOf(values),
  };
  return [
    worst,
    {
      metric: 'stale.answers',
      kind: 'statistical',
      value: (model.rate * hitRatio(model) * model.ttl) / 2,
      formula: 'λ h T_low / 2',
    },
  ];
}

function scenarioOf(values: Values, seed: string): TtlScenario {
  const durationMs = values.rounds * roundMs(values);
  if (durationMs > MAX_DAYS * 86_400_000) {
    const days = Math.ceil(durationMs / 86_400_000);
    throw new ParameterError(`rounds: these take ${days} days, and virtual time ends after 103`);
  }
  const [ttl, low] = [secondsOf(values.ttl), secondsOf(values['low-ttl'])];
  const zone = (version: number, ttlSeconds: number) =>
    domainZone({
      serial: version + 1,
      ttlSeconds,
      addresses: new Map([['www', versionAddress(version)]]),
    });
  const random = new SeededRandom(seed, 'lab planned change');
  const events = Array.from({ length: values.rounds }, (_, round): readonly ScenarioEvent[] => {
    const lowerMs = round * roundMs(values) + ttl * 1000 + random.below(ttl * 1000);
    const changeMs = lowerMs + values.lead / NS_PER_MS;
    const raiseMs = changeMs + 2 * low * 1000;
    return [
      { kind: 'zone', atMs: lowerMs, zone: zone(round, low) },
      { kind: 'zone', atMs: changeMs, zone: zone(round + 1, low) },
      { kind: 'zone', atMs: raiseMs, zone: zone(round + 1, ttl) },
    ];
  }).flat();
  const link = { delayMs: values['server-delay'] / NS_PER_MS };
  const clientLink = { delayMs: values['client-delay'] / NS_PER_MS };
  return {
    name: 'planned changes',
    seed,
    durationMs,
    servers: authoritiesOf(zone(0, ttl)),
    resolvers: [
      { name: 'resolver', address: RESOLVER_ADDRESS, servesStale: false, prefetch: false },
    ],
    populations: [{ name: 'clients', count: 1, resolver: 'resolver' }],
    links: [
      { from: ['*'], to: ['*'], link },
      { from: ['clients'], to: ['resolver'], link: clientLink },
      { from: ['resolver'], to: ['clients'], link: clientLink },
    ],
    workload: [
      {
        population: 'clients',
        questions: [{ name: nameOf(`www.${DOMAIN}`), type: RRType.A, class: DnsClass.IN }],
        arrivals: { kind: 'poisson', perSecond: values.rate },
      },
    ],
    events,
  };
}
