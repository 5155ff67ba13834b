/**
 * Replies that say less than they should: with nothing in them at all, cut off where nothing needs
 * to be, with the servers of a zone above, or a referral without the addresses that it needs.
 */
import { expect, test } from 'vitest';

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
