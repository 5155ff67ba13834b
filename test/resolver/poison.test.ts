/**
 * What hostile zones and forgers try to plant. Every record that an attacker made up lies in
 * 203.0.113.0/24 or below `taint.`: after each run neither may be found in the cache for a name of
 * somebody else, nor come out of it.
 */
import { expect, test } from 'vitest';

import type { Resolver } from '../../src/resolver/resolver.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { EVIL, victims, withEvil } from './evil.ts';
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
  showRRset,
  zone,
  type Responder,
} from './fixture.ts';

const TAINT = /203\.0\.113\.|taint/;
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

test('records whose data do not have the form of their type are no answer', async () => {
  const rdata = Uint8Array.of(203, 0, 113, 1, 1);
  const name = nameOf('www.evil.com.');
  const broken = { name, type: RRType.A, class: 1, ttl: 300, rdata };
  const internet = await withEvil((query) => reply(query, { aa: true, answers: [broken] }));
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.evil.com.')).toMatch(/^failure/);
  expect([...resolver.cache.records.entries()]).toEqual([]);
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
