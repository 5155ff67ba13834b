/**
 * The worst that each single limit allows: an attack that would go on for ever, or for much longer,
 * if it were not for that one.
 */
import { expect, test } from 'vitest';

import { ServerTable } from '../../src/resolver/servers.ts';
import { World } from '../../src/sim/world.ts';
import { Rcode, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { EXAMPLE, records, reply, ROOT, zone, type Responder } from '../resolver/fixture.ts';
import { attack, EVIL, victims } from './stage.ts';

function list(count: number, line: (i: number) => string): string {
  return Array.from({ length: count }, (_, i) => line(i)).join('\n');
}

function serversAt(
  addresses: readonly string[],
  responder: Responder,
): Readonly<Record<string, Responder>> {
  return Object.fromEntries(addresses.map((address) => [address, responder]));
}

function addressesOf(zoneNumber: number): readonly string[] {
  return Array.from({ length: 13 }, (_, i) => `198.18.${zoneNumber}.${i + 1}`);
}

/** A zone of com. with thirteen servers. */
function wideCut(label: string, addresses: readonly string[]): string {
  return list(addresses.length, (i) => {
    return `${label} 3600 NS n${i}.${label}\nn${i}.${label} 3600 A ${addresses[i]!}`;
  });
}

const refuse: Responder = (query) => reply(query, { rcode: Rcode.REFUSED });
const silent: Responder = () => [];

{
  const ZONES = 11;
  const asked = new Map<string, number>();
  // Whichever server is asked last is the one that answers, with an alias to the next such zone.
  const last: Responder = (query) => {
    const text = query.questions[0]!.name.toString();
    const count = (asked.get(text) ?? 0) + 1;
    asked.set(text, count);
    if (count < 13) return reply(query, { rcode: Rcode.REFUSED });
    const next = Number(/g([0-9]+)\.com/.exec(text)![1]) + 1;
    return reply(query, { aa: true, answers: records(`${text} 300 CNAME www.g${next}.com.`) });
  };
  const numbers = Array.from({ length: ZONES }, (_, i) => i);
  attack(
    {
      row: 'D7',
      name: 'aliases from zone to zone, each answered by the last of its thirteen servers',
      setting: {
        com: list(ZONES, (i) => wideCut(`g${i}`, addressesOf(i))),
        servers: serversAt(numbers.flatMap(addressesOf), last),
      },
    },
    async (stage) => {
      expect(await stage.ask('www.g0.com.')).toMatch(/^failure: gave up after 100 packets/);
      expect(stage.meter.work.mostSends).toBe(100);
    },
  );
}

attack(
  {
    row: 'D7',
    name: 'servers that make four packets of each question: 32 at most for one zone',
    setting: {
      com: wideCut('wide', addressesOf(0)),
      servers: serversAt(addressesOf(0), (query, via) =>
        // A wrong id sends us to TCP, FORMERR without EDNS back to UDP without EDNS, and again.
        via === 'udp'
          ? reply({ ...query, id: query.id ^ 1 }, {})
          : reply(query, { rcode: Rcode.FORMERR }),
      ),
    },
  },
  async (stage) => {
    expect(await stage.ask('www.wide.com.')).toMatch(/^failure/);
    const counts = addressesOf(0).map((address) => stage.countAsked(address, 'www.wide.com.'));
    expect(counts.reduce((sum, count) => sum + count)).toBe(32);
  },
);

attack(
  {
    row: 'D3',
    name: 'zones of silent servers that need each other: an answer within six seconds',
    setting: {
      com: `${list(5, (i) => `dead${i} 300 NS ns.dead${i}\nns.dead${i} 300 A 192.0.2.${240 + i}`)}
        ${list(5, (i) => `sub 300 NS ns.x.dead${i}`)}`,
    },
  },
  async (stage) => {
    expect(await stage.ask('www.sub.com.')).toMatch(/^failure/);
    expect(stage.meter.work.mostMs).toBeGreaterThan(5000);
    expect(stage.meter.work.mostMs).toBeLessThanOrEqual(6000);
  },
);

{
  let deepest = 2;
  attack(
    {
      row: 'D1',
      name: 'referrals that go one label deeper each time end after twenty-four',
      setting: {
        evil: (query) => {
          const { name } = query.questions[0]!;
          deepest = Math.min(deepest + 1, name.labelCount);
          const at = name.ancestor(deepest).toString();
          return reply(query, {
            authorities: records(`${at} 300 NS ns.${at}`),
            additionals: records(`ns.${at} 300 A ${EVIL}`),
          });
        },
      },
    },
    async (stage) => {
      expect(await stage.ask(`${'a.'.repeat(110)}evil.com.`)).toMatch(/^failure: more than 24/);
      expect(stage.countAsked(EVIL)).toBeLessThanOrEqual(24 + 10);
    },
  );
}

{
  let isSilent = false;
  attack(
    {
      row: 'D3',
      name: 'a server that falls silent is asked eight times, one that never spoke five times',
      setting: {
        victim: (query, via) => (isSilent ? [] : victims(query, via)),
        com: 'dead 300 NS ns.dead\nns.dead 300 A 192.0.2.240',
        servers: { '192.0.2.240': silent },
      },
      isFatal: true,
    },
    async (stage) => {
      await stage.ask('www.dead.com.');
      const toDead = stage.countAsked('192.0.2.240', 'www.dead.com.');
      expect(toDead).toBeLessThanOrEqual(5);
      expect(toDead).toBeGreaterThan(2);
      await stage.ask('ns.example.com.');
      isSilent = true;
      await stage.ask('www.example.com.');
      expect(stage.countAsked(EXAMPLE, 'www.example.com.')).toBe(8);
    },
  );
}

attack(
  {
    row: 'D5',
    name: 'of thirteen servers that are known as lame, four are asked again',
    setting: {
      com: wideCut('lame', addressesOf(0)),
      servers: serversAt(addressesOf(0), refuse),
    },
  },
  async (stage) => {
    const asked = (name: string): number =>
      addressesOf(0).reduce((sum, address) => sum + stage.countAsked(address, name), 0);
    await stage.ask('one.lame.com.');
    expect(asked('one.lame.com.')).toBe(13);
    await stage.ask('two.lame.com.');
    expect(asked('two.lame.com.')).toBe(4);
  },
);

attack(
  {
    row: 'D2',
    name: 'sixteen NS names are looked up for one query, over all its zones',
    setting: {
      // Each zone's last server answers, with an alias to the next zone of fresh NS names.
      com: list(8, (i) => list(4, (n) => `h${i} 300 NS x${i}-${n}.example`)),
      victim: (query, via) => {
        const { name, type } = query.questions[0]!;
        const text = name.toString();
        const number = /^x[0-9]+-[0-9]+\.example/.test(text);
        if (number && type === RRType.A) {
          return reply(query, { aa: true, answers: records(`${text} 300 A ${EXAMPLE}`) });
        }
        const hop = /^www\.h([0-9]+)\.com\.$/.exec(text);
        if (!hop) return victims(query, via);
        const next = `www.h${Number(hop[1]) + 1}.com.`;
        return reply(query, { aa: true, answers: records(`${text} 300 CNAME ${next}`) });
      },
    },
    isFatal: true,
  },
  async (stage) => {
    await stage.ask('www.h0.com.');
    const names = stage.internet.received.map(({ name }) => name);
    expect(new Set(names.filter((name) => name.startsWith('x'))).size).toBeLessThanOrEqual(16);
  },
);

attack(
  {
    row: 'D2',
    name: 'twenty NS names, one a zone: sixteen are looked up for one query',
    setting: {
      com: list(24, (i) => list(3, (n) => `h${i} 300 NS x${i}-${n}.example`)),
      victim: (query, via) => {
        const { name, type } = query.questions[0]!;
        const text = name.toString();
        if (!/^x[0-9]+-[0-9]+\.example/.test(text)) return victims(query, via);
        // The address of a server that refuses: the next name of the zone has to be looked up.
        const answers = type === RRType.A ? records(`${text} 300 A ${ROOT}`) : [];
        return reply(query, { aa: true, answers });
      },
      evil: (query) => {
        const text = query.questions[0]!.name.toString();
        const authorities = list(13, (i) => `sub.evil.com. 300 NS ns.h${i}.com.`);
        if (text.endsWith('sub.evil.com.'))
          return reply(query, { authorities: records(authorities) });
        return reply(query, { rcode: Rcode.REFUSED });
      },
    },
    isFatal: true,
  },
  async (stage) => {
    await stage.ask('www.sub.evil.com.');
    const names = stage.internet.received.map(({ name }) => name);
    const looked = new Set(names.filter((name) => /^(x[0-9]+-[0-9]+\.ex|ns\.h)/.test(name)));
    expect(looked.size).toBeLessThanOrEqual(16);
  },
);

attack(
  {
    row: 'D15',
    name: 'a server that accepts TCP and says nothing does not keep the question from the next',
    setting: {
      com: `two 300 NS a.two\na.two 300 A 192.0.2.70\ntwo 300 NS b.two\nb.two 300 A 192.0.2.71`,
      servers: { '192.0.2.71': zone('two.com.', 'www 300 A 192.0.2.80') },
    },
  },
  async (stage) => {
    await stage.serveTcp('192.0.2.70', () => {});
    for (let i = 0; i < 4; i++) await stage.ask(`n${i}.two.com.`);
    expect(await stage.ask('www.two.com.')).toContain('192.0.2.80');
    expect(stage.meter.work.mostMs).toBeLessThan(3000);
  },
);

attack(
  {
    row: 'D16',
    name: 'an RRset of more than 64 KB, or of more than a hundred records, is not kept',
    setting: {
      evil: (query, via) => {
        if (via === 'udp') return reply(query, { tc: true });
        const text = query.questions[0]!.name.toString();
        const isMany = text.startsWith('many');
        const long = Array.from({ length: 3 }, () => `"${'x'.repeat(250)}"`).join(' ');
        const line = (i: number): string =>
          isMany ? `${text} 300 A 192.0.2.${i}` : `${text} 300 TXT ${long} "${i}"`;
        return reply(query, { aa: true, answers: records(list(isMany ? 101 : 86, line)) });
      },
    },
  },
  async (stage) => {
    expect(await stage.ask('many.evil.com.')).toMatch(/^NOERROR/);
    // More than fits in a message over TCP: its server cuts it off.
    expect(await stage.ask('fat.evil.com.', 'TXT')).toMatch(/^failure.*truncated over TCP/);
    const { records: kept } = stage.resolver.cache;
    expect(kept.get(nameOf('many.evil.com.'), RRType.A)).toBeUndefined();
    expect(kept.get(nameOf('fat.evil.com.'), RRType.TXT)).toBeUndefined();
  },
);

attack(
  {
    row: 'B6',
    name: 'a delegation expires with its glue, and stray glue is not its own',
    setting: {
      evil: (query) => {
        const text = query.questions[0]!.name.toString();
        if (!text.endsWith('sub.evil.com.')) return reply(query, { rcode: Rcode.NXDOMAIN });
        return reply(query, {
          authorities: records('sub.evil.com. 86400 NS ns.sub.evil.com.'),
          additionals: records(`ns.sub.evil.com. 60 A ${EXAMPLE}
            other.evil.com. 86400 A 203.0.113.7`),
        });
      },
      servers: { '203.0.113.7': refuse },
    },
  },
  async (stage) => {
    await stage.ask('www.sub.evil.com.');
    expect(stage.countAsked('203.0.113.7')).toBe(0);
    const closest = (): string =>
      stage.resolver.cache.delegations.closest(nameOf('www.sub.evil.com.'))!.zone.toString();
    expect(closest()).toBe('sub.evil.com.');
    await stage.internet.world.advance(60_000);
    expect(closest()).toBe('evil.com.');
  },
);

test('A11 opinions of servers fade: dead and lame a minute, without EDNS ten', async () => {
  const world = new World({ seed: 1 });
  const { clock, random } = world.host({ addresses: ['192.0.2.1'] }).runtime;
  const servers = new ServerTable(clock, random);
  for (let i = 0; i < 7; i++) servers.addSilence(EXAMPLE);
  expect(servers.isDead(EXAMPLE)).toBe(false);
  servers.addSilence(EXAMPLE);
  servers.addLame(EXAMPLE, 'zone');
  servers.addMissingEdns(EXAMPLE);
  servers.addUnreachableFamily('2001:db8::1');
  const opinions = (): readonly boolean[] => [
    servers.isDead(EXAMPLE),
    servers.isLame(EXAMPLE, 'zone'),
    servers.isFamilyDown('2001:db8::9'),
    servers.lacksEdns(EXAMPLE),
  ];
  expect(opinions()).toEqual([true, true, true, true]);
  await world.advance(60_000);
  expect(opinions()).toEqual([false, false, false, true]);
  await world.advance(540_000);
  expect(opinions()).toEqual([false, false, false, false]);
});

test('D5 an address is remembered as lame for fifty zones, however many there are', () => {
  const world = new World({ seed: 1 });
  const { clock, random } = world.host({ addresses: ['192.0.2.1'] }).runtime;
  const servers = new ServerTable(clock, random);
  for (let i = 0; i < 60; i++) servers.addLame(EXAMPLE, `zone ${i}`);
  const remembered = Array.from({ length: 60 }, (_, i) => servers.isLame(EXAMPLE, `zone ${i}`));
  expect(remembered.filter(Boolean)).toHaveLength(50);
});
