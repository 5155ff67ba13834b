/**
 * What must hold whatever the attack: nothing made up is kept or told outside the attacker's zones
 * (taint), no client query costs more than its budget (work), others are served meanwhile
 * (liveness), and nothing is left behind (leak). None of them knows an attack, so they also see
 * those that nobody thought of.
 */
import { expect } from 'vitest';

import { cacheLimits, type CacheLimits } from '../../src/cache/limits.ts';
import type { Resolution } from '../../src/resolver/chain.ts';
import type { Resolver } from '../../src/resolver/resolver.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { questionOf, showRRset, type Internet } from '../resolver/fixture.ts';

/** The marks of everything that an attacker makes up. */
export const TAINT: RegExp = /203\.0\.113\.|taint/;

/** Every line of the cache that is not under one of `owned` and bears the mark. */
export function taintIn({ cache }: Resolver, owned: readonly string[]): readonly string[] {
  const apexes = owned.map((name) => nameOf(name));
  const lines: string[] = [];
  const add = (name: ReturnType<typeof nameOf>, line: string): void => {
    const isOwned = apexes.some((apex) => name.isSubdomainOf(apex));
    if (!isOwned && TAINT.test(line)) lines.push(line);
  };
  for (const rrset of cache.records.entries()) add(rrset.name, showRRset(rrset));
  for (const { zone, nameServers } of cache.delegations.entries()) {
    for (const { name, addresses } of nameServers) {
      add(zone, `${zone.toString()} NS ${name.toString()} ${addresses.join(' ')}`);
    }
  }
  for (const { soa } of cache.negatives.entries()) add(soa.name, showRRset(soa));
  return lines;
}

export function expectUntainted(resolver: Resolver, owned: readonly string[]): void {
  expect(taintIn(resolver, owned)).toEqual([]);
}

/** Names of the victims, of every kind that an attacker would want. */
const VICTIM_QUESTIONS = [
  ['www.example.com.', 'A'],
  ['example.com.', 'NS'],
  ['ns.example.com.', 'A'],
  ['example.com.', 'MX'],
  ['near.example.com.', 'A'],
  ['www.alias.org.', 'A'],
  ['alias.org.', 'SOA'],
] as const;

/** All of them resolve as if there had been no attack, once its failures are forgotten. */
export async function expectVictimsUnharmed(internet: Internet, resolver: Resolver): Promise<void> {
  for (const [name, type] of VICTIM_QUESTIONS) {
    const outcome = await internet.ask(resolver, name, type);
    expect(outcome, `${name} ${type}`).toMatch(/^NOERROR/);
    expect(outcome, `${name} ${type}`).not.toMatch(TAINT);
  }
}

const HOUR_MS = 3_600_000;

/** Containers allocate their slots at once, which costs time; and small ones are full sooner. */
export const smallCaches: CacheLimits = {
  ...cacheLimits,
  recordOctets: 1e6,
  negativeOctets: 1e6,
  delegationOctets: 1e6,
  failureOctets: 1e6,
};

/** After an hour of quiet: nothing in flight, no timer, no socket, no connection, and caches fit. */
export async function expectNoLeak(internet: Internet, resolver: Resolver): Promise<void> {
  await internet.world.advance(HOUR_MS);
  const { timers, udpSockets, connections } = internet.resolverHost.pending;
  expect({ timers, udpSockets, connections, pending: resolver.pending }).toEqual({
    timers: 0,
    udpSockets: 0,
    connections: 0,
    pending: 0,
  });
  const { records, negatives, delegations, failures } = resolver.cacheStatistics;
  expect(records.octets).toBeLessThanOrEqual(smallCaches.recordOctets);
  expect(negatives.octets).toBeLessThanOrEqual(smallCaches.negativeOctets);
  expect(delegations.octets).toBeLessThanOrEqual(smallCaches.delegationOctets);
  expect(failures.octets).toBeLessThanOrEqual(smallCaches.failureOctets);
}

