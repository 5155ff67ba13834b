/** Finished answers out of memory: nobody may be able to tell, but by the time it took. */

import { beforeEach, describe, expect, test } from 'vitest';

import { route } from '../../src/app/route.ts';
import { ZoneSet } from '../../src/authority/zone-set.ts';
import { Credibility } from '../../src/cache/record-cache.ts';
import { silentLogger } from '../../src/net/logger.ts';
import type { Clock, Random, Runtime } from '../../src/net/ports.ts';
import type { Access } from '../../src/query/access.ts';
import { Clients } from '../../src/query/clients.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { AnswerCache, answerCacheLimits } from '../../src/query/answer-cache.ts';
import { emptyAnswer, type Answerer } from '../../src/query/query.ts';
import { createResponder, type Responder } from '../../src/query/respond.ts';
import type { Source } from '../../src/query/source.ts';
import { compose, rotateAnswers } from '../../src/query/steps.ts';
import { createResolver, type Resolver } from '../../src/resolver/resolver.ts';
import { SeededRandom } from '../../src/sim/random.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, EdnsOption, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { loadZone, type Zone } from '../../src/zone/zone.ts';

const QUERIES = Number(process.env['FUZZ_RUNS'] ?? 20_000) / 10;

function zone(version: number): Zone {
  const many = (count: number, line: (i: number) => string): string =>
    Array.from({ length: count }, (_, i) => line(i)).join('\n');
  const text = `
$ORIGIN example.org.
$TTL 300
@ SOA ns hostmaster ${version} 3600 900 604800 60
@ NS ns
@ MX 10 mail
ns A 192.0.2.1
mail A 192.0.2.${version}
 AAAA 2001:db8::${version}
Www A 192.0.2.80
alias CNAME www
long CNAME alias
out CNAME cached.test.
* .wild TXT "${version}"
*.wild A 192.0.2.99
deep.er.ent A 192.0.2.7
moved DNAME www.wild
sub NS ns.sub
sub NS ns2.sub
ns.sub A 192.0.2.3
ns2.sub A 192.0.2.4
child NS ns.outside.test.
${many(20, (i) => `big A 198.51.100.${i + version}`)}
${many(12, (i) => `text TXT "${'x'.repeat(90)}${i}"`)}
${many(5, (i) => `srv SRV ${i} 0 443 host${i}`)}
${many(5, (i) => `host${i} A 192.0.2.${i}`)}
`.replace('* .wild', '*.wild');
  const loaded = loadZone(new TextEncoder().encode(text), { file: 'example.org' });
  if (!loaded.ok) throw new Error(JSON.stringify(loaded.error));
  return loaded.value;
}

const ZONES = [zone(1), zone(2)];
const NAMES = [
  ...['', 'www.', 'alias.', 'long.', 'out.', 'mail.', 'big.', 'text.', 'srv.', 'sub.', 'a.b.sub.'],
  ...['child.', 'x.wild.', 'y.x.wild.', 'ent.', 'er.ent.', 'nothing.', 'moved.', 'a.moved.'],
  ...['ns.', 'host1.', 'not.host1.'],
].map((prefix) => `${prefix}example.org.`);
const CACHED = ['cached.test.', 'round.test.', 'short.test.', 'chain.test.', 'gone.test.'];
const TYPES = [
  ...[RRType.A, RRType.A, RRType.A, RRType.AAAA, RRType.TXT, RRType.MX, RRType.NS, RRType.SOA],
  ...[RRType.ANY, RRType.DS, RRType.CNAME, RRType.SRV, 65280],
];

class Rig {
  readonly zones: ZoneSet = new ZoneSet([ZONES[0]!]);
  nowMs = 1;
  readonly clock: Clock = {
    monotonic: () => this.nowMs,
    wall: () => 0,
    schedule: () => ({ cancel: () => {} }),
  };
  readonly random: Random;
  readonly resolver: Resolver;
  readonly cache: AnswerCache;
  readonly withCache: Responder;
  readonly without: Responder;

  constructor(seed: string, options: { octets?: number; rotates?: boolean } = {}) {
    this.random = new SeededRandom(seed, 'queries');
    const runtime: Runtime = {
      clock: this.clock,
      random: this.random,
      // A flipped bit may make any question: of those that nobody knows none is answered at once.
      network: new Proxy({}, { get: () => () => new Promise(() => {}) }) as Runtime['network'],
    };
    const root = { name: nameOf('a.root.'), addresses: ['192.0.2.250'] };
    const allow = [parsePrefix('10.0.0.0/8')!];
    const access = { specialUse: false, allowSnoop: allow };
    this.resolver = createResolver({ runtime, rootHints: [root], ...access });
    const recursion = { resolver: this.resolver, allow };
    const { octets, rotates = false } = options;
    this.cache = new AnswerCache({
      clock: this.clock,
      seed: this.random.below(2 ** 32),
      revision: () => this.zones.revision,
      rotates,
      ...(octets !== undefined && { octets }),
    });
    const answerer = compose(rotates ? [rotateAnswers()] : [], route({ zones: this.zones, recursion })); // prettier-ignore
    this.withCache = this.#responder(answerer, this.cache);
    this.without = this.#responder(answerer);
  }

