/** What of a name servers are shown on the way to its zone (RFC 9156). */
import { expect, test } from 'vitest';

import { Rcode, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import {
  COM,
  COM_ZONE,
  EXAMPLE,
  Internet,
  questionOf,
  records,
  reply,
  ROOT,
  ROOT_ZONE,
  zone,
  zones,
  type Responder,
} from './fixture.ts';

const SUB = '192.0.2.3';
const DEEP = '192.0.2.4';

const ZONE = `
  @         3600 SOA   ns hostmaster 1 1800 900 604800 60
  @         3600 NS    ns
  ns        3600 A     ${EXAMPLE}
  www       300  A     192.0.2.80
  a.b.c     300  A     192.0.2.81
  mail.b.c  300  MX    10 www
  alias     300  CNAME www
  x.alias   300  A     192.0.2.83
  sub       3600 NS    ns.sub
  ns.sub    3600 A     ${SUB}
`;

/** example.com. with `server` in front of it. */
async function internetOf(server?: (honest: Responder) => Responder): Promise<Internet> {
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', COM_ZONE));
  const honest = zone('example.com.', ZONE);
  await internet.serve(EXAMPLE, server ? server(honest) : honest);
  const below = `@ 60 SOA ns h 1 1 1 1 60\n1.2.3.4.5.6 300 A 192.0.2.84\ndeep 300 NS ns.deep
    ns.deep 300 A ${DEEP}`;
  await internet.serve(SUB, zones({ 'sub.example.com.': below }));
  await internet.serve(
    DEEP,
    zones({ 'deep.sub.example.com.': '@ 60 SOA ns h 1 1 1 1 60\n@ 60 TXT here' }),
  );
  return internet;
}

test('each server is shown one label more than the cut at hand, and the type only when it has the name', async () => {
  const internet = await internetOf();
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'mail.b.c.example.com.', 'MX')).toMatch(/^NOERROR: mail/);
  expect(internet.takeAsked()).toEqual([
    `${ROOT} com. A`,
    `${COM} example.com. A`,
    `${EXAMPLE} c.example.com. A`,
    `${EXAMPLE} b.c.example.com. A`,
    `${EXAMPLE} mail.b.c.example.com. A`,
    `${EXAMPLE} mail.b.c.example.com. MX`,
  ]);
  // Names without a cut cost their questions once.
  expect(await internet.ask(resolver, 'a.b.c.example.com.')).toContain('192.0.2.81');
  expect(internet.takeAsked()).toEqual([`${EXAMPLE} a.b.c.example.com. A`]);
});

test('nothing below a cut is shown to its parent, once the delegation has expired neither', async () => {
  const internet = await internetOf();
  const resolver = internet.resolver();
  for (let hour = 0; hour < 30; hour++) {
    await internet.ask(resolver, '1.2.3.4.5.6.sub.example.com.');
    await internet.ask(resolver, 'deep.sub.example.com.', 'A');
    await internet.ask(resolver, `h${hour}.deep.sub.example.com.`);
    await internet.world.advance(3_500_000);
  }
  const limits: Readonly<Record<string, number>> = { [ROOT]: 1, [COM]: 2, [EXAMPLE]: 3 };
  for (const line of internet.takeAsked()) {
    const [address, name] = line.split(' ');
    const most = limits[address!] ?? 255;
    expect(nameOf(name!).labelCount, line).toBeLessThanOrEqual(most);
  }
});

test('RFC 9156 §2.3: a name of 123 labels costs ten questions, the first four of one label each', async () => {
  const internet = await internetOf((honest) => (query, via) => {
    const isDeep = query.questions[0]!.name.isSubdomainOf(nameOf('d.example.com.'));
    return isDeep ? reply(query, { aa: true }) : honest(query, via);
  });
  const resolver = internet.resolver();
  await internet.ask(resolver, `${'a.'.repeat(120)}d.example.com.`);
  const asked = internet.takeAsked();
  expect(asked).toHaveLength(10);
  const labels = asked.map((line) => nameOf(line.split(' ')[1]!).labelCount);
  expect(labels.slice(0, 4)).toEqual([1, 2, 3, 4]);
  expect(labels.at(-1)).toBe(123);
});

