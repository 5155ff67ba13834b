/** Everything that the cache has at a name, live or stale, for people and programs. */

import type { Cache } from '../../cache/cache.ts';
import type { Delegation } from '../../cache/delegation-cache.ts';
import { entriesOf, ownerOf, type CacheEntry } from '../../cache/inspection.ts';
import { Credibility } from '../../cache/record-cache.ts';
import { secondsLeft } from '../../cache/ttl.ts';
import type { Clock } from '../../net/ports.ts';
import { rcodeText, typeText } from '../../wire/iana.ts';
import type { DnsName } from '../../wire/name.ts';
import { printRdata } from '../../wire/rdata/rdata.ts';

/** Walks the whole cache: a question of people, whom a moment does not matter. */
export function lookUpInCache(cache: Cache, name: DnsName, clock: Clock): object {
  const nowMs = clock.monotonic();
  const entries: object[] = [];
  for (const entry of entriesOf(cache)) {
    if (entry.kind === 'delegation' || !ownerOf(entry).equals(name)) continue;
    entries.push(describe(entry, nowMs));
  }
  const delegation = cache.delegations.closest(name);
  return {
    name: name.toString(),
    entries,
    ...(delegation && { delegation: describeDelegation(delegation, nowMs) }),
  };
}

function describe(entry: Exclude<CacheEntry, { kind: 'delegation' }>, nowMs: number): object {
  const { kind } = entry;
  const times = timesOf(entry.expiresAtMs, nowMs);
  switch (entry.kind) {
    case 'records': {
      const { type, rdatas } = entry.rrset;
      const data = rdatas.map((rdata) => printRdata(type, rdata));
      const credibility = CREDIBILITIES.get(entry.credibility) ?? String(entry.credibility);
      return { kind, type: typeText(type), ...times, credibility, data };
    }
    case 'negative': {
      const { rcode, type, soa } = entry;
      const denied = type === undefined ? {} : { type: typeText(type) };
      const found = type === undefined ? rcodeText(rcode) : 'NODATA';
      return { kind, ...denied, ...times, found, zone: soa.name.toString() };
    }
    case 'failure':
      return { kind, type: typeText(entry.type), ...times, why: entry.text };
  }
}

/** What is left, or since when it is over: such data are kept to be served stale (RFC 8767). */
function timesOf(expiresAtMs: number, nowMs: number): object {
  if (nowMs < expiresAtMs) return { ttl: secondsLeft(expiresAtMs, nowMs) };
  return { ttl: 0, staleForSeconds: Math.floor((nowMs - expiresAtMs) / 1000) };
}

function describeDelegation({ zone, nameServers, expiresAtMs }: Delegation, nowMs: number): object {
  return {
    zone: zone.toString(),
    ttl: secondsLeft(expiresAtMs, nowMs),
    servers: nameServers.map(({ name, addresses }) => ({ name: name.toString(), addresses })),
  };
}

const CREDIBILITIES: ReadonlyMap<number, string> = new Map<number, string>([
  [Credibility.NON_AUTHORITATIVE_ANSWER, 'answer'],
  [Credibility.AUTHORITY, 'authority'],
  [Credibility.AUTHORITATIVE_ANSWER, 'authoritative answer'],
]);