  /** What the resolver has fetched, some of it over soon. */
  refill(): void {
    const { records, negatives } = this.resolver.cache;
    const put = (name: string, type: number, ttl: number, rdatas: Uint8Array[]): void => {
      const rrset = { name: nameOf(name), type, class: DnsClass.IN, ttl, rdatas };
      // What is replaced before its time may still be answered until then.
      if (records.get(rrset.name, type) === undefined)
        records.put(rrset, Credibility.AUTHORITATIVE_ANSWER);
    };
    const version = this.random.below(200);
    put('Cached.test.', RRType.A, 7, [Uint8Array.of(10, 0, 0, version)]);
    put('short.test.', RRType.A, 1, [Uint8Array.of(10, 0, 1, version)]);
    put('chain.test.', RRType.CNAME, 3, [nameOf('round.test.').wire]);
    put('round.test.', RRType.A, 5, [1, 2, 3].map((last) => Uint8Array.of(10, 1, 0, last))); // prettier-ignore
    const soaRdata = Uint8Array.of(0, 0, ...new Array<number>(16).fill(0), 0, 0, 0, 9);
    const soa = { name: nameOf('test.'), type: RRType.SOA, class: DnsClass.IN, ttl: 4, rdatas: [soaRdata] }; // prettier-ignore
    if (negatives.get(nameOf('gone.test.'), RRType.A)) return;
    negatives.put({ name: nameOf('gone.test.'), type: RRType.A }, { rcode: Rcode.NXDOMAIN, soa });
  }

  #responder(answerer: Answerer, cache?: AnswerCache): Responder {
    const viewOf = (access: Access): number => (access === 'recurse' ? 1 : 0);
    const rules = [{ prefix: parsePrefix('10.0.0.0/8')!, access: 'recurse' }] as const;
    // With and without the cache: the same secret makes the same cookies.
    const policy = { rate: { perSecond: 0 }, cookieSecrets: [new Uint8Array(16)] };
    const { clock, random } = this;
    return createResponder({
      answerer,
      clock: this.clock,
      logger: silentLogger,
      recursionAvailable: true,
      nsid: Uint8Array.of(1),
      clients: new Clients(policy, { clock, random, rules }),
      ...(cache && { finished: { cache, viewOf } }),
    });
  }
}

interface Asked {
  readonly octets: Uint8Array;
  readonly transport?: 'udp' | 'tcp';
  readonly client?: '10.0.0.1' | '192.0.2.9';
}

function askOf(responder: Responder, asked: Asked): Uint8Array {
  const { octets, transport = 'udp', client = '192.0.2.9' } = asked;
  const source: Source = {
    transport,
    client: { address: client, port: 5353 },
    clientPort: 5353,
    clientOctets: Uint8Array.from(client.split('.').map(Number)),
    sendLater: () => {},
    dropped: () => {},
  };
  return out.slice(0, responder.respond(new Uint8Array(octets), source, out));
}

const out = new Uint8Array(65535);

function query(name: string, parts: Partial<Message> = {}, type: number = RRType.A): Uint8Array {
  const question = { name: nameOf(name), type, class: DnsClass.IN };
  return encodeMessage(createMessage({ id: 7, questions: [question], ...parts }));
}

function read(octets: Uint8Array): Message {
  const decoded = decodeMessage(octets);
  if (!decoded.ok) throw new Error(decoded.error.reason);
  return decoded.value;
}

