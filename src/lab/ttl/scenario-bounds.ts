/** What no run of a scenario may exceed: for how long an answer may have been untrue. */

import { RRType } from '../../wire/iana.ts';
import type { Question } from '../../wire/record.ts';
import type { Zone } from '../../zone/zone.ts';
import type { ResolverNode, TtlScenario } from './scenario.ts';

/** What a resolver keeps a record for at most, where it is not told otherwise. */
export const MAX_TTL_SECONDS = 86_400;
/** For how long what is over is served, by default (RFC 8767 §5). */
const STALE_SECONDS = 86_400;
/** What is on its way to a client's resolver when the record changes. */
const USUAL_WAY_MS = 10;

/** Of everything that is asked for, before and after every change. */
export function longestTtl(scenario: TtlScenario): number {
  const zones = [
    ...scenario.servers.flatMap((server) => server.zones),
    ...scenario.events.flatMap((event) => (event.kind === 'zone' ? [event.zone] : [])),
  ];
  const questions = scenario.workload.flatMap((workload) => workload.questions);
  return questions.reduce((longest, question) => {
    return zones.reduce((most, zone) => Math.max(most, ttlIn(zone, question)), longest);
  }, 0);
}

/** Of the record, or of the knowledge that there is none (RFC 2308 §5). */
function ttlIn(zone: Zone, { name, type }: Question): number {
  if (!name.isSubdomainOf(zone.origin)) return 0;
  const found = zone.find(name, type);
  if (found.kind === 'answer') return zone.rrset(name, type)?.ttl ?? 0;
  if (found.kind === 'referral') return 0;
  const soa = zone.rrset(zone.origin, RRType.SOA);
  const minimum = soa?.rdatas[0]?.slice(-4);
  if (!soa || !minimum) return 0;
  return Math.min(soa.ttl, new DataView(minimum.buffer).getUint32(0));
}

/** Milliseconds, in the worst case of all clients. */
export function worstStalenessMs(scenario: TtlScenario): number {
  const { resolvers } = scenario;
  const ttl = longestTtl(scenario);
  const copiedMs = longestExpire(scenario) * 1000;
  const worst = resolvers.map((resolver) => {
    const chain = chainFrom(resolver, resolvers);
    // The first that fetches decides for how long; who forwards may lengthen it once more.
    const lives = chain.map(({ minTtlSeconds = 0, maxTtlSeconds = MAX_TTL_SECONDS }) =>
      Math.min(Math.max(ttl, minTtlSeconds), maxTtlSeconds),
    );
    const lengthened = chain.reduce((sum, { minTtlSeconds = 0 }) => sum + minTtlSeconds, 0);
    const stale = chain.filter(({ servesStale }) => servesStale).length * STALE_SECONDS;
    const ways = (chain.length + (copiedMs > 0 ? 1 : 0)) * wayMs(scenario);
    return copiedMs + (Math.max(...lives) + lengthened + stale) * 1000 + ways;
  });
  return Math.max(0, ...worst) * slowestClock(scenario);
}

/** How many times as long as it should the slowest of them makes a second. */
function slowestClock({ events }: TtlScenario): number {
  const drifts = events.map((event) => (event.kind === 'clock' ? Math.abs(event.ppm) : 0));
  return 1 / (1 - Math.max(0, ...drifts) / 1_000_000);
}

/** For how long a secondary may be without its primary (RFC 1035 §3.3.13); 0 without any. */
function longestExpire({ servers }: TtlScenario): number {
  const copied = servers.flatMap(({ copies = [] }) => copies);
  const zones = servers
    .flatMap((server) => server.zones)
    .filter(({ origin }) => copied.some((copy) => copy.origin.equals(origin)));
  return Math.max(0, ...zones.map(expireOf));
}

function expireOf({ soa }: Zone): number {
  const rdata = soa.rdatas[0]!;
  return new DataView(rdata.buffer, rdata.byteOffset).getUint32(rdata.length - 8);
}

/** The resolver and those that it asks, as far as the chain goes. */
function chainFrom(
  resolver: ResolverNode,
  all: readonly ResolverNode[],
): readonly [ResolverNode, ...ResolverNode[]] {
  const chain: [ResolverNode, ...ResolverNode[]] = [resolver];
  for (let at = resolver; at.forwardTo !== undefined && chain.length <= all.length;) {
    const next = all.find(({ address }) => address === at.forwardTo);
    if (!next) break;
    chain.push(next);
    at = next;
  }
  return chain;
}

/** The longest of all links, one way. */
function wayMs({ links }: TtlScenario): number {
  const ways = links.map(({ link }) => (link.delayMs ?? 0) + (link.jitterMs ?? 0));
  return Math.max(USUAL_WAY_MS, ...ways);
}
