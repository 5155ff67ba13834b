/**
 * What hostile zones and forgers try: to plant data about others, and to make us work. Every record
 * that an attacker made up lies in 203.0.113.0/24 or below `taint.`: after each run neither may be
 * found in the cache for a name of somebody else, nor come out of it.
 */
import { expect, test } from 'vitest';

import type { Resolver } from '../../src/resolver/resolver.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { Rcode, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import {
  ALIAS_ZONE,
  COM,
  COM_ZONE,
  EXAMPLE,
  EXAMPLE_ZONE,
  Internet,
  ORG,
  ORG_ZONE,
  questionOf,
  records,
  reply,
  ROOT,
  ROOT_ZONE,
  showRRset,
  zone,
  zones,
  type Responder,
} from './fixture.ts';

const EVIL = '192.0.2.66';
const TAINT = /203\.0\.113\.|taint/;
const victims = zones({ 'example.com.': EXAMPLE_ZONE, 'alias.org.': ALIAS_ZONE });

/** The plain internet with evil.com., whose server is `evil`. */
async function withEvil(evil: Responder, honest: Responder = victims): Promise<Internet> {
  const internet = new Internet();
  const com = `${COM_ZONE}
    evil    3600 NS ns.evil
    ns.evil 3600 A  ${EVIL}`;
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  await internet.serve(ORG, zone('org.', ORG_ZONE));
  await internet.serve(EXAMPLE, honest);
  await internet.serve(EVIL, evil);
  return internet;
}

/** Nothing tainted outside `owner`, in any store. */
function expectClean(resolver: Resolver, owner = 'evil.com.'): void {
  const apex = nameOf(owner);
  for (const rrset of resolver.cache.records.entries()) {
    if (!rrset.name.isSubdomainOf(apex)) expect(showRRset(rrset)).not.toMatch(TAINT);
  }
  for (const { zone: cut, nameServers } of resolver.cache.delegations.entries()) {
    if (cut.isSubdomainOf(apex)) continue;
    for (const { name, addresses } of nameServers) {
      expect(`${cut.toString()} ${name.toString()} ${addresses.join(' ')}`).not.toMatch(TAINT);
    }
  }
  for (const { soa } of resolver.cache.negatives.entries()) {
    if (!soa.name.isSubdomainOf(apex)) expect(showRRset(soa)).not.toMatch(TAINT);
  }
}

async function expectVictimsUnharmed(internet: Internet, resolver: Resolver): Promise<void> {
  expectClean(resolver);
  for (const [name, type] of [
    ['www.example.com.', 'A'],
    ['example.com.', 'NS'],
    ['www.alias.org.', 'A'],
    ['example.com.', 'MX'],
  ] as const) {
    const outcome = await internet.ask(resolver, name, type);
    expect(outcome).not.toMatch(TAINT);
    expect(outcome).toMatch(/^NOERROR/);
  }
  expectClean(resolver);
}

const POISON: Readonly<Record<string, Partial<Message>>> = {
  'addresses of others beside an answer': {
    answers: records(`www.evil.com. 300 A ${EVIL}
      www.example.com. 300 A 203.0.113.1`),
    authorities: records('example.com. 300 NS ns.taint.'),
    additionals: records('ns.example.com. 300 A 203.0.113.1\nns.com. 300 A 203.0.113.1'),
  },
  'NS records of others with an answer': {
    answers: records(`www.evil.com. 300 A ${EVIL}`),
    authorities: records('com. 300 NS ns.taint.\n. 300 NS ns.taint.\norg. 300 NS ns.taint.'),
    additionals: records('ns.taint. 300 A 203.0.113.1'),
  },
  'a referral to a sibling': {
    authorities: records('example.com. 86400 NS ns.evil.com.'),
    additionals: records('ns.evil.com. 300 A 203.0.113.1'),
  },
  'glue for the servers of others': {
    authorities: records(`sub.evil.com. 300 NS ns.example.com.
      sub.evil.com. 300 NS ns.com.`),
    additionals: records('ns.example.com. 300 A 203.0.113.1\nns.com. 300 A 203.0.113.1'),
  },
  'an address beside an MX in the authority section': {
    answers: records(`www.evil.com. 300 A ${EVIL}`),
    authorities: records('example.com. 300 MX 10 www.example.com.'),
    additionals: records('www.example.com. 300 A 203.0.113.1'),
  },
  'a CNAME with its target made up': {
    answers: records(
      'www.evil.com. 300 CNAME www.example.com.\nwww.example.com. 300 A 203.0.113.1',
    ),
  },
  'a DNAME for a whole other domain': {
    answers: records(`example.com. 300 DNAME taint.
      www.evil.com. 300 CNAME www.example.com.
      www.example.com. 300 CNAME www.taint.`),
  },
  'a negative answer with the SOA of another': {
    rcode: Rcode.NXDOMAIN,
    authorities: records('com. 900 SOA taint. taint. 1 1 1 1 900'),
  },
};

