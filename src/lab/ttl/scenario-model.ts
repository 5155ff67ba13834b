/**
 * What theory says about a scenario, where it says anything: Poisson questions to resolvers that
 * walk by themselves, zones that change at most by churn, no faults. Undefined otherwise.
 */

import type { Question } from '../../wire/record.ts';
import { cheapestTtl, hitRatio, meanStaleness, staleRatio, upstreamRate } from './formulas.ts';
import { MAX_TTL_SECONDS } from './scenario-bounds.ts';
import type { LinkRule, ResolverNode, TtlScenario } from './scenario.ts';

export interface ScenarioModel {
  readonly hitRatio: number;
  readonly staleRatio: number;
  /** Questions per second to the servers of the names, all together. */
  readonly upstreamPerSecond: number;
  /** Of all answers. */
  readonly meanStalenessMs: number;
  readonly queriesPerSecond: number;
  /** With the least cost, in seconds: of one question at one cache, where there are costs. */
  readonly cheapestTtl?: number;
}

const DEFAULT_DELAY_MS = 10;

interface Stream {
  readonly question: Question;
  readonly resolver: ResolverNode;
  perSecond: number;
}

export function modelScenario(scenario: TtlScenario): ScenarioModel | undefined {
  const isPlain =
    scenario.events.every(({ kind }) => kind === 'churn') &&
    scenario.servers.every(({ copies = [] }) => copies.length === 0) &&
    scenario.resolvers.every(({ forwardTo, prefetch }) => forwardTo === undefined && !prefetch) &&
    scenario.links.every(({ link }) => (link.loss ?? 0) === 0 && (link.jitterMs ?? 0) === 0);
  const streams = isPlain ? streamsOf(scenario) : undefined;
  if (!streams) return undefined;
  const total = streams.reduce((sum, { perSecond }) => sum + perSecond, 0);
  let hits = 0;
  let stale = 0;
  let upstream = 0;
  let staleness = 0;
  for (const { question, resolver, perSecond } of streams) {
    const found = recordOf(scenario, question);
    if (!found) return undefined;
    const { maxTtlSeconds = MAX_TTL_SECONDS, minTtlSeconds = 0 } = resolver;
    const ttl = Math.min(Math.max(found.ttl, minTtlSeconds), maxTtlSeconds);
    const way = delayMs(scenario.links, resolver.name, found.server) / 1000;
    const model = { rate: perSecond, ttl, fetching: 2 * way };
    hits += (perSecond / total) * hitRatio(model);
    stale += (perSecond / total) * staleRatio(model, churnOf(scenario, question), way);
    upstream += upstreamRate(model);
    staleness += (perSecond / total) * meanStaleness(model, churnOf(scenario, question));
  }
  const cheapest = cheapestOf(scenario, streams);
  return {
    hitRatio: hits,
    staleRatio: stale,
    upstreamPerSecond: upstream,
    meanStalenessMs: staleness * 1000,
    queriesPerSecond: total,
    ...(cheapest !== undefined && { cheapestTtl: cheapest }),
  };
}

function cheapestOf(scenario: TtlScenario, streams: readonly Stream[]): number | undefined {
  const [only, ...others] = streams;
  const changes = only ? churnOf(scenario, only.question) : 0;
  if (!only || others.length > 0 || changes === 0 || !scenario.costs) return undefined;
  return cheapestTtl(only.perSecond, changes, scenario.costs);
}

/** Each question at each resolver with its rate; undefined where arrivals are not Poisson. */
function streamsOf({ workload, populations, resolvers }: TtlScenario): Stream[] | undefined {
  const streams = new Map<string, Stream>();
  for (const { population, questions, shares, arrivals } of workload) {
    if (arrivals.kind !== 'poisson') return undefined;
    const asks = populations.find(({ name }) => name === population)?.resolver;
    const resolver = resolvers.find(({ name }) => name === asks);
    if (!resolver) return undefined;
    for (const [index, question] of questions.entries()) {
      const key = `${resolver.name} ${question.type} ${question.name.key}`;
      const stream = streams.get(key) ?? { question, resolver, perSecond: 0 };
      stream.perSecond += arrivals.perSecond * (shares?.[index] ?? (index === 0 ? 1 : 0));
      streams.set(key, stream);
    }
  }
  return [...streams.values()].filter(({ perSecond }) => perSecond > 0);
}

function recordOf(
  { servers }: TtlScenario,
  { name, type }: Question,
): { readonly ttl: number; readonly server: string } | undefined {
  for (const { name: server, zones } of servers) {
    for (const zone of zones) {
      const rrset = zone.find(name, type).kind === 'answer' ? zone.rrset(name, type) : undefined;
      if (rrset) return { ttl: rrset.ttl, server };
    }
  }
  return undefined;
}

function churnOf({ events }: TtlScenario, { name, type }: Question): number {
  return events
    .flatMap((event) => (event.kind === 'churn' ? [event] : []))
    .filter(({ question }) => question.type === type && question.name.equals(name))
    .reduce((sum, { perSecond }) => sum + perSecond, 0);
}

function delayMs(links: readonly LinkRule[], one: string, other: string): number {
  const fits = (names: readonly string[], name: string): boolean =>
    names.includes('*') || names.includes(name);
  const rule = links.findLast(({ from, to }) => fits(from, one) && fits(to, other));
  return rule?.link.delayMs ?? DEFAULT_DELAY_MS;
}
