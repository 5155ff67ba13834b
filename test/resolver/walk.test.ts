/** The ordinary life of a resolver: walking down, remembering, counting down, forgetting. */
import { expect, test } from 'vitest';

import { Rcode } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { COM, EXAMPLE, ORG, plainInternet, questionOf, ROOT } from './fixture.ts';

test('a cold cache walks from the root to the domain in three queries, a warm one asks nobody', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.example.com.')).toBe(
    'NOERROR: www.example.com. 300 A 192.0.2.80',
  );
  expect(internet.takeAsked()).toEqual([
    `${ROOT} com. A`,
    `${COM} example.com. A`,
    `${EXAMPLE} www.example.com. A`,
  ]);
  await internet.ask(resolver, 'www.example.com.');
  expect(internet.takeAsked()).toEqual([]);
  expect(await internet.ask(resolver, 'ns.example.com.')).toContain(EXAMPLE);
  expect(internet.takeAsked()).toEqual([`${EXAMPLE} ns.example.com. A`]);
  expect(internet.leftOpen).toBe(0);
});

test('a TTL counts down by whole seconds, and nothing is served after it', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.example.com.');
  await internet.world.advance(1);
  expect(await internet.ask(resolver, 'www.example.com.')).toContain(' 299 A ');
  await internet.world.advance(298_998);
  expect(await internet.ask(resolver, 'www.example.com.')).toContain(' 1 A ');
  await internet.world.advance(1000);
  expect(await internet.ask(resolver, 'www.example.com.')).toContain(' 0 A ');
  internet.takeAsked();
  await internet.world.advance(1);
  expect(await internet.ask(resolver, 'www.example.com.')).toContain(' 300 A ');
  expect(internet.takeAsked()).toEqual([`${EXAMPLE} www.example.com. A`]);
});

test('a record of TTL 0 is answered and not kept', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'zero.example.com.')).toContain(' 0 A ');
  internet.takeAsked();
  expect(await internet.ask(resolver, 'zero.example.com.')).toContain(' 0 A ');
  expect(internet.takeAsked()).toEqual([`${EXAMPLE} zero.example.com. A`]);
});

test('a delegation without glue is resolved by way of another domain', async () => {
  const internet = await plainInternet();
  await internet.ask(internet.resolver(), 'www.glueless.com.');
  expect(internet.takeAsked()).toEqual([
    `${ROOT} com. A`,
    `${COM} glueless.com. A`,
    `${ROOT} org. A`,
    `${ORG} alias.org. A`,
    `${EXAMPLE} ns.alias.org. A`,
    `${EXAMPLE} www.glueless.com. A`,
  ]);
});

test('a CNAME across top-level domains is followed with a walk of its own', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  const expected = /far\.example\.com\. 300 CNAME www\.alias\.org\.; www\.alias\.org\. 300 A /;
  expect(await internet.ask(resolver, 'far.example.com.')).toMatch(expected);
  expect(internet.takeAsked()).toContain(`${ORG} alias.org. A`);
  await internet.ask(resolver, 'far.example.com.');
  expect(internet.takeAsked()).toEqual([]);
});

test('RFC 2181 §5.4.1: the target of a CNAME is looked up by itself, whatever came along', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'near.example.com.')).toBe(
    'NOERROR: near.example.com. 300 CNAME www.example.com.; www.example.com. 300 A 192.0.2.80',
  );
  expect(internet.takeAsked()).toHaveLength(4);
});

test('RFC 2308 §2.1: NXDOMAIN at the end of a chain keeps the chain', async () => {
  const internet = await plainInternet();
  expect(await internet.ask(internet.resolver(), 'gone.example.com.')).toMatch(
    /^NXDOMAIN: gone\.example\.com\. 300 CNAME nothing\.alias\.org\. \/ alias\.org\. 60 SOA /,
  );
});

