/**
 * Replies that say less than they should: with nothing in them at all, cut off where nothing needs
 * to be, with the servers of a zone above, or a referral without the addresses that it needs.
 */
import { expect, test } from 'vitest';

import { createCache } from '../../src/cache/cache.ts';
import { dumpCache, loadCache } from '../../src/cache/dump.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import {
  COM,
  COM_ZONE,
  Internet,
  records,
  reply,
  ROOT,
  ROOT_ZONE,
  zone,
  zones,
  type Responder,
} from './fixture.ts';

const FIRST = '192.0.2.44';
const SECOND = '192.0.2.55';
const FOUND = 'NOERROR: www.two.com. 300 A 192.0.2.70';
const ZONE = '@ 60 SOA ns1 h 1 1 1 1 60\nwww 300 A 192.0.2.70';

const empty: Responder = (query) => reply(query, { aa: true });
const working = zone('two.com.', ZONE);

/** two.com. with two servers. */
async function withTwo(first: Responder, second: Responder): Promise<Internet> {
  const internet = new Internet();
  const com = `${COM_ZONE}\ntwo 3600 NS ns1.two\ntwo 3600 NS ns2.two
    ns1.two 3600 A ${FIRST}\nns2.two 3600 A ${SECOND}`;
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  await internet.serve(FIRST, first);
  await internet.serve(SECOND, second);
  return internet;
}

/** Such that either server may be the first one asked. */
async function askBothWays(one: Responder, other: Responder): Promise<readonly string[]> {
  const outcomes: string[] = [];
  for (const [first, second] of [
    [one, other],
    [other, one],
  ] as const) {
    const internet = await withTwo(first, second);
    outcomes.push(await internet.ask(internet.resolver(), 'www.two.com.'));
  }
  return outcomes;
}

test('a reply with nothing in it is believed only when no other server has more to say', async () => {
  expect(await askBothWays(empty, working)).toEqual([FOUND, FOUND]);
  expect(await askBothWays(empty, empty)).toEqual(['NOERROR', 'NOERROR']);
  const silent: Responder = () => [];
  expect(await askBothWays(empty, silent)).toEqual(['NOERROR', 'NOERROR']);
});

test('after a reply with nothing in it no server is asked twice', async () => {
  const internet = await withTwo(empty, () => []);
  await internet.ask(internet.resolver(), 'www.two.com.');
  const asked = internet.takeAsked().filter((line) => line.includes('www.two.com.'));
  expect(new Set(asked).size).toBe(asked.length);
});

test('RFC 2181 §9: a reply that is cut off over TCP too is not used', async () => {
  const cutOff: Responder = (query) =>
    reply(query, { aa: true, tc: true, answers: records('www.two.com. 300 A 192.0.2.71') });
  expect(await askBothWays(cutOff, working)).toEqual([FOUND, FOUND]);
  const [outcome] = await askBothWays(cutOff, cutOff);
  expect(outcome).toMatch(/^failure.*truncated over TCP/);
});

test('AA beside the servers of a zone above is lameness and not a lack of data', async () => {
  for (const above of ['.', 'com.']) {
    const lame: Responder = (query) =>
      reply(query, { aa: true, authorities: records(`${above} 3600 NS ns.elsewhere.org.`) });
    const [outcome] = await askBothWays(lame, lame);
    expect(outcome).toMatch(/^failure.*refers upwards/);
  }
  const own: Responder = (query) =>
    reply(query, { aa: true, authorities: records('two.com. 3600 NS ns1.two.com.') });
  expect(await askBothWays(own, own)).toEqual(['NOERROR', 'NOERROR']);
});

/** com. refers to inside.com. without glue, and answers for its server what `told` says. */
async function withoutGlue(told: string): Promise<Internet> {
  const internet = new Internet();
  const com = zone('com.', `${COM_ZONE}\ninside 3600 NS ns.inside`);
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, (query, via) => {
    const { name, type } = query.questions[0]!;
    const answers = records(told).filter((rr) => rr.name.equals(name) && rr.type === type);
    return answers.length > 0 ? reply(query, { answers }) : com(query, via);
  });
  await internet.serve(FIRST, zone('inside.com.', ZONE));
  return internet;
}

test('the parent is asked for glue that it left out, once per referral', async () => {
  const internet = await withoutGlue(`ns.inside.com. 60 A ${FIRST}`);
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.inside.com.')).toContain('192.0.2.70');
  expect(internet.takeAsked()).toContain(`${COM} ns.inside.com. A`);
  await internet.ask(resolver, 'ftp.inside.com.');
  expect(internet.takeAsked()).toEqual([`${FIRST} ftp.inside.com. A`]);
  // As glue it lives as long as it was granted, and is no answer to anybody.
  expect(resolver.cache.records.get(nameOf('ns.inside.com.'), RRType.A)).toBeUndefined();
  await internet.world.advance(60_001);
  await internet.ask(resolver, 'mail.inside.com.');
  expect(internet.takeAsked()).toContain(`${COM} ns.inside.com. A`);
});

