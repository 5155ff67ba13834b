/**
 * Family D, first half: delegations made to have the resolver work, for itself or against others.
 * Every play ends with the same question asked twenty times more, which must cost nothing: the
 * failure is remembered.
 */
import { expect } from 'vitest';

import { Rcode } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import {
  COM,
  COM_ZONE,
  EXAMPLE,
  EXAMPLE_ZONE,
  records,
  reply,
  zone,
  type Responder,
} from '../resolver/fixture.ts';
import { attack, EVIL, type Stage, victims } from './stage.ts';

/** Asks once, then again and again: nothing more may be sent. Returns the packets of the first. */
async function askAgainAndAgain(stage: Stage, name: string): Promise<number> {
  const before = stage.resolver.counters.sends;
  await stage.ask(name);
  const { sends } = stage.resolver.counters;
  for (let again = 0; again < 20; again++) await stage.ask(name);
  expect(stage.resolver.counters.sends).toBe(sends);
  return sends - before;
}

const SOA = '@ 9 SOA ns h 1 1 1 1 9';
const refuseAll: Responder = (query) => reply(query, { rcode: Rcode.REFUSED });

function list(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join('\n');
}

/** Delegates sub.evil.com. whatever is asked below it. */
function delegating(authorities: string, additionals = ''): Responder {
  return (query) =>
    reply(query, { authorities: records(authorities), additionals: records(additionals) });
}

attack(
  {
    row: 'D2',
    name: 'NXNS: 135 NS names in the domain of a victim make at most ten queries there',
    setting: { evil: delegating(list(135, (i) => `sub.evil.com. 300 NS n${i}.example.com.`)) },
  },
  async (stage) => {
    expect(await askAgainAndAgain(stage, 'a.sub.evil.com.')).toBeLessThanOrEqual(17);
    expect(stage.countAsked(EXAMPLE)).toBeGreaterThan(0);
    expect(stage.countAsked(EXAMPLE)).toBeLessThanOrEqual(10);
    const cut = stage.resolver.cache.delegations.closest(nameOf('a.sub.evil.com.'));
    expect(cut?.nameServers).toHaveLength(13);
  },
);

attack(
  {
    row: 'D2',
    name: 'NXNS with names that exist and have no address: ten queries at the victim as well',
    setting: {
      evil: delegating(list(135, (i) => `sub.evil.com. 300 NS n${i}.example.com.`)),
      victim: zone('example.com.', `${EXAMPLE_ZONE}\n${list(135, (i) => `n${i} 300 TXT here`)}`),
    },
    isFatal: true,
  },
  async (stage) => {
    await stage.ask('a.sub.evil.com.');
    expect(stage.countAsked(EXAMPLE)).toBeLessThanOrEqual(10);
    expect(stage.countAsked(EXAMPLE)).toBeGreaterThan(5);
  },
);

attack(
  {
    row: 'D2',
    name: 'NXNS with names that do not exist: after five of them no more are tried',
    setting: {
      evil: (query) => {
        const { name } = query.questions[0]!;
        const at = name.ancestor(Math.min(name.labelCount, 3)).toString();
        // Each level has new names, so that only the count over the whole query holds them back.
        return reply(query, {
          authorities: records(
            list(3, (i) => `${at} 300 NS n${i}.${at.replaceAll('.', '-')}.example.com.`),
          ),
        });
      },
    },
  },
  async (stage) => {
    for (let i = 0; i < 4; i++) await stage.ask(`a.s${i}.evil.com.`);
    const asked = stage.internet.received.filter(({ name }) => /^n[0-9]\..*example/.test(name));
    expect(new Set(asked.map(({ name }) => name)).size).toBeLessThanOrEqual(4 * 5);
  },
);

{
  const names = Array.from({ length: 13 }, (_, i) => `n${i}.example.com.`);
  const text = (owner: string, rdata: (i: number) => string): string =>
    list(13, (i) => `${owner || names[i]!} 300 ${rdata(i)}`);
  const com = `${COM_ZONE.replace(/ +example .*/, '')}
    evil 3600 NS ns.evil\nns.evil 3600 A ${EVIL}
    ${text('example', (i) => `NS ${names[i]!}`)}
    ${text('', (i) => `A 192.0.2.${100 + i}`)}`;
  const victim = zone(
    'example.com.',
    text('', (i) => `A 192.0.2.${150 + i}`),
  );
  const servers = Object.fromEntries(
    names.flatMap((_, i) => [
      [`192.0.2.${100 + i}`, victim],
      [`192.0.2.${150 + i}`, victim],
    ]),
  );
  attack(
    {
      row: 'D2',
      name: 'NXNS: the glue of thirteen servers of a victim is tried for five of them',
      setting: {
        comServer: zone('com.', com),
        evil: zone(
          'evil.com.',
          text('sub', (i) => `NS ${names[i]!}`),
        ),
        servers,
      },
      isFatal: true,
    },
    async (stage) => {
      expect(await stage.ask('a.sub.evil.com.')).toMatch(/^failure/);
      // Five at their own addresses, five at their glue.
      const asked = stage.internet.asked.filter(
        (line) => /^192\.0\.2\.1[0-9]{2} /.test(line) && line.includes('sub.evil.com.'),
      );
      expect(asked.length).toBeLessThanOrEqual(5 + 5);
      expect(asked.length).toBeGreaterThan(5);
    },
  );
}