/** Any query that a client may send, whole or broken. */
function anyQuery(random: Random): Asked {
  const one = <Value>(values: readonly Value[]): Value => values[random.below(values.length)]!;
  const seldom = (share = 20): boolean => random.below(share) === 0;
  const isCached = random.below(3) === 0;
  const client = isCached ? '10.0.0.1' : one(['10.0.0.1', '192.0.2.9'] as const);
  const usual = one([RRType.A, RRType.A, RRType.AAAA]);
  const type = isCached || !seldom(3) ? usual : one(TYPES);
  // What nobody knows is asked without RD: else the resolver would begin to walk.
  const isKnown = !isCached || type === RRType.A;
  const local = seldom(3) ? NAMES : NAMES.slice(0, 6);
  const name = one(isCached ? CACHED : local);
  const rd = isKnown && !/out|sub|child|moved/.test(name) && random.below(2) === 0;
  const flags = { rd, cd: seldom(), ad: seldom(), z: seldom(), aa: seldom(), tc: seldom() };
  const size = one([0, 511, 512, 513, 700, 1232, 1233, 4096]);
  const options = seldom() ? [{ code: one([EdnsOption.NSID, 10, 65001]), data: Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8) }] : []; // prettier-ignore
  const version = seldom() ? 1 : 0;
  const edns = { ...plainEdns(seldom(10)), udpPayloadSize: size, version, options };
  const id = random.uint16();
  const parts = { ...flags, id, ...(!seldom(4) && { edns }) };
  const octets = query(cased(name, random), parts, type);
  if (seldom(50)) octets[random.below(octets.length)]! ^= 1 << random.below(8);
  const cut = seldom(100) ? octets.subarray(0, random.below(octets.length)) : octets;
  const longer = seldom(100) ? Uint8Array.of(...octets, 0) : cut;
  return { octets: longer, transport: seldom(6) ? 'tcp' : 'udp', client };
}

function cased(name: string, random: Random): string {
  if (random.below(3) === 0) return name;
  return name.replaceAll(/[a-z]/g, (letter) =>
    random.below(2) === 0 ? letter.toUpperCase() : letter,
  );
}

test('queries of every kind get the same octets with and without the cache', () => {
  // Small enough to be full all the time.
  const rig = new Rig('metamorphic', { octets: 60_000 });
  const { random } = rig;
  for (let i = 0; i < QUERIES; i++) {
    if (i % 50 === 0) rig.refill();
    if (i % 1500 === 1499) rig.zones.put(ZONES[random.below(2)]!);
    if (random.below(60) === 0) rig.nowMs += random.below(700) + 0.3;
    const asked = anyQuery(random);
    const expected = askOf(rig.without, asked);
    const actual = askOf(rig.withCache, asked);
    if (Buffer.compare(actual, expected) !== 0) {
      expect({ query: read(asked.octets), reply: read(actual) }).toEqual({
        query: read(asked.octets),
        reply: read(expected),
      });
      expect([...actual]).toEqual([...expected]);
    }
  }
  const { hits, evictions, entries } = rig.cache.statistics;
  expect(hits).toBeGreaterThan(QUERIES * 0.25);
  expect(evictions).toBeGreaterThan(QUERIES / 100);
  expect(entries).toBeGreaterThan(50);
});