test('a parent that has no glue either is asked for it once', async () => {
  const internet = await withoutGlue('');
  expect(await internet.ask(internet.resolver(), 'www.inside.com.')).toMatch(/^failure/);
  const asked = internet.takeAsked().filter((line) => line.includes('ns.inside'));
  expect(asked).toEqual([`${COM} ns.inside.com. A`]);
});

test('a parent whose glue is an alias is asked where that leads, and no further', async () => {
  const told = `ns.inside.com. 60 CNAME real.inside.com.\nreal.inside.com. 60 A ${FIRST}`;
  const internet = await aliasOfServer(told);
  expect(await internet.ask(internet.resolver(), 'www.inside.com.')).toContain('192.0.2.70');
  const longer = `ns.inside.com. 60 CNAME a.inside.com.\na.inside.com. 60 CNAME b.inside.com.
    b.inside.com. 60 A ${FIRST}`;
  const other = await aliasOfServer(longer);
  expect(await other.ask(other.resolver(), 'www.inside.com.')).toMatch(/^failure/);
  expect(other.takeAsked().filter((line) => line.includes('b.inside'))).toEqual([]);
});

/** As `withoutGlue`, and com. answers with aliases too. */
async function aliasOfServer(told: string): Promise<Internet> {
  const internet = new Internet();
  const com = zone('com.', `${COM_ZONE}\ninside 3600 NS ns.inside`);
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, (query, via) => {
    const answers = records(told).filter((rr) => rr.name.equals(query.questions[0]!.name));
    return answers.length > 0 ? reply(query, { aa: true, answers }) : com(query, via);
  });
  await internet.serve(FIRST, zone('inside.com.', ZONE));
  return internet;
}

test('RFC 2181 §10.3: an NS name elsewhere that is an alias is followed once', async () => {
  const com = `${COM_ZONE}\ntwo 3600 NS ns1.two\nns1.two 3600 A ${FIRST}
    near 3600 NS ns.two.com.\nfar 3600 NS far.two.com.`;
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  await internet.serve(
    FIRST,
    zones({
      'two.com.': `${ZONE}\nns 60 CNAME host\nhost 60 A ${FIRST}\nfar 60 CNAME ns`,
      'near.com.': ZONE,
      'far.com.': ZONE,
    }),
  );
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.near.com.')).toContain('192.0.2.70');
  expect(await internet.ask(resolver, 'www.far.com.')).toMatch(/^failure.*alias of an alias/);
});

test('RFC 2308 §5: an answer of nothing is kept for five seconds, and asked for again then', async () => {
  const internet = await withTwo(empty, empty);
  const resolver = internet.resolver();
  for (let again = 0; again < 20; again++) {
    expect(await internet.ask(resolver, 'www.two.com.')).toBe('NOERROR');
  }
  const toServers = (line: string): boolean => /^192\.0\.2\.\d+ www\.two\.com\. A$/.test(line);
  expect(internet.takeAsked().filter(toServers)).toHaveLength(2);
  await internet.world.advance(5001);
  await internet.ask(resolver, 'www.two.com.');
  expect(internet.takeAsked().filter(toServers)).toHaveLength(2);
});

test('RFC 9460 §4.2: HTTPS records that are malformed are passed on as they are, and kept', async () => {
  // A key that stands there twice.
  const broken = String.raw`\# 17 0001000001000302683200010003026833`;
  const rdata = Uint8Array.from(
    broken
      .split(' ')[2]!
      .match(/../g)!
      .map((hex) => Number.parseInt(hex, 16)),
  );
  const malformed: Responder = (query) => {
    const { name, type } = query.questions[0]!;
    const isAsked = type === RRType.HTTPS && !name.equals(nameOf('two.com.'));
    return reply(query, {
      aa: true,
      answers: isAsked ? [{ name, type, class: 1, ttl: 300, rdata }] : [],
      authorities: records('two.com. 60 SOA ns h 1 1 1 1 60'),
    });
  };
  const internet = await withTwo(malformed, malformed);
  const resolver = internet.resolver();
  const outcome = `NOERROR: www.two.com. 300 HTTPS ${broken}`;
  expect(await internet.ask(resolver, 'www.two.com.', 'HTTPS')).toBe(outcome);
  const { records: kept } = resolver.cache;
  expect(kept.get(nameOf('www.two.com.'), RRType.HTTPS)).toBeDefined();
  // But not where addresses in them would have to be judged.
  const wary = internet.resolver({ privateAddresses: [parsePrefix('10.0.0.0/8')!] });
  expect(await internet.ask(wary, 'www.two.com.', 'HTTPS')).toBe('NOERROR');
  // A dump of such a cache is one that can be loaded.
  const clock = internet.resolverHost.runtime.clock;
  const text = [...dumpCache(resolver.cache, clock)].join('\n');
  expect(text).not.toContain('HTTPS');
  expect(loadCache(createCache(clock), `${text}\n`, { clock, mayAsk: () => true }).ok).toBe(true);
});