attack(
  {
    row: 'D3',
    name: 'NRDelegation: 1500 NS names at a server that never answers',
    setting: {
      evil: (query, via) => {
        const lines = list(1500, (i) => `sub.evil.com. 300 NS n${i}.dead.com.`);
        return via === 'udp' ? reply(query, { tc: true }) : delegating(lines)(query, via);
      },
      com: 'dead 3600 NS ns.dead\nns.dead 3600 A 192.0.2.250',
    },
  },
  async (stage) => {
    expect(await askAgainAndAgain(stage, 'a.sub.evil.com.')).toBeLessThanOrEqual(32);
    expect(stage.countAsked('192.0.2.250')).toBe(0);
  },
);

{
  let level = 0;
  attack(
    {
      row: 'D1',
      name: 'iDNS: an endless delegation ends',
      setting: {
        evil: (query) => {
          level++;
          const { name } = query.questions[0]!;
          const at = name.ancestor(Math.min(name.labelCount, 3)).toString();
          return reply(query, { authorities: records(`${at} 300 NS ns.l${level}.evil.com.`) });
        },
      },
    },
    async (stage) => {
      expect(await askAgainAndAgain(stage, 'a.b.evil.com.')).toBeLessThanOrEqual(40);
    },
  );
}

{
  let count = 0;
  attack(
    {
      row: 'D1',
      name: 'a fan of delegations, each with names in new delegations, ends',
      setting: {
        evil: (query) => {
          const { name } = query.questions[0]!;
          const at = name.ancestor(Math.min(name.labelCount, 3)).toString();
          const names = list(13, () => `${at} 300 NS n.f${count++}.evil.com.`);
          return reply(query, { authorities: records(names) });
        },
      },
    },
    async (stage) => {
      expect(await askAgainAndAgain(stage, 'a.b.evil.com.')).toBeGreaterThan(5);
    },
  );
}

attack(
  {
    row: 'D1',
    name: 'referrals that go one label deeper each time end with the labels',
    setting: {
      evil: (query) => {
        const { name } = query.questions[0]!;
        const at = name.toString();
        return reply(query, {
          authorities: records(`${at} 300 NS ns.evil.com.`),
          additionals: records(`ns.evil.com. 300 A ${EVIL}`),
        });
      },
    },
  },
  async (stage) => {
    const deep = `${'a.'.repeat(120)}evil.com.`;
    expect(await askAgainAndAgain(stage, deep)).toBeLessThanOrEqual(40);
  },
);

{
  const com = `${list(14, (i) => `z${i} 300 NS ns.z${i + 1}`)}
    z14 300 NS ns.z14\nns.z14 300 A 192.0.2.14`;
  attack(
    {
      row: 'D1',
      name: 'name servers in name servers: seven deep and no deeper, and nobody is punished',
      setting: {
        com,
        servers: {
          '192.0.2.14': (query) => {
            const name = query.questions[0]!.name.toString();
            return reply(query, { aa: true, answers: records(`${name} 60 A 192.0.2.14`) });
          },
        },
      },
    },
    async (stage) => {
      expect(await stage.ask('www.z0.com.')).toMatch(/^failure: gave up looking for/);
      expect(stage.resolver.counters.sends).toBeLessThan(24);
      expect(await stage.ask('www.z5.com.')).toMatch(/^failure/);
      expect(await stage.ask('www.z6.com.')).toMatch(/^NOERROR/);
    },
  );
}

attack(
  {
    row: 'D1',
    name: 'deep down only one NS name of a delegation is looked up',
    setting: {
      com: `z0 300 NS ns.z1\nz1 300 NS ns.z2\nz2 300 NS ns.z3
        ${list(13, (i) => `z3 300 NS n${i}.example`)}`,
      victim: zone('example.com.', `${EXAMPLE_ZONE}\n${list(13, (i) => `n${i} 300 TXT here`)}`),
    },
    isFatal: true,
  },
  async (stage) => {
    await stage.ask('www.z0.com.');
    const names = stage.internet.received.map(({ name }) => name);
    const distinct = new Set(names.filter((name) => /^n[0-9]+\.example/.test(name)));
    expect(distinct.size).toBe(1);
  },
);