for (const [what, parts] of Object.entries(POISON)) {
  for (const aa of [true, false]) {
    test(`${what}${aa ? '' : ' (not authoritative)'} harms nobody`, async () => {
      const internet = await withEvil((query) => reply(query, { aa, ...parts }));
      const resolver = internet.resolver();
      for (const name of ['www.evil.com.', 'x.sub.evil.com.']) {
        expect(await internet.ask(resolver, name)).not.toMatch(TAINT);
      }
      await expectVictimsUnharmed(internet, resolver);
      await internet.world.settle(10_000);
      expect(internet.leftOpen).toBe(0);
    });
  }
}

test('the poison oracle sees poison: in the own zone of the attacker it is kept', async () => {
  const internet = await withEvil((query) =>
    reply(query, { aa: true, answers: records('www.evil.com. 300 A 203.0.113.1') }),
  );
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.evil.com.')).toMatch(TAINT);
  expect(() => expectClean(resolver, 'nobody.')).toThrow();
});

test('an NS set beside a positive answer does not replace the delegation', async () => {
  const promiscuous: Responder = (query, via) => {
    const honest = victims(query, via) as Message;
    return {
      ...honest,
      authorities: records('example.com. 86400 NS ns.taint.\nexample.com. 86400 NS ns.evil.com.'),
      additionals: records('ns.evil.com. 86400 A 203.0.113.1'),
    };
  };
  const internet = await withEvil(victims, promiscuous);
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.example.com.');
  const cut = resolver.cache.delegations.closest(nameOf('www.example.com.'));
  expect(cut?.nameServers.map(({ name }) => name.toString())).toEqual(['ns.example.com.']);
  expectClean(resolver);
});

test('glue never answers a client: the zone itself does (RFC 2181 §5.4.1)', async () => {
  const other = EXAMPLE_ZONE.replace(/ns {5}3600 A .*/, 'ns 3600 A 192.0.2.53');
  const internet = await withEvil(victims, zone('example.com.', other));
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.example.com.');
  expect(await internet.ask(resolver, 'ns.example.com.')).toContain('192.0.2.53');
  expect(await internet.ask(resolver, 'ns.example.com.')).toContain('192.0.2.53');
});

test('a forged reply of every broken kind before the good one changes nothing', async () => {
  const forge = (query: Message): Message =>
    reply(query, { aa: true, answers: records('www.example.com. 300 A 203.0.113.1') });
  const forged: Responder = (query, via) => {
    if (via === 'tcp') return victims(query, via);
    const octets = encodeMessage(forge(query));
    return [
      { ...forge(query), qr: false },
      { ...forge(query), questions: [questionOf('other.example.com.')] },
      { ...forge(query), questions: [] },
      octets.subarray(0, 5),
      octets.subarray(0, 40),
      { ...forge(query), id: query.id ^ 0x8000 },
      victims(query, via) as Message,
    ];
  };
  const internet = await withEvil(victims, forged);
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.example.com.')).toContain('192.0.2.80');
  expect(resolver.counters.wrongIds).toBe(1);
  await expectVictimsUnharmed(internet, resolver);
});

