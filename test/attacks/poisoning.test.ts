/**
 * Family B: data of one zone that come with the reply of another, and what they must not change.
 * The taint oracle looks after every one of them (`stage.ts`).
 */
import { expect, test } from 'vitest';

import { Rcode, RRType } from '../../src/wire/iana.ts';
import type { Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import {
  COM_ZONE,
  EXAMPLE_ZONE,
  records,
  reply,
  zone,
  type Responder,
} from '../resolver/fixture.ts';
import { TAINT, taintIn } from './oracles.ts';
import { attack, EVIL, Stage, victims } from './stage.ts';

const OWN = `www.evil.com. 300 A ${EVIL}`;

interface Poison {
  readonly row: string;
  readonly parts: Partial<Message>;
}

const POISON: Record<string, Poison> = {
  'addresses of others beside an answer': {
    row: 'B1',
    parts: {
      answers: records(`${OWN}\nwww.example.com. 300 A 203.0.113.1`),
      authorities: records('example.com. 300 NS ns.taint.'),
      additionals: records('ns.example.com. 300 A 203.0.113.1\nns.com. 300 A 203.0.113.1'),
    },
  },
  'NS records of others with an answer': {
    row: 'B1',
    parts: {
      answers: records(OWN),
      authorities: records('com. 300 NS ns.taint.\n. 300 NS ns.taint.\norg. 300 NS ns.taint.'),
      additionals: records('ns.taint. 300 A 203.0.113.1'),
    },
  },
  'a referral to a sibling': {
    row: 'B1',
    parts: {
      authorities: records('example.com. 86400 NS ns.evil.com.'),
      additionals: records('ns.evil.com. 300 A 203.0.113.1'),
    },
  },
  'a referral upwards': {
    row: 'B1',
    parts: {
      authorities: records('com. 86400 NS ns.taint.'),
      additionals: records('ns.taint. 300 A 203.0.113.1'),
    },
  },
  'glue for the servers of others': {
    row: 'B4',
    parts: {
      authorities: records(`sub.evil.com. 300 NS ns.example.com.
        sub.evil.com. 300 NS ns.com.`),
      additionals: records('ns.example.com. 300 A 203.0.113.1\nns.com. 300 A 203.0.113.1'),
    },
  },
  'a CNAME with its target made up': {
    row: 'B10',
    parts: {
      answers: records(`www.evil.com. 300 CNAME www.example.com.
        www.example.com. 300 A 203.0.113.1`),
    },
  },
  'data beside the chain of aliases': {
    row: 'B10',
    parts: {
      answers: records(`www.evil.com. 300 CNAME a.evil.com.
        a.evil.com. 300 A ${EVIL}
        www.example.com. 300 A 203.0.113.1
        example.com. 300 NS ns.taint.
        alias.org. 300 MX 1 taint.`),
    },
  },
  'a DNAME for a whole other domain': {
    row: 'B10',
    parts: {
      answers: records(`example.com. 300 DNAME taint.
        www.evil.com. 300 CNAME www.example.com.
        www.example.com. 300 CNAME www.taint.`),
    },
  },
  'a DNAME at the parent': {
    row: 'B10',
    parts: { answers: records('com. 300 DNAME taint.') },
  },
  'a negative answer with the SOA of another': {
    row: 'B1',
    parts: {
      rcode: Rcode.NXDOMAIN,
      authorities: records('com. 900 SOA taint. taint. 1 1 1 1 900'),
    },
  },
  'records of class CH and of no class': {
    row: 'B1',
    parts: {
      answers: records('www.example.com. 300 A 203.0.113.1').map((rr) => ({ ...rr, class: 3 })),
      authorities: records('example.com. 300 NS ns.taint.').map((rr) => ({ ...rr, class: 254 })),
    },
  },
};

/** Records that name a host of a victim, with an address for it beside them. */
const BAITS = [
  'MX 10 www.example.com.',
  'SRV 1 1 80 www.example.com.',
  'SVCB 1 www.example.com.',
  'HTTPS 1 www.example.com. ipv4hint=203.0.113.1',
  'PTR www.example.com.',
  'NAPTR 1 1 "u" "" "" www.example.com.',
  'AFSDB 1 www.example.com.',
];

for (const bait of BAITS) {
  POISON[`an address beside ${bait.split(' ')[0]!} in the authority section`] = {
    row: 'B3',
    parts: {
      answers: records(OWN),
      authorities: records(`example.com. 300 ${bait}\nevil.com. 300 ${bait}`),
      additionals: records('www.example.com. 300 A 203.0.113.1'),
    },
  };
}

for (const [name, { row, parts }] of Object.entries(POISON)) {
  for (const aa of [true, false]) {
    const evil: Responder = (query) => reply(query, { aa, ...parts });
    const title = `${name}${aa ? '' : ', without AA'}`;
    attack({ row, name: title, setting: { evil } }, async (stage) => {
      for (const asked of ['www.evil.com.', 'x.sub.evil.com.', 'evil.com.']) {
        expect(await stage.ask(asked)).not.toMatch(TAINT);
      }
    });
  }
}

test('the taint oracle sees poison: in the own zone of the attacker it is kept', async () => {
  const stage = await Stage.set({
    evil: (query) =>
      reply(query, { aa: true, answers: records('www.evil.com. 300 A 203.0.113.1') }),
  });
  expect(await stage.ask('www.evil.com.')).toMatch(TAINT);
  expect(taintIn(stage.resolver, ['evil.com.'])).toEqual([]);
  expect(taintIn(stage.resolver, ['nobody.'])).toHaveLength(1);
});

const promiscuous: Responder = (query, via) => ({
  ...(victims(query, via) as Message),
  authorities: records('example.com. 86400 NS ns.taint.\nexample.com. 86400 NS ns.evil.com.'),
  additionals: records('ns.evil.com. 86400 A 203.0.113.1\nns.example.com. 86400 A 203.0.113.1'),
});

attack(
  {
    row: 'B2',
    name: 'an NS set beside a positive answer does not replace the delegation',
    setting: { evil: victims, victim: promiscuous },
  },
  async (stage) => {
    await stage.ask('www.example.com.');
    const cut = stage.resolver.cache.delegations.closest(nameOf('www.example.com.'));
    expect(cut?.nameServers.map(({ name }) => name.toString())).toEqual(['ns.example.com.']);
  },
);

attack(
  {
    row: 'B8',
    name: 'glue never answers a client: the zone itself does (RFC 2181 §5.4.1)',
    setting: {
      victim: zone('example.com.', EXAMPLE_ZONE.replace(/ns {5}3600 A .*/, 'ns 3600 A 192.0.2.53')),
    },
    isFatal: true,
  },
  async (stage) => {
    await stage.ask('www.example.com.');
    expect(await stage.ask('ns.example.com.')).toContain('192.0.2.53');
    expect(await stage.ask('ns.example.com.')).toContain('192.0.2.53');
  },
);

attack(
  {
    row: 'B8',
    name: 'what a server says without authority does not replace what one said with it',
    setting: {
      evil: (query) => {
        const name = query.questions[0]!.name.toString();
        const isFirst = name === 'www.evil.com.';
        return reply(query, {
          aa: isFirst,
          answers: records(
            isFirst
              ? `www.evil.com. 300 A ${EVIL}`
              : 'alias.evil.com. 300 CNAME www.evil.com.\nwww.evil.com. 300 A 203.0.113.1',
          ),
        });
      },
    },
  },
  async (stage) => {
    expect(await stage.ask('www.evil.com.')).toContain(EVIL);
    await stage.ask('alias.evil.com.');
    expect(await stage.ask('www.evil.com.')).toContain(EVIL);
  },
);

attack(
  {
    row: 'B4',
    name: 'glue that another domain gave for a server is not tried, before or after its own fails',
    setting: {
      evil: zone(
        'evil.com.',
        `sub 3600 NS ns.alias.org.\nns.alias.org. 3600 A 203.0.113.66
        deep 3600 NS ns.deep.alias.org.\nns.deep.alias.org. 3600 A 203.0.113.66`,
      ),
      servers: { '203.0.113.66': zone('.', 'www.sub.evil.com. 300 A 203.0.113.9') },
    },
  },
  async (stage) => {
    for (const name of ['www.sub.evil.com.', 'www.deep.evil.com.']) {
      expect(await stage.ask(name)).not.toMatch(TAINT);
    }
    expect(stage.countAsked('203.0.113.66')).toBe(0);
  },
);

attack(
  {
    row: 'B11',
    name: 'an alias to itself, through CNAME or DNAME, ends at once',
    setting: {
      evil: (query) => {
        const { name } = query.questions[0]!;
        const text = name.toString();
        if (text.endsWith('d.evil.com.')) {
          return reply(query, { aa: true, answers: records('d.evil.com. 300 DNAME d.evil.com.') });
        }
        if (text.endsWith('e.evil.com.')) {
          return reply(query, {
            aa: true,
            answers: records('e.evil.com. 300 DNAME x.e.evil.com.'),
          });
        }
        return reply(query, { aa: true, answers: records(`${text} 300 CNAME ${text}`) });
      },
    },
  },
  async (stage) => {
    expect(await stage.ask('self.evil.com.')).toMatch(
      /^NOERROR: self\.evil\.com\. 300 CNAME self\S+$/,
    );
    expect(await stage.ask('a.d.evil.com.')).toMatch(
      /^NOERROR: d.evil.com. 300 DNAME [^;]+; a\.d\S+ 300 CNAME a\.d\S+$/,
    );
    expect(await stage.ask('a.e.evil.com.')).toMatch(/^(failure|YXDOMAIN)/);
  },
);

attack(
  {
    row: 'B11',
    name: 'a DNAME that makes names grow beyond 255 octets is YXDOMAIN',
    setting: {
      evil: (query) => {
        const long = `${'a'.repeat(60)}.`.repeat(3);
        return reply(query, { aa: true, answers: records(`evil.com. 300 DNAME ${long}evil.com.`) });
      },
    },
  },
  async (stage) => {
    const label = 'b'.repeat(60);
    expect(await stage.ask(`${label}.evil.com.`)).toMatch(/^(YXDOMAIN|failure)/);
    for (let length = 1; length <= 63; length += 7) {
      expect(await stage.ask(`${'c'.repeat(length)}.evil.com.`)).not.toMatch(/^NOERROR/);
    }
  },
);

attack(
  {
    row: 'B9',
    name: 'NXDOMAIN of a zone says nothing about its siblings and parents',
    setting: {
      evil: (query) =>
        reply(query, {
          aa: true,
          rcode: Rcode.NXDOMAIN,
          authorities: records('evil.com. 900 SOA taint. taint. 1 1 1 1 900'),
        }),
    },
  },
  async (stage) => {
    expect(await stage.ask('evil.com.', 'NS')).toMatch(/^NXDOMAIN/);
    for (const name of ['com.', '.']) expect(await stage.ask(name, 'NS')).toMatch(/^NOERROR/);
    const { negatives } = stage.resolver.cache;
    expect(negatives.get(nameOf('www.example.com.'), RRType.A)).toBeUndefined();
    expect(negatives.get(nameOf('com.'), RRType.A)).toBeUndefined();
  },
);

attack(
  {
    row: 'F11',
    name: 'records whose data do not have the form of their type are no answer',
    setting: {
      evil: (query) => {
        const rdata = Uint8Array.of(203, 0, 113, 1, 1);
        const broken = { name: nameOf('www.evil.com.'), type: RRType.A, class: 1, ttl: 300, rdata };
        return reply(query, { aa: true, answers: [broken] });
      },
    },
  },
  async (stage) => {
    expect(await stage.ask('www.evil.com.')).toBe('NOERROR');
    expect([...stage.resolver.cache.records.entries()]).toEqual([]);
  },
);

/** What of a reply answers the question, and what merely lies beside it. */
const BESIDE: Readonly<Record<string, readonly [parts: Partial<Message>, outcome: RegExp]>> = {
  'look-alike data of another name': [
    { aa: true, answers: records('wwww.evil.com. 300 A 203.0.113.1') },
    /^NOERROR$/,
  ],
  'an answer about something else': [
    { aa: true, answers: records('www.evil.com. 300 TXT taint') },
    /^NOERROR$/,
  ],
  'a DNAME of a neighbour': [
    { aa: true, answers: records('wwww.evil.com. 300 DNAME taint.') },
    /^NOERROR$/,
  ],
  'two CNAMEs of one name, the second': [
    {
      aa: true,
      answers: records(`www.evil.com. 300 CNAME near.example.com.
        www.evil.com. 300 CNAME www.taint.`),
    },
    /^NOERROR: www\.evil\.com\. 300 CNAME near\.example\.com\.;/,
  ],
  'NXDOMAIN without authority and without SOA': [{ rcode: Rcode.NXDOMAIN }, /^failure/],
};

for (const [name, [parts, outcome]] of Object.entries(BESIDE)) {
  const evil: Responder = (query) => reply(query, parts);
  attack({ row: 'B10', name: `${name} answers nothing`, setting: { evil } }, async (stage) => {
    const answer = await stage.ask('www.evil.com.');
    expect(answer).toMatch(outcome);
    expect(answer).not.toMatch(TAINT);
  });
}

/** Two zones that change hands; see below. */
const granted = `${COM_ZONE}\nghost 3600 NS ns.ghost\nns.ghost 3600 A ${EVIL}`;

interface Ghost {
  readonly name: string;
  /** What the child serves of itself. */
  readonly child: string;
  /** What is asked at each turn, to keep the ghost alive. */
  readonly rites: readonly (readonly [name: string, type: string])[];
}

const GHOSTS: readonly Ghost[] = [
  {
    name: 'ghost domain: a withdrawn delegation dies though its child repeats its own NS set',
    child: `@ 86400 NS ns\nns 86400 A ${EVIL}\n@ 9 SOA ns h 1 1 1 1 9\nwww 60 A 203.0.113.1`,
    rites: [
      ['ghost.com.', 'NS'],
      ['ns.ghost.com.', 'A'],
    ],
  },
  {
    name: 'phoenix T1: a withdrawn delegation dies though its child names new servers each time',
    child: `@ 86400 NS ns\n@ 86400 NS new\nns 86400 A ${EVIL}\nnew 86400 A ${EVIL}
      @ 9 SOA ns h 1 1 1 1 9\nwww 60 A 203.0.113.1`,
    rites: [
      ['ghost.com.', 'NS'],
      ['new.ghost.com.', 'A'],
    ],
  },
  {
    name: 'phoenix T2: a withdrawn delegation dies though its child delegates below, ever deeper',
    child: `@ 86400 NS ns\nns 86400 A ${EVIL}\n@ 9 SOA ns h 1 1 1 1 9\nwww 60 A 203.0.113.1
      a 86400 NS ns.a\nns.a 86400 A ${EVIL}\nb 86400 NS ns.b\nns.b 86400 A ${EVIL}`,
    rites: [
      ['www.a.ghost.com.', 'A'],
      ['www.x.a.ghost.com.', 'A'],
      ['www.b.ghost.com.', 'A'],
      ['b.ghost.com.', 'NS'],
    ],
  },
];

const DAY_MS = 86_400_000;

for (const { name, child, rites } of GHOSTS) {
  let isGranted = true;
  const ghost: Responder = (query, via) => {
    const asked = query.questions[0]!.name;
    for (const cut of ['a.ghost.com.', 'b.ghost.com.']) {
      if (!asked.isSubdomainOf(nameOf(cut))) continue;
      // Itself again, and once more below itself.
      const deeper = `@ 86400 NS ns\nns 86400 A ${EVIL}\nwww 60 A 203.0.113.2
        x 86400 NS ns.x\nns.x 86400 A ${EVIL}\n@ 9 SOA ns h 1 1 1 1 9`;
      return zone(cut, deeper)(query, via);
    }
    return zone('ghost.com.', child)(query, via);
  };
  const comServer: Responder = (query, via) =>
    zone('com.', isGranted ? granted : COM_ZONE)(query, via);
  attack(
    {
      row: 'B6',
      name,
      setting: { comServer, servers: { [EVIL]: ghost } },
      owned: ['ghost.com.'],
    },
    async (stage) => {
      isGranted = true;
      const { world } = stage.internet;
      expect(await stage.ask('www.ghost.com.')).toContain('203.0.113.1');
      for (const [rite, type] of rites) await stage.ask(rite, type);
      isGranted = false;
      const startMs = world.nowMs;
      let lastFreshMs = 0;
      let lastSeenMs = 0;
      // Every ten minutes for two hours, then every half day for thirty days.
      while (world.nowMs < startMs + 30 * DAY_MS) {
        const elapsedMs = world.nowMs - startMs;
        for (const [rite, type] of rites) {
          if ((await stage.ask(rite, type)).startsWith('NOERROR')) lastSeenMs = elapsedMs;
        }
        if ((await stage.ask('www.ghost.com.')).startsWith('NOERROR')) lastFreshMs = elapsedMs;
        await world.advance(elapsedMs < 7_200_000 ? 600_000 : DAY_MS / 2);
      }
      // The delegation's hour, and the last minute of the record it led to; and what the child gave
      // a whole day.
      expect(lastFreshMs).toBeGreaterThan(2_400_000);
      expect(lastFreshMs).toBeLessThanOrEqual(3_660_000);
      expect(lastSeenMs).toBeLessThanOrEqual(3_600_000 + DAY_MS);
      expect(await stage.ask('www.ghost.com.')).toMatch(/^NXDOMAIN/);
    },
  );
}

test('a zone that was granted again lives again', async () => {
  const stage = await Stage.set({
    comServer: zone('com.', granted),
    servers: { [EVIL]: zone('ghost.com.', 'www 60 A 192.0.2.77') },
  });
  expect(await stage.ask('www.ghost.com.')).toContain('192.0.2.77');
  await stage.internet.world.advance(3_700_000);
  expect(await stage.ask('www.ghost.com.')).toContain('192.0.2.77');
});

attack(
  {
    row: 'B12',
    name: 'DS for a cut is asked above it, and a child that answers for its own DS is not heard',
    setting: {
      evil: zone('evil.com.', `@ 300 DS 1 8 2 ${'ab'.repeat(32)}\n@ 9 SOA ns h 1 1 1 1 9`),
    },
  },
  async (stage) => {
    await stage.ask('www.evil.com.');
    expect(await stage.ask('evil.com.', 'DS')).not.toMatch(/abab/i);
  },
);
