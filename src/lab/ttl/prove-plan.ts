/**
 * Plays a planned change with the real resolver in virtual time, in front of several kinds of
 * cache, and counts who is told the old data, or nothing at all, after the old service was switched
 * off: nobody, or the plan is wrong. And the same for an operator who changes at once and waits for
 * nothing.
 */

import { DnsClass, RRType } from '../../wire/iana.ts';
import type { Question } from '../../wire/record.ts';
import type { Zone } from '../../zone/zone.ts';
import { valueOf } from './answers.ts';
import { moveOf, type Move } from './move.ts';
import type { ChangePlan } from './plan.ts';
import type { ResolverNode, ScenarioEvent, TtlScenario } from './scenario.ts';
import { runScenario } from './scenario-run.ts';

const MS = 1000;
/** After the last step, so that what goes wrong late is seen as well. */
const TAIL_SECONDS = 3600;
/** Before the first step: the worst for it are caches that were filled just then. */
const WARM_UP_SECONDS = 10;
/** Questions for each name and cache, about. */
const QUESTIONS = 700;
/** Names asked for where what changes is not asked for by clients: who serves the zone. */
const NAMES_OF_A_MOVE = 3;

export interface PlanProof {
  readonly cache: string;
  /** Answers with old data after the old service was switched off. */
  readonly misled: number;
  /** Questions without an answer after that. */
  readonly failed: number;
  /** Of all that were asked after that. */
  readonly answers: number;
  /** From the switching off to the last of them, in seconds. */
  readonly lastAfterSeconds: number;
}

type Kind = Omit<ResolverNode, 'address'>;
const PLAIN = { servesStale: false, prefetch: false } as const;

const CACHES: readonly Kind[] = [
  { ...PLAIN, name: 'ordinary' },
  { ...PLAIN, name: 'keeps nothing beyond an hour', maxTtlSeconds: 3600 },
  { ...PLAIN, name: 'serves stale', servesStale: true },
  { ...PLAIN, name: 'prefetches', prefetch: true },
  { ...PLAIN, name: 'keeps all for five minutes', minTtlSeconds: 300 },
];
/** Where name servers move, it matters whose word a cache takes. */
const FOLLOWERS: readonly Kind[] = [
  { ...PLAIN, name: 'follows the parent alone', cutRule: 'parent' },
  { ...PLAIN, name: 'follows the zone itself', cutRule: 'child' },
];

/** What clients ask for. Empty when nothing that they see changes, and no server moves. */
export function questionsOf({ changed, movesNameServers }: ChangePlan, zone: Zone): Question[] {
  const seen = changed.flatMap(({ before }) =>
    before && before.type !== RRType.NS
      ? [{ name: before.name, type: before.type, class: DnsClass.IN }]
      : [],
  );
  if (!movesNameServers) return seen;
  const others = [...zone.rrsets()].filter(
    ({ type, name }) =>
      (type === RRType.A || type === RRType.AAAA) && !seen.some((one) => one.name.equals(name)),
  );
  const more = others.slice(0, NAMES_OF_A_MOVE).map(({ name, type }) => {
    return { name, type, class: DnsClass.IN };
  });
  return [...seen, ...more];
}

export function provePlan(before: Zone, plan: ChangePlan): Promise<readonly PlanProof[]> {
  const move = moveOf(before, plan);
  const events = plan.steps.flatMap((step): ScenarioEvent[] => {
    const atMs = (WARM_UP_SECONDS + step.atSeconds) * MS;
    return [
      ...(step.zone ? [{ kind: 'zone', atMs, zone: step.zone } as const] : []),
      ...(step.servers
        ? [{ kind: 'zone', atMs, zone: move.rootNaming(step.servers) } as const]
        : []),
      ...(step.endsOldService ? move.switchOff(atMs) : []),
    ];
  });
  const offSeconds = WARM_UP_SECONDS + plan.safeAfterSeconds;
  return prove(before, plan, { move, events, offSeconds });
}