test('a chain of aliases of many labels shares one allowance of steps', async () => {
  const long = (i: number): string => `${'a.'.repeat(20)}x${i}.example.com.`;
  const lines = Array.from({ length: 11 }, (_, i) => `${long(i)} 300 CNAME ${long(i + 1)}`);
  const chained = records(lines.join('\n'));
  const internet = await internetOf((honest) => (query, via) => {
    const { name } = query.questions[0]!;
    // One link a reply.
    const link = chained.filter((record) => record.name.equals(name));
    if (link.length > 0) return reply(query, { aa: true, answers: link });
    return name.labelCount < 23 ? reply(query, { aa: true }) : honest(query, via);
  });
  await internet.ask(internet.resolver(), long(0));
  expect(internet.takeAsked().length).toBeLessThanOrEqual(30 + 12);
});

const BROKEN: Readonly<Record<string, (query: Parameters<Responder>[0]) => object>> = {
  NXDOMAIN: () => ({
    aa: true,
    rcode: Rcode.NXDOMAIN,
    authorities: records('example.com. 60 SOA . . 1 1 1 1 60'),
  }),
  REFUSED: () => ({ rcode: Rcode.REFUSED }),
  SERVFAIL: () => ({ rcode: Rcode.SERVFAIL }),
  'a referral to itself': () => ({ authorities: records('example.com. 60 NS ns.example.com.') }),
};

/** Knows a name only when asked for all of it. */
function blindToParts(what: string): (honest: Responder) => Responder {
  return (honest) => (query, via) => {
    const { name } = query.questions[0]!;
    const isPart = ['c.example.com.', 'b.c.example.com.'].includes(name.toString());
    return isPart ? reply(query, BROKEN[what]!(query)) : honest(query, via);
  };
}

for (const what of Object.keys(BROKEN)) {
  test(`a server that says ${what} of an empty non-terminal is shown the whole name; if strict, not`, async () => {
    const relaxed = await internetOf(blindToParts(what));
    const resolver = relaxed.resolver();
    expect(await relaxed.ask(resolver, 'a.b.c.example.com.')).toContain('192.0.2.81');
    // Nothing is held against the server, and the part that it denied is not remembered as absent.
    expect(resolver.counters.lame).toBe(0);
    relaxed.takeAsked();
    expect(await relaxed.ask(resolver, 'mail.b.c.example.com.', 'MX')).toMatch(/^NOERROR: mail/);
    expect(relaxed.takeAsked().length).toBeLessThanOrEqual(3);

    const strict = await internetOf(blindToParts(what));
    const outcome = await strict.ask(
      strict.resolver({ qnameMinimisation: 'strict' }),
      'a.b.c.example.com.',
    );
    expect(outcome).toMatch(what === 'NXDOMAIN' ? /^NXDOMAIN \/ example/ : /^failure/);
    expect(strict.takeAsked().join()).not.toContain('a.b.c.example.com.');
  });
}

test('where A fails for part of a name, NS is tried before the whole name is shown', async () => {
  const internet = await internetOf((honest) => (query, via) => {
    const { name, type } = query.questions[0]!;
    const isPart = name.equals(nameOf('c.example.com.')) || name.equals(nameOf('sub.example.com.'));
    if (isPart && type === RRType.A) return reply(query, { rcode: Rcode.SERVFAIL });
    return honest(query, via);
  });
  await internet.ask(internet.resolver(), '1.sub.example.com.');
  const shown = internet.takeAsked().filter((line) => line.startsWith(EXAMPLE));
  expect(shown).toEqual([`${EXAMPLE} sub.example.com. A`, `${EXAMPLE} sub.example.com. NS`]);
});

test('a server that is silent about part of a name is shown the whole name in time', async () => {
  const internet = await internetOf((honest) => (query, via) => {
    const isPart = query.questions[0]!.name.equals(nameOf('b.c.example.com.'));
    return isPart ? [] : honest(query, via);
  });
  expect(await internet.ask(internet.resolver(), 'a.b.c.example.com.')).toContain('192.0.2.81');
  expect(internet.takeAsked().length).toBeLessThanOrEqual(6);
});