/** What is promised; not read from the program, which may have forgotten. */
const PACKETS_PER_QUERY = 100;
const QUERY_MS = 6000;

/** What client queries cost. */
export interface Work {
  readonly queries: number;
  /** Datagrams and connections to servers, all together and the most for one query. */
  readonly sends: number;
  readonly mostSends: number;
  /** Octets to and from servers. */
  readonly octets: number;
  readonly servers: number;
  /** Virtual time of the longest query. */
  readonly mostMs: number;
}

/** Counts what leaves the resolver's host, beside what the resolver says that it sent. */
export class WorkMeter {
  readonly #internet: Internet;
  readonly #resolver: Resolver;
  readonly #servers = new Set<string>();
  #queries = 0;
  #sends = 0;
  #mostSends = 0;
  #octets = 0;
  #packets = 0;
  #mostMs = 0;

  constructor(internet: Internet, resolver: Resolver) {
    this.#internet = internet;
    this.#resolver = resolver;
    const host = internet.resolverHost.name;
    internet.world.onPacket(({ transport, kind, fromHost, toHost, to, bytes }) => {
      if (fromHost !== host && toHost !== host) return;
      this.#octets += bytes.length;
      const isFirst = kind === 'syn' || (transport === 'udp' && kind === 'datagram');
      if (fromHost !== host || !isFirst || to.port !== 53) return;
      this.#packets++;
      this.#servers.add(to.address);
    });
  }

  /** Runs `queries` client queries and holds them against the budget. */
  async watch<Value>(run: () => Promise<Value>, queries: number = 1): Promise<Value> {
    const { world } = this.#internet;
    const before = { sends: this.#resolver.counters.sends, packets: this.#packets };
    const startMs = world.nowMs;
    const value = await run();
    const sends = this.#resolver.counters.sends - before.sends;
    const elapsedMs = world.nowMs - startMs;
    // A packet that nobody paid for would be one that no limit holds back.
    expect(this.#packets - before.packets, 'packets that were not paid for').toBeLessThanOrEqual(
      sends,
    );
    expect(sends, 'packets to servers').toBeLessThanOrEqual(PACKETS_PER_QUERY * queries);
    expect(Math.floor(elapsedMs), 'virtual ms').toBeLessThanOrEqual(QUERY_MS);
    this.#queries += queries;
    this.#sends += sends;
    this.#mostSends = Math.max(this.#mostSends, Math.ceil(sends / queries));
    this.#mostMs = Math.max(this.#mostMs, elapsedMs);
    return value;
  }

  /** What was measured on another stage. */
  add(other: Work): void {
    this.#queries += other.queries;
    this.#sends += other.sends;
    this.#mostSends = Math.max(this.#mostSends, other.mostSends);
    this.#octets += other.octets;
    this.#mostMs = Math.max(this.#mostMs, other.mostMs);
  }

  get work(): Work {
    return {
      queries: this.#queries,
      sends: this.#sends,
      mostSends: this.#mostSends,
      octets: this.#octets,
      servers: this.#servers.size,
      mostMs: this.#mostMs,
    };
  }
}

/** Asks for what is in the cache and for what is not, all through an attack. */
export class BenignClient {
  #asked = 0;
  #answered = 0;

  constructor(internet: Internet, resolver: Resolver, everyMs: number, times: number) {
    const { world } = internet;
    const count = ({ kind }: Resolution): void => {
      if (kind === 'resolved') this.#answered++;
    };
    for (let turn = 0; turn < times; turn++) {
      world.at(world.nowMs + turn * everyMs, () => {
        const name = turn % 2 === 0 ? 'www.example.com.' : `fresh${turn}.example.com.`;
        this.#asked++;
        void resolver.resolve(questionOf(name)).then(count);
      });
    }
  }

  /** To be called when all answers must be in. */
  expectServed(): void {
    expect(this.#asked).toBeGreaterThan(0);
    expect(this.#answered / this.#asked).toBeGreaterThanOrEqual(0.99);
  }
}