test('a blind flood of forged replies at one port is never accepted', async () => {
  const internet = await withEvil(victims);
  const resolver = internet.resolver();
  const forger = internet.world.host({ addresses: ['192.0.2.99'] });
  const question = questionOf('www.example.com.');
  let forged = 0;
  internet.world.onPacket(({ transport, kind, from, to, bytes }) => {
    if (transport !== 'udp' || kind !== 'datagram' || to.address !== EXAMPLE || forged > 0) return;
    const id = (bytes[0]! << 8) | bytes[1]!;
    for (let guess = 0; guess < 1000; guess++) {
      // The right port is the hardest to find; ids around the right one never are the right one.
      const message = reply(
        createMessage({ id: (id + 1 + guess) & 0xffff, questions: [question] }),
        { aa: true, answers: records('www.example.com. 300 A 203.0.113.1') },
      );
      forged++;
      const target = { address: from.address, port: guess % 2 ? from.port : 1024 + guess };
      const source = { address: EXAMPLE, port: 53 };
      internet.world.inject(forger, { from: source, to: target, bytes: encodeMessage(message) });
    }
  });
  expect(await internet.ask(resolver, 'www.example.com.')).toContain('192.0.2.80');
  expect(forged).toBe(1000);
  await expectVictimsUnharmed(internet, resolver);
});

test('www\\.bank.com. is not www.bank.com.', async () => {
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  const com = `www\\.bank 300 A 203.0.113.1
    bank     3600 NS ns.bank
    ns.bank  3600 A ${EXAMPLE}
    @ 900 SOA ns h 1 1 1 1 900`;
  await internet.serve(COM, zone('com.', com));
  await internet.serve(EXAMPLE, zone('bank.com.', 'www 300 A 192.0.2.80'));
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www\\.bank.com.')).toMatch(TAINT);
  expect(await internet.ask(resolver, 'www.bank.com.')).toContain('192.0.2.80');
});

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

test('records whose data do not have the form of their type are no answer', async () => {
  const rdata = Uint8Array.of(203, 0, 113, 1, 1);
  const name = nameOf('www.evil.com.');
  const broken = { name, type: RRType.A, class: 1, ttl: 300, rdata };
  const internet = await withEvil((query) => reply(query, { aa: true, answers: [broken] }));
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.evil.com.')).toMatch(/^failure/);
  expect([...resolver.cache.records.entries()]).toEqual([]);
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

test('a delegation that its parent withdrew dies with its TTL, whatever the child serves', async () => {
  let isGranted = true;
  const internet = new Internet();
  const granted = zone('com.', `${COM_ZONE}\nghost 3600 NS ns.ghost\nns.ghost 3600 A ${EVIL}`);
  const withdrawn = zone('com.', COM_ZONE);
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, (query, via) => (isGranted ? granted : withdrawn)(query, via));
  // The child claims everything for a day, delegates to itself below, and repeats it in each reply.
  const own = `@ 86400 NS ns\nns 86400 A ${EVIL}\n@ 9 SOA ns h 1 1 1 1 9\nwww 60 A 203.0.113.1`;
  const below = 'deep 86400 NS ns.deep\nns.deep 86400 A 192.0.2.66';
  const ghost = zone('ghost.com.', `${own}\n${below}`);
  const deep = zone('deep.ghost.com.', `www 60 A 203.0.113.2\nns 86400 A ${EVIL}`);
  const child: Responder = (query, via) => {
    const { name } = query.questions[0]!;
    const isDeep = name.isSubdomainOf(nameOf('deep.ghost.com.')) && internet.received.length > 4;
    return (isDeep ? deep : ghost)(query, via);
  };
  await internet.serve(EVIL, child);
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.ghost.com.')).toContain('203.0.113.1');
  isGranted = false;
  const startMs = internet.world.nowMs;
  let lastSeenMs = 0;
  for (let minute = 0; minute < 180; minute++) {
    for (const [name, type] of [
      ['ghost.com.', 'NS'],
      ['ns.ghost.com.', 'A'],
      ['www.deep.ghost.com.', 'A'],
    ] as const) {
      await internet.ask(resolver, name, type);
    }
    if ((await internet.ask(resolver, 'www.ghost.com.')).startsWith('NOERROR')) {
      lastSeenMs = internet.world.nowMs - startMs;
    }
    await internet.world.advance(60_000);
  }
  // The delegation's hour, and the last minute of the record it led to.
  expect(lastSeenMs).toBeGreaterThan(3_400_000);
  expect(lastSeenMs).toBeLessThanOrEqual(3_660_000);
  expect(await internet.ask(resolver, 'www.deep.ghost.com.')).toMatch(/^NXDOMAIN/);
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