test('without minimisation everybody is shown everything', async () => {
  const internet = await internetOf();
  await internet.ask(internet.resolver({ qnameMinimisation: 'off' }), 'a.b.c.example.com.');
  const name = 'a.b.c.example.com. A';
  expect(internet.takeAsked()).toEqual([ROOT, COM, EXAMPLE].map((server) => `${server} ${name}`));
});

test('a CNAME in the middle of a name hides nothing below it', async () => {
  const internet = await internetOf();
  expect(await internet.ask(internet.resolver(), 'x.alias.example.com.')).toContain('192.0.2.83');
});

test('a DNAME in the middle of a name is followed with the whole name (RFC 6672 §2.2)', async () => {
  const internet = await internetOf((honest) => (query, via) => {
    const { name } = query.questions[0]!;
    if (!name.isBelow(nameOf('old.example.com.'))) return honest(query, via);
    return reply(query, {
      aa: true,
      answers: records('old.example.com. 300 DNAME c.example.com.'),
    });
  });
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'a.b.old.example.com.')).toBe(
    'NOERROR: old.example.com. 300 DNAME c.example.com.; a.b.old.example.com. 300 CNAME ' +
      'a.b.c.example.com.; a.b.c.example.com. 300 A 192.0.2.81',
  );
});

test('RFC 4035 §3.1.4.1: DS is asked of the parent, and nothing on the way is skipped', async () => {
  const internet = await internetOf();
  const resolver = internet.resolver();
  await internet.ask(resolver, 'sub.example.com.', 'DS');
  await internet.ask(resolver, 'x.sub.example.com.');
  await internet.ask(resolver, 'sub.example.com.', 'DS');
  const asked = internet.takeAsked();
  expect(asked).toContain(`${EXAMPLE} sub.example.com. DS`);
  expect(asked.filter((line) => line.endsWith(' DS'))).toHaveLength(1);
});

test('RFC 5452 §5: a crowd of names below one domain asks for that domain once', async () => {
  const internet = await internetOf();
  const resolver = internet.resolver();
  const names = Array.from({ length: 50 }, (_, i) => `h${i}.c.example.com.`);
  const all = names.map((name) => resolver.resolve(questionOf(name)));
  const outcomes = await internet.world.run(Promise.all(all));
  for (const outcome of outcomes) expect(outcome).toMatchObject({ rcode: Rcode.NXDOMAIN });
  expect(internet.takeAsked()).toHaveLength(3 + 50);
});

test('who asks for part of a name on behalf of others and leaves, leaves it to them', async () => {
  const internet = await internetOf();
  const resolver = internet.resolver();
  const first = new AbortController();
  const leaving = resolver.resolve(questionOf('a.b.c.example.com.'), first.signal);
  const waiting = resolver.resolve(questionOf('www.example.com.'));
  internet.world.at(internet.world.nowMs + 5, () => first.abort());
  expect(await internet.world.run(leaving)).toMatchObject({ reason: 'cancelled' });
  expect(await internet.world.run(waiting)).toMatchObject({ kind: 'resolved' });
  expect(internet.leftOpen).toBe(0);
});

test('NXNS through parts of names: five NS names are looked up for a zone, not five per part', async () => {
  const evil = '192.0.2.66';
  const names = Array.from({ length: 13 }, (_, i) => `sub.evil.com. 300 NS n${i}.example.com.`);
  const com = `${COM_ZONE}\nevil 3600 NS ns.evil\nns.evil 3600 A ${evil}`;
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  await internet.serve(EXAMPLE, zone('example.com.', ZONE));
  await internet.serve(evil, (query) => reply(query, { authorities: records(names.join('\n')) }));
  await internet.ask(internet.resolver(), 'a.b.c.sub.evil.com.');
  expect(internet.asked.filter((line) => line.startsWith(EXAMPLE)).length).toBeLessThanOrEqual(5);
});