describe('an answer that is kept', () => {
  let rig: Rig;
  const ask = (octets: Uint8Array, client: Asked['client'] = '10.0.0.1'): Message =>
    read(askOf(rig.withCache, { octets, client }));
  const hitsOf = (work: () => void): number => {
    const before = rig.cache.statistics.hits;
    work();
    return rig.cache.statistics.hits - before;
  };

  beforeEach(() => {
    rig = new Rig('kept');
  });

  test('changes with its zone at once', () => {
    const serial = (): number => ask(query('x.example.org.')).authorities[0]!.rdata.at(-17)!;
    expect([serial(), serial()]).toEqual([1, 1]);
    rig.zones.put(ZONES[1]!);
    expect([serial(), serial()]).toEqual([2, 2]);
    rig.zones.delete(ZONES[1]!.origin);
    expect(ask(query('x.example.org.')).rcode).toBe(Rcode.REFUSED);
  });

  test('counts its TTL down, and is over with it', () => {
    rig.refill();
    const ttl = (): number | undefined => ask(query('cached.test.')).answers[0]?.ttl;
    expect(ttl()).toBe(7);
    const hits = hitsOf(() => {
      rig.nowMs += 400;
      expect(ttl()).toBe(6);
      rig.nowMs += 600;
      expect(ttl()).toBe(6);
      rig.nowMs += 5999;
      expect(ttl()).toBe(0);
    });
    expect(hits).toBe(3);
    rig.nowMs += 1;
    expect(ttl()).toBeUndefined();
  });

  test('lives no longer than the least of its TTLs', () => {
    rig.refill();
    const chain = (): number => ask(query('chain.test.')).answers.length;
    expect([chain(), chain()]).toEqual([4, 4]);
    rig.nowMs += 3000;
    expect(chain()).toBe(0);
  });

  test('is not for clients who may not have it', () => {
    rig.refill();
    ask(query('cached.test.'));
    expect(hitsOf(() => ask(query('cached.test.')))).toBe(1);
    expect(ask(query('cached.test.'), '192.0.2.9').rcode).toBe(Rcode.REFUSED);
  });

  test('spells the question as it is asked this time', () => {
    ask(query('www.example.org.'));
    const [question] = ask(query('wWw.eXample.Org.')).questions;
    expect([...question!.name.wire]).toEqual([...nameOf('wWw.eXample.Org.').wire]);
  });

  test('is the whole one where there is room, and the cut one where there is not', () => {
    const sized = (size: number): boolean =>
      ask(query('text.example.org.', { edns: { ...plainEdns(), udpPayloadSize: size } }, RRType.TXT)).tc; // prettier-ignore
    const answers = [512, 1232, 512, 1232, 600].map(sized);
    expect(answers).toEqual([true, true, true, true, true]);
    const big = (size: number): boolean =>
      ask(query('big.example.org.', { edns: { ...plainEdns(), udpPayloadSize: size } })).tc;
    expect([1232, 512, 1232, 360, 1232, 512].map(big)).toEqual([false, false, false, false, false, false]); // prettier-ignore
  });

  test('what a step made of an option is not kept', () => {
    const edns = { ...plainEdns(), options: [{ code: EdnsOption.NSID, data: new Uint8Array(0) }] };
    const hits = hitsOf(() => {
      for (let i = 0; i < 3; i++) expect(ask(query('www.example.org.', { edns })).edns?.options).toHaveLength(1); // prettier-ignore
      expect(ask(query('www.example.org.', { edns: plainEdns() })).edns?.options).toEqual([]);
    });
    expect(hits).toBe(0);
  });

  test('what was used is kept when room is made, what was not is forgotten', () => {
    rig = new Rig('rounds', { octets: 60_000 });
    ask(query('www.example.org.'));
    for (let i = 0; i < 5000; i++) {
      ask(query(`n${i}.example.org.`));
      expect(hitsOf(() => ask(query('www.example.org.')))).toBe(1);
    }
    const { entries, octets, evictions } = rig.cache.statistics;
    expect(octets).toBeLessThan(70_000);
    expect(entries + evictions).toBe(5001);
    expect(hitsOf(() => ask(query('n0.example.org.')))).toBe(0);
  });

  test('names whose hashes are equal push out one another only', () => {
    const cache = new AnswerCache({ clock: rig.clock, seed: 1, revision: () => 0, rotates: false });
    expect(cache.statistics).toEqual({ entries: 0, octets: expect.any(Number) as number, evictions: 0, hits: 0, misses: 0 }); // prettier-ignore
    expect(answerCacheLimits.octets).toBe(64 * 2 ** 20);
  });
});

test('records turn from query to query in answers that are kept, too', () => {
  const rig = new Rig('turning', { rotates: true });
  const firsts = new Map<number, number>();
  for (let i = 0; i < 300; i++) {
    rig.refill();
    rig.nowMs += 3;
    const reply = read(askOf(rig.withCache, { octets: query('chain.test.'), client: '10.0.0.1' }));
    const addresses = reply.answers.slice(1).map(({ rdata }) => rdata[3]!);
    expect(addresses.toSorted((a, b) => a - b)).toEqual([1, 2, 3]);
    // In the same order, but for where it begins.
    expect([123, 231, 312]).toContain(Number(addresses.join('')));
    expect(new Set(reply.answers.slice(1).map(({ ttl }) => ttl)).size).toBe(1);
    firsts.set(addresses[0]!, (firsts.get(addresses[0]!) ?? 0) + 1);
  }
  expect(rig.cache.statistics.hits).toBeGreaterThan(250);
  expect([...firsts.values()].every((count) => count >= 95 && count <= 105)).toBe(true);
});

test('data of another length than their type has do not turn, nor what lies behind them', () => {
  const { clock } = new Rig('malformed');
  const cache = new AnswerCache({ clock, seed: 1, revision: () => 0, rotates: true });
  const answers = [
    { name: nameOf('a.'), type: RRType.AAAA, class: DnsClass.IN, ttl: 300, rdatas: [1, 2].map((last) => Uint8Array.of(192, 0, 2, last)) }, // prettier-ignore
  ];
  const answerer: Answerer = () => ({ ...emptyAnswer(Rcode.NOERROR), answers, repeatableUntilMs: Infinity }); // prettier-ignore
  const responder = createResponder({ answerer, clock, logger: silentLogger, recursionAvailable: false, finished: { cache, viewOf: () => 0 } }); // prettier-ignore
  const octets = query('a.', {}, RRType.AAAA);
  const first = askOf(responder, { octets, client: '10.0.0.1' });
  for (let i = 0; i < 3; i++)
    expect(askOf(responder, { octets, client: '10.0.0.1' })).toEqual(first);
});
