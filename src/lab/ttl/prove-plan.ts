/**
 * Plays a planned change with the real resolver in virtual time, in front of several kinds of
 * cache, and counts who is told the old data after the old service was switched off: nobody, or the
 * plan is wrong. And the same for an operator who changes at once and waits for nothing.
 */

import { bytesToAddress } from '../../net/address.ts';
import { DnsClass, RRType } from '../../wire/iana.ts';
import type { Question } from '../../wire/record.ts';
import type { Zone } from '../../zone/zone.ts';
import type { ChangePlan } from './plan.ts';
import type { ResolverNode, ScenarioEvent, TtlScenario } from './scenario.ts';
import { runScenario } from './scenario-run.ts';
import { LAB_ROOT_ADDRESS, rootTextAbove, zoneOfText } from './zone-text.ts';

const DOMAIN_ADDRESS = '192.0.2.53';
const MS = 1000;
/** After the last step, so that what goes wrong late is seen as well. */
const TAIL_SECONDS = 3600;
/** Before the first step: the worst for it are caches that were filled just then. */
const WARM_UP_SECONDS = 10;
/** Questions for each name and cache, about. */
const QUESTIONS = 2000;

export interface PlanProof {
  readonly cache: string;
  /** Answers with old data after the old service was switched off. */
  readonly misled: number;
  /** Of all answers after that. */
  readonly answers: number;
  /** From the switching off to the last of them, in seconds. */
  readonly lastAfterSeconds: number;
}

const CACHES: readonly Omit<ResolverNode, 'address'>[] = [
  { name: 'ordinary', servesStale: false, prefetch: false },
  {
    name: 'keeps nothing beyond an hour',
    servesStale: false,
    prefetch: false,
    maxTtlSeconds: 3600,
  },
  { name: 'serves stale', servesStale: true, prefetch: false },
  { name: 'prefetches', servesStale: false, prefetch: true },
  { name: 'keeps all for five minutes', servesStale: false, prefetch: false, minTtlSeconds: 300 },
];

/** Addresses only: what clients connect to. Empty when no address changes. */
export function questionsOf({ changed }: ChangePlan): readonly Question[] {
  return changed.flatMap(({ before }) =>
    before && (before.type === RRType.A || before.type === RRType.AAAA)
      ? [{ name: before.name, type: before.type, class: DnsClass.IN }]
      : [],
  );
}

export function provePlan(before: Zone, plan: ChangePlan): Promise<readonly PlanProof[]> {
  const events = plan.steps.flatMap(({ atSeconds, zone }): ScenarioEvent[] =>
    zone ? [{ kind: 'zone', atMs: (WARM_UP_SECONDS + atSeconds) * MS, zone }] : [],
  );
  return prove(before, plan, { events, offSeconds: WARM_UP_SECONDS + plan.safeAfterSeconds });
}

/** Change and switch off at once, in the middle of caches that are full. */
export function proveImpatience(
  before: Zone,
  after: Zone,
  plan: ChangePlan,
): Promise<readonly PlanProof[]> {
  const offSeconds = WARM_UP_SECONDS + plan.safeAfterSeconds;
  const events: ScenarioEvent[] = [{ kind: 'zone', atMs: offSeconds * MS, zone: after }];
  return prove(before, plan, { events, offSeconds });
}

async function prove(
  before: Zone,
  plan: ChangePlan,
  {
    events,
    offSeconds,
  }: { readonly events: readonly ScenarioEvent[]; readonly offSeconds: number },
): Promise<readonly PlanProof[]> {
  const questions = questionsOf(plan);
  const longest = Math.max(0, ...plan.changed.map((change) => change.before?.ttl ?? 0));
  const seconds = offSeconds + longest + TAIL_SECONDS;
  const old = oldValues(plan);
  const proofs = new Map(CACHES.map(({ name }) => [name, { misled: 0, answers: 0, last: 0 }]));
  await runScenario(scenarioOf(before, { questions, events, seconds }), {
    onAnswer: ({ population, question, value, atMs }) => {
      const proof = proofs.get(population.replace(CLIENTS_OF, ''))!;
      if (atMs <= offSeconds * MS) return;
      proof.answers += 1;
      if (value !== old.get(keyOf(question))) return;
      proof.misled += 1;
      proof.last = atMs / MS - offSeconds;
    },
  });
  return [...proofs].map(([cache, { misled, answers, last }]) => {
    return { cache, misled, answers, lastAfterSeconds: last };
  });
}

const CLIENTS_OF = 'clients of: ';

function keyOf({ name, type }: Question): string {
  return `${type} ${name.key}`;
}

/** As clients see them. */
function oldValues({ changed }: ChangePlan): ReadonlyMap<string, string> {
  return new Map(
    changed.flatMap(({ before }) => {
      if (before?.type !== RRType.A && before?.type !== RRType.AAAA) return [];
      return [[keyOf(before), before.rdatas.map(bytesToAddress).toSorted().join(' ')]];
    }),
  );
}

function scenarioOf(
  zone: Zone,
  played: {
    readonly questions: readonly Question[];
    readonly events: readonly ScenarioEvent[];
    readonly seconds: number;
  },
): TtlScenario {
  const { questions, events, seconds } = played;
  // Often enough to fill the caches in the warm-up, and never in step with a TTL.
  const periodMs = Math.min(WARM_UP_SECONDS * MS - 3, Math.floor((seconds * MS) / QUESTIONS) + 7);
  return {
    name: 'a planned change',
    seed: '1',
    durationMs: seconds * MS,
    servers: [
      {
        name: 'root',
        address: LAB_ROOT_ADDRESS,
        zones: [zoneOfText(rootTextAbove(zone.origin, DOMAIN_ADDRESS))],
      },
      { name: 'domain', address: DOMAIN_ADDRESS, zones: [zone] },
    ],
    resolvers: CACHES.map((cache, index) => ({ ...cache, address: `203.0.113.${index + 1}` })),
    populations: CACHES.map(({ name }) => {
      return { name: `${CLIENTS_OF}${name}`, count: 1, resolver: name };
    }),
    links: [],
    workload: CACHES.flatMap(({ name }) =>
      questions.map((question) => ({
        population: `${CLIENTS_OF}${name}`,
        questions: [question],
        arrivals: { kind: 'every', periodMs } as const,
      })),
    ),
    events,
  };
}