const ADDRESSES = Array.from({ length: 60 }, (_, i) => `192.0.2.${100 + i}`);

{
  const thirteen = ADDRESSES.slice(0, 13);
  const names = Array.from({ length: 10 }, (_, i) => `n${i}.sub.evil.com.`);
  const authorities = names.map((name) => `sub.evil.com. 300 NS ${name}`).join('\n');
  const additionals = names
    .flatMap((name) => thirteen.map((address) => `${name} 300 A ${address}`))
    .join('\n');
  const evil = delegating(authorities, additionals);
  const cutOff: Responder = (query, via) =>
    via === 'udp' && query.edns ? reply(query, { tc: true }) : evil(query, via);
  attack(
    {
      row: 'D5',
      name: 'self-pointed glue: ten names with the same thirteen addresses',
      setting: {
        evil: cutOff,
        servers: Object.fromEntries(thirteen.map((address) => [address, evil])),
      },
    },
    async (stage) => {
      expect(await askAgainAndAgain(stage, 'a.sub.evil.com.')).toBeLessThanOrEqual(17);
    },
  );
}

{
  const names = Array.from({ length: 10 }, (_, i) => `n${i}.sub.evil.com.`);
  const authorities = names.map((name) => `sub.evil.com. 300 NS ${name}`).join('\n');
  const additionals = ADDRESSES.map((one, i) => `${names[i % 10]!} 300 A ${one}`).join('\n');
  const setting = {
    evil: delegating(authorities, additionals),
    servers: Object.fromEntries(ADDRESSES.map((address) => [address, refuseAll])),
  };
  attack(
    { row: 'D5', name: 'sixty addresses for one zone: thirteen are asked', setting },
    async (stage) => {
      await askAgainAndAgain(stage, 'a.sub.evil.com.');
      const asked = ADDRESSES.filter((address) => stage.countAsked(address) > 0);
      expect(asked).toHaveLength(13);
    },
  );
  attack(
    {
      row: 'D5',
      name: 'one zone gets its share of the packets, not all of them',
      setting: { ...setting, resolver: { limits: { sendsPerStep: 4 } } },
    },
    async (stage) => {
      await stage.ask('a.sub.evil.com.');
      const asked = ADDRESSES.map((address) => stage.countAsked(address));
      expect(asked.reduce((sum, count) => sum + count)).toBe(4);
    },
  );
}

attack(
  {
    row: 'D5',
    name: 'of one name, six addresses are kept',
    setting: {
      evil: delegating(
        'sub.evil.com. 300 NS n.sub.evil.com.',
        list(20, (i) => `n.sub.evil.com. 300 A 192.0.2.${100 + i}`),
      ),
    },
  },
  async (stage) => {
    await stage.ask('a.sub.evil.com.');
    const cut = stage.resolver.cache.delegations.closest(nameOf('a.sub.evil.com.'));
    expect(cut?.nameServers[0]?.addresses).toHaveLength(6);
  },
);

attack(
  {
    row: 'D5',
    name: 'names that turn out to have the same address do not make it be asked again',
    setting: {
      evil: delegating(list(5, (i) => `sub.evil.com. 300 NS x${i}.example.com.`)),
      victim: zone('example.com.', `${EXAMPLE_ZONE}\n${list(5, (i) => `x${i} 300 A 192.0.2.150`)}`),
      servers: { '192.0.2.150': (query) => reply(query, { rcode: Rcode.SERVFAIL }) },
    },
    isFatal: true,
  },
  async (stage) => {
    await stage.ask('a.sub.evil.com.');
    expect(stage.countAsked('192.0.2.150', 'a.sub.evil.com.')).toBeLessThanOrEqual(1);
    expect(stage.countAsked('192.0.2.150')).toBeLessThanOrEqual(2);
  },
);

for (const length of [2, 3, 8]) {
  const com = list(length, (i) => `c${i} 300 NS ns.c${(i + 1) % length}`);
  attack(
    {
      row: 'D4',
      name: `tsuNAME: ${length} zones whose servers lie in each other fail at once`,
      setting: { com },
    },
    async (stage) => {
      const startMs = stage.internet.world.nowMs;
      expect(await askAgainAndAgain(stage, 'www.c0.com.')).toBeLessThanOrEqual(17);
      expect(stage.internet.world.nowMs - startMs).toBeLessThan(1000);
    },
  );
}

