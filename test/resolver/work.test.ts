/**
 * What hostile zones can make the resolver do: how many packets, for how long, to whom, and that
 * asking again costs nothing more.
 */
import { expect, test } from 'vitest';

import { Rcode, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { victims, withEvil } from './evil.ts';
import {
  COM,
  COM_ZONE,
  EXAMPLE,
  EXAMPLE_ZONE,
  Internet,
  questionOf,
  records,
  reply,
  ROOT,
  ROOT_ZONE,
  zone,
  type Responder,
} from './fixture.ts';

/** Sends of one query against `evil`, and of the same again while the failure is remembered. */
async function work(evil: Responder, name: string): Promise<{ sends: number; toVictim: number }> {
  const internet = await withEvil(evil);
  const resolver = internet.resolver();
  const startMs = internet.world.nowMs;
  await internet.ask(resolver, name);
  expect(internet.world.nowMs - startMs).toBeLessThanOrEqual(6000);
  const { sends } = resolver.counters;
  expect(sends).toBeLessThanOrEqual(100);
  for (let again = 0; again < 20; again++) await internet.ask(resolver, name);
  expect(resolver.counters.sends).toBe(sends);
  await internet.world.settle(60_000);
  expect(internet.leftOpen).toBe(0);
  expect(resolver.pending).toBe(0);
  const toVictim = internet.asked.filter((line) => line.startsWith(EXAMPLE)).length;
  return { sends, toVictim };
}

test('NXNS: 135 NS names in the domain of a victim make at most ten queries there', async () => {
  const authorities = Array.from({ length: 135 }, (_, i) =>
    records(`sub.evil.com. 300 NS n${i}.example.com.`),
  ).flat();
  const { sends, toVictim } = await work(
    (query) => reply(query, { authorities }),
    'a.sub.evil.com.',
  );
  expect(toVictim).toBeGreaterThan(0);
  expect(toVictim).toBeLessThanOrEqual(10);
  expect(sends).toBeLessThanOrEqual(15);
});

test('NXNS: the glue of thirteen servers of a victim is tried for five of them', async () => {
  const names = Array.from({ length: 13 }, (_, i) => `n${i}.example.com.`);
  const text = (owner: string, rdata: (i: number) => string): string =>
    names.map((name, i) => `${owner || name} 300 ${rdata(i)}`).join('\n');
  const internet = new Internet();
  const com = `${COM_ZONE.replace(/ +example .*/, '')}
    evil 3600 NS ns.evil\nns.evil 3600 A 192.0.2.66
    ${text('example', (i) => `NS ${names[i]!}`)}
    ${text('', (i) => `A 192.0.2.${100 + i}`)}`;
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  await internet.serve(
    '192.0.2.66',
    zone(
      'evil.com.',
      text('sub', (i) => `NS ${names[i]!}`),
    ),
  );
  const victim = zone(
    'example.com.',
    text('', (i) => `A 192.0.2.${150 + i}`),
  );
  for (let i = 0; i < 13; i++) {
    await internet.serve(`192.0.2.${100 + i}`, victim);
    await internet.serve(`192.0.2.${150 + i}`, victim);
  }
  expect(await internet.ask(internet.resolver(), 'a.sub.evil.com.')).toMatch(/^failure/);
  const asked = internet.takeAsked().filter((line) => line.endsWith(' a.sub.evil.com. A'));
  // Of the victims five at their own addresses, five at their glue.
  expect(asked).toHaveLength(5 + 5);
});

test('of 135 NS names thirteen are kept', async () => {
  const names = Array.from({ length: 135 }, (_, i) => `sub.evil.com. 300 NS n${i}.example.com.`);
  const authorities = records(names.join('\n'));
  const internet = await withEvil((query) => reply(query, { authorities }));
  const resolver = internet.resolver();
  await internet.ask(resolver, 'a.sub.evil.com.');
  const cut = resolver.cache.delegations.closest(nameOf('a.sub.evil.com.'));
  expect(cut?.nameServers).toHaveLength(13);
});

test('an endless delegation ends', async () => {
  let level = 0;
  const endless: Responder = (query) => {
    level++;
    const { name } = query.questions[0]!;
    const at = name.ancestor(Math.min(name.labelCount, 3)).toString();
    return reply(query, { authorities: records(`${at} 300 NS ns.l${level}.evil.com.`) });
  };
  const { sends } = await work(endless, 'a.b.evil.com.');
  expect(sends).toBeLessThanOrEqual(100);
});

test('a fan of delegations, each with names in new delegations, ends within 100 packets', async () => {
  let count = 0;
  const fan: Responder = (query) => {
    const { name } = query.questions[0]!;
    const at = name.ancestor(Math.min(name.labelCount, 3)).toString();
    const names = Array.from({ length: 13 }, () => `${at} 300 NS n.f${count++}.evil.com.`);
    return reply(query, { authorities: records(names.join('\n')) });
  };
  const { sends } = await work(fan, 'a.b.evil.com.');
  expect(sends).toBeGreaterThan(10);
});

test('self-pointed glue: ten names with the same thirteen addresses are thirteen packets', async () => {
  const addresses = Array.from({ length: 13 }, (_, i) => `192.0.2.${100 + i}`);
  const authorities = Array.from({ length: 10 }, (_, i) =>
    records(`sub.evil.com. 300 NS n${i}.sub.evil.com.`),
  ).flat();
  const additionals = Array.from({ length: 10 }, (_, i) =>
    addresses.flatMap((address) => records(`n${i}.sub.evil.com. 300 A ${address}`)),
  ).flat();
  const evil: Responder = (query) => reply(query, { authorities, additionals });
  const internet = await withEvil((query, via) =>
    via === 'udp' && query.edns ? reply(query, { tc: true }) : evil(query, via),
  );
  for (const address of addresses) await internet.serve(address, evil);
  const resolver = internet.resolver();
  await internet.ask(resolver, 'a.sub.evil.com.');
  expect(resolver.counters.sends).toBeLessThanOrEqual(17);
});

test('sixty addresses for one zone are thirteen packets', async () => {
  const names = Array.from({ length: 10 }, (_, i) => `n${i}.sub.evil.com.`);
  const authorities = names.flatMap((name) => records(`sub.evil.com. 300 NS ${name}`));
  const addresses = Array.from({ length: 60 }, (_, i) => `192.0.2.${100 + i}`);
  const additionals = addresses.flatMap((address, i) =>
    records(`${names[i % 10]!} 300 A ${address}`),
  );
  const internet = await withEvil((query) => reply(query, { authorities, additionals }));
  for (const address of addresses) {
    await internet.serve(address, (query) => reply(query, { rcode: Rcode.REFUSED }));
  }
  const resolver = internet.resolver();
  await internet.ask(resolver, 'a.sub.evil.com.');
  expect(resolver.counters.sends).toBe(3 + 13);
});

test('one zone gets its share of the packets, not all of them', async () => {
  const addresses = Array.from({ length: 10 }, (_, i) => `192.0.2.${100 + i}`);
  const servers = addresses.map((address, i) => `n${i}.sub.evil.com. 300 A ${address}`);
  const authorities = addresses.flatMap((_, i) =>
    records(`sub.evil.com. 300 NS n${i}.sub.evil.com.`),
  );
  const additionals = records(servers.join('\n'));
  const internet = await withEvil((query) => reply(query, { authorities, additionals }));
  for (const address of addresses) {
    await internet.serve(address, (query) => reply(query, { rcode: Rcode.REFUSED }));
  }
  const resolver = internet.resolver({ limits: { sendsPerStep: 4 } });
  await internet.ask(resolver, 'a.sub.evil.com.');
  expect(resolver.counters.sends).toBe(3 + 4);
});

test('of one name, six addresses are kept', async () => {
  const addresses = Array.from({ length: 20 }, (_, i) => `192.0.2.${100 + i}`);
  const additionals = addresses.flatMap((one) => records(`n.sub.evil.com. 300 A ${one}`));
  const authorities = records('sub.evil.com. 300 NS n.sub.evil.com.');
  const internet = await withEvil((query) => reply(query, { authorities, additionals }));
  const resolver = internet.resolver();
  await internet.ask(resolver, 'a.sub.evil.com.');
  const cut = resolver.cache.delegations.closest(nameOf('a.sub.evil.com.'));
  expect(cut?.nameServers[0]?.addresses).toHaveLength(6);
});

test('names that turn out to have the same address do not make it be asked again', async () => {
  const target = '192.0.2.150';
  const names = Array.from({ length: 5 }, (_, i) => `x${i}.example.com.`);
  const authorities = names.flatMap((name) => records(`sub.evil.com. 300 NS ${name}`));
  const all = names.map((name) => `${name} 300 A ${target}`).join('\n');
  const internet = await withEvil(
    (query) => reply(query, { authorities }),
    zone('example.com.', `${EXAMPLE_ZONE}\n${all}`),
  );
  await internet.serve(target, (query) => reply(query, { rcode: Rcode.SERVFAIL }));
  await internet.ask(internet.resolver(), 'a.sub.evil.com.');
  expect(internet.asked.filter((line) => line.startsWith(target))).toHaveLength(1);
});

test('two zones whose servers lie in each other fail at once, and are remembered', async () => {
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', `@ 9 SOA ns h 1 1 1 1 9\na 300 NS ns.b\nb 300 NS ns.a`));
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.a.com.')).toMatch(/depends on itself/);
  const asked = internet.takeAsked().length;
  expect(asked).toBeLessThan(12);
  for (let i = 0; i < 100; i++) await internet.ask(resolver, 'www.a.com.');
  // Other names below find the failure of the name servers' own names.
  for (let i = 0; i < 10; i++) await internet.ask(resolver, `n${i}.a.com.`);
  expect(internet.takeAsked()).toEqual([]);
  expect(internet.leftOpen).toBe(0);
});

test('two clients that come to the circle from both ends do not wait for each other', async () => {
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', `@ 9 SOA ns h 1 1 1 1 9\na 300 NS ns.b\nb 300 NS ns.a`));
  const resolver = internet.resolver();
  const startMs = internet.world.nowMs;
  await internet.world.run(
    Promise.all(
      ['ns.a.com.', 'ns.b.com.', 'www.a.com.'].map((name) => resolver.resolve(questionOf(name))),
    ),
  );
  expect(internet.world.nowMs - startMs).toBeLessThan(1000);
});

test('a chain of a hundred CNAMEs ends after eleven', async () => {
  const hop: Responder = (query) => {
    const { name } = query.questions[0]!;
    const n = Number(/\d+/.exec(name.toString())?.[0] ?? 0);
    return reply(query, {
      aa: true,
      answers: records(`c${n}.evil.com. 300 CNAME c${n + 1}.evil.com.`),
    });
  };
  const { sends } = await work(hop, 'c0.evil.com.');
  expect(sends).toBeLessThanOrEqual(15);
  const packet: Responder = (query) => {
    const all = Array.from(
      { length: 100 },
      (_, i) => `c${i}.evil.com. 300 CNAME c${i + 1}.evil.com.`,
    );
    return reply(query, { aa: true, answers: records(all.join('\n')) });
  };
  expect((await work(packet, 'c0.evil.com.')).sends).toBeLessThanOrEqual(5);
});

test('addresses of this host, of nobody and of everybody are never asked', async () => {
  const bad = ['0.0.0.0', '127.0.0.1', '224.0.0.1', '255.255.255.255', '203.0.113.1'];
  const bad6 = ['::', '::1', '::ffff:127.0.0.1', 'ff02::1', 'fe80::1'];
  const glue = [
    ...bad.map((address) => `ns.sub.evil.com. 300 A ${address}`),
    ...bad6.map((address) => `ns.sub.evil.com. 300 AAAA ${address}`),
  ];
  const internet = await withEvil((query) =>
    reply(query, {
      authorities: records('sub.evil.com. 300 NS ns.sub.evil.com.'),
      additionals: records(glue.join('\n')),
    }),
  );
  const resolver = internet.resolver({ doNotQuery: ['203.0.113.1'] });
  await internet.ask(resolver, 'a.sub.evil.com.');
  expect(resolver.counters.sends).toBe(3);
});

test('a reply of thousands of records costs no more than its octets', async () => {
  const many = Array.from({ length: 2000 }, (_, i) => `www.evil.com. 300 A 192.0.2.${i % 256}`);
  const internet = await withEvil((query, via) =>
    via === 'udp'
      ? reply(query, { tc: true })
      : reply(query, { aa: true, answers: records(many.join('\n')) }),
  );
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.evil.com.')).toMatch(/^NOERROR/);
  expect(resolver.cache.records.get(nameOf('www.evil.com.'), RRType.A)).toBeUndefined();
});

test('name servers in name servers: seven deep and no deeper, and nobody is punished', async () => {
  const internet = new Internet();
  const cuts = Array.from({ length: 14 }, (_, i) => `z${i} 300 NS ns.z${i + 1}`).join('\n');
  const com = `@ 9 SOA ns h 1 1 1 1 9\n${cuts}\nz14 300 NS ns.z14\nns.z14 300 A ${EXAMPLE}`;
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  await internet.serve(EXAMPLE, (query) => {
    const name = query.questions[0]!.name.toString();
    return reply(query, { aa: true, answers: records(`${name} 60 A ${EXAMPLE}`) });
  });
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.z0.com.')).toMatch(/^failure: gave up looking for/);
  expect(resolver.counters.sends).toBeLessThan(12);
  expect(await internet.ask(resolver, 'www.z5.com.')).toMatch(/^failure/);
  expect(await internet.ask(resolver, 'www.z6.com.')).toMatch(/^NOERROR/);
});

test('RFC 9520 §2.2: a query that spent its budget at one place speaks against no other', async () => {
  // The alias leads to a victim after the budget is nearly gone: the victim must not be punished.
  const internet = await withEvil((query, via) =>
    query.questions[0]!.name.toString().startsWith('c.')
      ? reply(query, { aa: true, answers: records('c.evil.com. 300 CNAME www.example.com.') })
      : victims(query, via),
  );
  const resolver = internet.resolver({ limits: { sends: 3 } });
  expect(await internet.ask(resolver, 'c.evil.com.')).toMatch(/^failure: gave up/);
  expect(await internet.ask(resolver, 'www.example.com.')).toContain('192.0.2.80');
});

test('an NS name that cannot be resolved is remembered for every name that needs it', async () => {
  const internet = new Internet();
  const root = `${ROOT_ZONE}\ndead. 300 NS ns.dead.\nns.dead. 300 A 192.0.2.250`;
  await internet.serve(ROOT, zone('.', root));
  await internet.serve(COM, zone('com.', '@ 9 SOA ns h 1 1 1 1 9\nlost 300 NS ns.far.dead.'));
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'a.lost.com.')).toMatch(/^failure/);
  const { sends } = resolver.counters;
  // com., the root, and ns.far.dead.: part of its name first, then the whole.
  expect(sends).toBeLessThanOrEqual(3 + 2 + 5);
  expect(await internet.ask(resolver, 'b.lost.com.')).toMatch(/^failure/);
  expect(resolver.counters.sends).toBe(sends);
});