/** Change and switch off at once, in the middle of caches that are full. */
export function proveImpatience(
  before: Zone,
  after: Zone,
  plan: ChangePlan,
): Promise<readonly PlanProof[]> {
  const move = moveOf(before, plan);
  const offSeconds = WARM_UP_SECONDS + plan.safeAfterSeconds;
  const atMs = offSeconds * MS;
  const servers = plan.steps.findLast((step) => step.servers)?.servers;
  const events: ScenarioEvent[] = [
    { kind: 'zone', atMs, zone: after },
    ...(servers ? [{ kind: 'zone', atMs, zone: move.rootNaming(servers) } as const] : []),
    ...move.switchOff(atMs),
  ];
  return prove(before, plan, { move, events, offSeconds });
}

interface Played {
  readonly move: Move;
  readonly events: readonly ScenarioEvent[];
  readonly offSeconds: number;
}

async function prove(
  before: Zone,
  plan: ChangePlan,
  played: Played,
): Promise<readonly PlanProof[]> {
  const { offSeconds } = played;
  const old = oldValues(plan);
  const caches = plan.movesNameServers ? [...CACHES, ...FOLLOWERS] : CACHES;
  const proofs = new Map(
    caches.map(({ name }) => [name, { misled: 0, failed: 0, answers: 0, last: 0 }]),
  );
  const scenario = scenarioOf(before, plan, { ...played, caches });
  await runScenario(scenario, {
    onAnswer: ({ population, question, value, atMs }) => {
      const proof = proofs.get(population.replace(CLIENTS_OF, ''))!;
      if (atMs <= offSeconds * MS) return;
      proof.answers += 1;
      const isOld = value !== undefined && value === old.get(keyOf(question));
      proof.misled += isOld ? 1 : 0;
      proof.failed += value === undefined ? 1 : 0;
      if (isOld || value === undefined) proof.last = atMs / MS - offSeconds;
    },
  });
  return [...proofs].map(([cache, { last, ...counts }]) => {
    return { cache, ...counts, lastAfterSeconds: last };
  });
}

const CLIENTS_OF = 'clients of: ';

function keyOf({ name, type }: Question): string {
  return `${type} ${name.key}`;
}

/** As clients see them. */
function oldValues({ changed }: ChangePlan): ReadonlyMap<string, string> {
  return new Map(
    changed.flatMap(({ before }) =>
      before ? [[keyOf(before), valueOf(before.type, before.rdatas)] as const] : [],
    ),
  );
}

function scenarioOf(
  zone: Zone,
  plan: ChangePlan,
  played: Played & { readonly caches: readonly Kind[] },
): TtlScenario {
  const { events, offSeconds, caches, move } = played;
  const questions = questionsOf(plan, zone);
  const longest = Math.max(0, ...plan.changed.map((change) => change.before?.ttl ?? 0));
  const wait = plan.movesNameServers ? Math.max(longest, move.parentTtl) : longest;
  const seconds = offSeconds + wait + TAIL_SECONDS;
  // Full in time for the first step, and again just before each event: that is the worst for it.
  const times = new Set(events.map(({ atMs }) => atMs - MS / 2));
  const asks = [MS, ...[...times].toSorted((a, b) => a - b)].map((atMs) => ({ atMs, question: 0 }));
  // Never in step with a TTL.
  const periodMs = Math.floor((seconds * MS) / QUESTIONS) + 7;
  return {
    name: 'a planned change',
    seed: '1',
    durationMs: seconds * MS,
    servers: move.servers,
    resolvers: caches.map((cache, index) => ({ ...cache, address: `203.0.113.${index + 1}` })),
    populations: caches.map(({ name }) => {
      return { name: `${CLIENTS_OF}${name}`, count: 1, resolver: name };
    }),
    links: [],
    workload: caches.flatMap(({ name }) =>
      questions.flatMap((question) => {
        const asked = { population: `${CLIENTS_OF}${name}`, questions: [question] };
        return [
          { ...asked, arrivals: { kind: 'log', asks } as const },
          { ...asked, arrivals: { kind: 'every', periodMs } as const },
        ];
      }),
    ),
    events,
  };
}