attack(
  {
    row: 'D4',
    name: 'a thousand queries for names below a circle cost no more than the first',
    setting: { com: 'c0 300 NS ns.c1\nc1 300 NS ns.c0' },
  },
  async (stage) => {
    expect(await stage.ask('www.c0.com.')).toMatch(/depends on itself/);
    stage.internet.takeAsked();
    for (let i = 0; i < 1000; i++) await stage.ask(`n${i % 100}.c0.com.`);
    // New names find the failure of the name servers' own names.
    expect(stage.internet.takeAsked()).toEqual([]);
  },
);

attack(
  {
    row: 'D4',
    name: 'a circle with one way out is resolved by that',
    setting: {
      com: `c0 300 NS ns.c1\nc0 300 NS ns.example\nc1 300 NS ns.c0`,
      victim: (query, via) => {
        const { name } = query.questions[0]!;
        if (!name.isSubdomainOf(nameOf('c0.com.'))) return victims(query, via);
        return zone('c0.com.', `${SOA}\nwww 60 A 192.0.2.80`)(query, via);
      },
    },
  },
  async (stage) => {
    expect(await stage.ask('www.c0.com.')).toContain('192.0.2.80');
  },
);

attack(
  {
    row: 'D4',
    name: 'clients that come to a circle from both ends do not wait for each other',
    setting: { com: 'c0 300 NS ns.c1\nc1 300 NS ns.c0' },
  },
  async (stage) => {
    const startMs = stage.internet.world.nowMs;
    await stage.askTogether([['ns.c0.com.'], ['ns.c1.com.'], ['www.c0.com.'], ['www.c1.com.']]);
    expect(stage.internet.world.nowMs - startMs).toBeLessThan(1000);
  },
);

attack(
  {
    row: 'D2',
    name: 'an NS name that cannot be resolved is remembered for every name that needs it',
    setting: {
      com: 'dead 300 NS ns.dead\nns.dead 300 A 192.0.2.250\nlost 300 NS ns.far.dead',
    },
  },
  async (stage) => {
    expect(await stage.ask('a.lost.com.')).toMatch(/^failure/);
    const { sends } = stage.resolver.counters;
    expect(sends).toBeLessThanOrEqual(4 + 8);
    expect(await stage.ask('b.lost.com.')).toMatch(/^failure/);
    expect(stage.resolver.counters.sends).toBeLessThanOrEqual(sends + 1);
  },
);

const GLUES = {
  'of this host': ['127.0.0.1', '127.1.2.3', '0.0.0.0', '0.1.2.3', '::', '::1', '::127.0.0.1'],
  'of everybody and nobody': ['224.0.0.1', '240.0.0.1', '255.255.255.255', 'ff02::1', 'fe80::1'],
  'of IPv4 in disguise': ['::ffff:127.0.0.1', '::ffff:192.0.2.1', '::ffff:0.0.0.0'],
  'of the resolver itself': ['203.0.113.1', '2001:db8::1'],
};

for (const [whose, addresses] of Object.entries(GLUES)) {
  const glue = addresses
    .map((address) => `ns.sub.evil.com. 300 ${address.includes(':') ? 'AAAA' : 'A'} ${address}`)
    .join('\n');
  attack(
    {
      row: 'A12',
      name: `addresses ${whose} are never asked, as glue or as the address of an NS name`,
      setting: {
        evil: (query, via) => {
          const name = query.questions[0]!.name.toString();
          if (name === 'ns.other.evil.com.') {
            const lines = glue.replaceAll('ns.sub.', 'ns.other.');
            return zone('evil.com.', `${SOA}\n${lines}`)(query, via);
          }
          const cut = name.includes('lure') ? 'lure' : 'sub';
          const server = cut === 'lure' ? 'ns.other.evil.com.' : 'ns.sub.evil.com.';
          return delegating(`${cut}.evil.com. 300 NS ${server}`, glue)(query, via);
        },
        resolver: { doNotQuery: ['203.0.113.1', '2001:db8::1'] },
      },
      owned: ['evil.com.'],
    },
    async (stage) => {
      const targets = new Set<string>();
      stage.internet.world.onPacket(({ fromHost, to }) => {
        if (fromHost === stage.internet.resolverHost.name) targets.add(to.address);
      });
      await stage.ask('a.sub.evil.com.');
      await stage.ask('a.lure.evil.com.');
      for (const address of addresses) expect([...targets]).not.toContain(address);
      expect([...targets].toSorted()).toEqual(
        expect.arrayContaining([COM, EVIL].toSorted()) as string[],
      );
      expect(targets.size).toBeLessThanOrEqual(3);
    },
  );
}