test('NXNS with names that exist and have no address: ten queries at the victim as well', async () => {
  const names = Array.from({ length: 135 }, (_, i) => `n${i}`);
  const authorities = names.flatMap((name) => records(`sub.evil.com. 300 NS ${name}.example.com.`));
  const texts = names.map((name) => `${name} 300 TXT here`).join('\n');
  const internet = await withEvil(
    (query) => reply(query, { authorities }),
    zone('example.com.', `${EXAMPLE_ZONE}\n${texts}`),
  );
  await internet.ask(internet.resolver(), 'a.sub.evil.com.');
  expect(internet.asked.filter((line) => line.startsWith(EXAMPLE))).toHaveLength(10);
});

test('the step to TCP is paid for like any other', async () => {
  const internet = await withEvil((query) => reply(query, { tc: true }));
  const resolver = internet.resolver({ limits: { sendsPerStep: 1 } });
  await internet.ask(resolver, 'www.evil.com.');
  expect(resolver.counters.sends).toBe(3);
});

test('deep down only one NS name of a delegation is looked up', async () => {
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  const wide = Array.from({ length: 13 }, (_, i) => `z3 300 NS n${i}.example`).join('\n');
  const com = `${COM_ZONE}\nz0 300 NS ns.z1\nz1 300 NS ns.z2\nz2 300 NS ns.z3\n${wide}`;
  const texts = Array.from({ length: 13 }, (_, i) => `n${i} 300 TXT here`).join('\n');
  await internet.serve(COM, zone('com.', com));
  await internet.serve(EXAMPLE, zone('example.com.', `${EXAMPLE_ZONE}\n${texts}`));
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.z0.com.');
  // One name, both families.
  expect(internet.takeAsked().filter((line) => line.startsWith(EXAMPLE))).toHaveLength(2);
});