test('RFC 2308 §5: a negative answer is kept for the lesser of SOA TTL and minimum', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'nothing.example.com.')).toMatch(/^NXDOMAIN \/ \S+ 60 SOA/);
  expect(await internet.ask(resolver, 'www.example.com.', 'TXT')).toMatch(/^NOERROR \/ \S+ 60 SOA/);
  internet.takeAsked();
  await internet.world.advance(30_000);
  expect(await internet.ask(resolver, 'nothing.example.com.', 'MX')).toMatch(/^NXDOMAIN.* 29 SOA/);
  expect(await internet.ask(resolver, 'www.example.com.', 'TXT')).toMatch(/^NOERROR.* 30 SOA/);
  expect(internet.takeAsked()).toEqual([]);
  await internet.world.advance(30_000);
  await internet.ask(resolver, 'nothing.example.com.');
  expect(internet.takeAsked()).toHaveLength(1);
});

test('what came in while a query was under way is shown to it with its whole TTL', async () => {
  for (const [alias, target, ttl] of [
    ['gone', 'nothing', 60],
    ['far', 'www', 300],
  ] as const) {
    const internet = await plainInternet();
    const resolver = internet.resolver();
    await internet.ask(resolver, 'ns.alias.org.');
    internet.takeAsked();
    // The target is known 20 ms before the alias, which leads to it, is.
    const questions = [questionOf(`${alias}.example.com.`), questionOf(`${target}.alias.org.`)];
    const outcomes = questions.map((question) => resolver.resolve(question));
    const ttls = (await internet.world.run(Promise.all(outcomes))).map((outcome) =>
      outcome.kind === 'resolved'
        ? [...outcome.answers, ...outcome.authorities].map((rrset) => rrset.ttl)
        : [],
    );
    expect(ttls).toEqual([[300, ttl], [ttl]]);
    expect(internet.takeAsked().filter((line) => line.includes('alias.org.'))).toHaveLength(1);
    // Whoever asks from now on gets what is left.
    const left = new RegExp(` ${ttl - 1} (SOA|A) `);
    expect(await internet.ask(resolver, `${target}.alias.org.`)).toMatch(left);
    expect(await internet.ask(resolver, `${alias}.example.com.`)).toMatch(left);
  }
});

test('what came in before a query, or long ago, is shown to it with what is left', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  await internet.ask(resolver, 'nothing.alias.org.');
  await internet.world.advance(1);
  expect(await internet.ask(resolver, 'gone.example.com.')).toContain(' 59 SOA ');
});

test('a loop of CNAMEs is a failure that is remembered', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'loop.example.com.')).toMatch(/^failure: the aliases lead/);
  internet.takeAsked();
  expect(await internet.ask(resolver, 'loop.example.com.')).toMatch(/^failure/);
  expect(internet.takeAsked()).toEqual([]);
});

test('a hundred equal questions at once cost one walk', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  const question = questionOf('www.example.com.');
  const answers = await internet.world.run(
    Promise.all(Array.from({ length: 100 }, () => resolver.resolve(question))),
  );
  expect(answers.every((answer) => answer.kind === 'resolved')).toBe(true);
  expect(internet.takeAsked()).toHaveLength(3);
  expect(internet.leftOpen).toBe(0);
});

test('data that turn up for a name end what was known of its absence', async () => {
  const internet = await plainInternet();
  // A forwarder sends chains of aliases as a whole.
  const forwards = [{ zone: nameOf('example.com.'), addresses: [EXAMPLE] }];
  const resolver = internet.resolver({ forwards });
  const { negatives } = resolver.cache;
  await internet.ask(resolver, 'nothing.example.com.');
  const { soa } = [...negatives.entries()][0]!;
  negatives.put(questionOf('www.example.com.'), { rcode: Rcode.NXDOMAIN, soa });
  expect(await internet.ask(resolver, 'www.example.com.')).toMatch(/^NXDOMAIN/);
  // The alias comes with its target.
  await internet.ask(resolver, 'near.example.com.');
  expect(await internet.ask(resolver, 'www.example.com.', 'TXT')).toMatch(/^NOERROR/);
});
