/**
 * What of a scenario can be played on real sockets with a real resolver in the middle, and the same
 * scenario in a shorter time: what a cache does depends on λT and μT alone, so rates go up by as
 * much as TTLs go down.
 */

import type { Zone } from '../../zone/zone.ts';
import { longestTtl } from './scenario-bounds.ts';
import type { Arrivals, ScenarioEvent, TtlScenario } from './scenario.ts';
import { withTtl } from './zone-edit.ts';

/** Resolvers count whole seconds; of ten one is an error that can be borne. */
const SHORTEST_TTL_SECONDS = 10;
/** What the loopback of a machine takes, roughly. */
const LOOPBACK_WAY_MS = 0.05;

/** Why it cannot be played so; undefined when it can. */
export function obstacleToReal(scenario: TtlScenario): string | undefined {
  const { servers, resolvers, links, events } = scenario;
  const [resolver] = resolvers;
  if (!resolver || resolvers.length > 1) {
    return `it has ${resolvers.length} resolvers, and one is replaced by a real one`;
  }
  const { servesStale, prefetch, maxTtlSeconds, minTtlSeconds } = resolver;
  if (servesStale || prefetch || (maxTtlSeconds ?? minTtlSeconds) !== undefined) {
    return `${resolver.name} has rules of its own, and the real one has those of its program`;
  }
  if (servers.some(({ copies = [] }) => copies.length > 0)) {
    return 'it has a secondary, which takes its zone in virtual time only';
  }
  if (links.some(({ link }) => (link.loss ?? 0) > 0 || (link.jitterMs ?? 0) > 0)) {
    return 'it has links that lose or delay by chance, and the loopback does neither';
  }
  const other = events.find(({ kind }) => kind !== 'zone' && kind !== 'churn');
  if (other) return `it has an event '${other.kind}', which is made in virtual time only`;
  const ttl = longestTtl(scenario);
  if (ttl > 0 && ttl < SHORTEST_TTL_SECONDS) {
    const least = `resolvers count whole seconds: ${SHORTEST_TTL_SECONDS} are the least`;
    return `its TTL is ${ttl} s, and ${least}`;
  }
  return undefined;
}

/** In a `factor`th of the time, with the delays of a loopback. */
export function scaleScenario(scenario: TtlScenario, factor: number): TtlScenario {
  const questions = scenario.workload.flatMap((workload) => workload.questions);
  const shorter = (zone: Zone): Zone =>
    questions.reduce((next, question) => {
      const ttl = zone.rrset(question.name, question.type)?.ttl;
      return ttl === undefined ? next : withTtl(next, question, Math.round(ttl / factor));
    }, zone);
  const scaleZone = factor === 1 ? (zone: Zone): Zone => zone : shorter;
  return {
    ...scenario,
    durationMs: scenario.durationMs / factor,
    servers: scenario.servers.map((one) => ({ ...one, zones: one.zones.map(scaleZone) })),
    links: [{ from: ['*'], to: ['*'], link: { delayMs: LOOPBACK_WAY_MS } }],
    workload: scenario.workload.map((one) => {
      return { ...one, arrivals: scaleArrivals(one.arrivals, factor) };
    }),
    events: scenario.events.map((event) => scaleEvent(event, factor, scaleZone)),
  };
}

function scaleArrivals(arrivals: Arrivals, factor: number): Arrivals {
  switch (arrivals.kind) {
    case 'poisson':
    case 'diurnal':
      return { ...arrivals, perSecond: arrivals.perSecond * factor };
    case 'every':
      return { ...arrivals, periodMs: arrivals.periodMs / factor };
    case 'log':
      return {
        ...arrivals,
        asks: arrivals.asks.map((ask) => ({ ...ask, atMs: ask.atMs / factor })),
      };
  }
}

function scaleEvent(
  event: ScenarioEvent,
  factor: number,
  scaleZone: (zone: Zone) => Zone,
): ScenarioEvent {
  const when = {
    atMs: event.atMs / factor,
    ...(event.forMs !== undefined && { forMs: event.forMs / factor }),
  };
  if (event.kind === 'zone') return { ...event, ...when, zone: scaleZone(event.zone) };
  if (event.kind === 'churn') return { ...event, ...when, perSecond: event.perSecond * factor };
  return { ...event, ...when };
}
