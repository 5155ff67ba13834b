/**
 * Stale answers, refreshes, cuts, local zones, private addresses: what the operator allows or
 * forbids, and ways around it.
 */
import { expect } from 'vitest';

import { parsePrefix } from '../../src/query/address-prefix.ts';
import { Rcode, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { records, reply, zone, type Responder } from '../resolver/fixture.ts';
import { TAINT } from './oracles.ts';
import { attack, EVIL, victims } from './stage.ts';

{
  let isDead = false;
  const dying: Responder = (query, via) => (isDead ? [] : victims(query, via));
  attack(
    {
      row: 'B7',
      name: 'stale answers are the data that were there: nobody plants others while servers are dead',
      setting: {
        victim: dying,
        evil: (query) =>
          reply(query, {
            aa: true,
            answers: records(
              'www.evil.com. 60 CNAME www.example.com.\nwww.example.com. 60 A 203.0.113.1',
            ),
            authorities: records('example.com. 60 NS ns.taint.'),
            additionals: records('ns.example.com. 60 A 203.0.113.1'),
          }),
        resolver: { serveStale: {} },
      },
      isFatal: true,
    },
    async (stage) => {
      isDead = false;
      expect(await stage.ask('www.example.com.')).toContain('192.0.2.80');
      isDead = true;
      stage.onQuery((query, { from, to }) => {
        const { questions } = query;
        const lie = reply({ ...query, id: query.id ^ 1, questions }, { aa: true });
        const answers = records('www.example.com. 60 A 203.0.113.1');
        stage.forge({ address: to.address, port: 53 }, from, { ...lie, answers });
      });
      await stage.internet.world.advance(301_000);
      await stage.ask('www.evil.com.');
      for (let hour = 0; hour < 23; hour++) {
        const outcome = await stage.ask('www.example.com.');
        expect(outcome).toMatch(
          /^NOERROR: www\.example\.com\. ([0-9]|[12][0-9]|30) A 192\.0\.2\.80/,
        );
        await stage.internet.world.advance(3_600_000);
      }
      await stage.internet.world.advance(2 * 3_600_000);
      // Past the day that stale data are of use.
      expect(await stage.ask('www.example.com.')).toMatch(/^failure/);
    },
  );
}

{
  let isDead = false;
  attack(
    {
      row: 'B7',
      name: 'stale answers are a week old at most, whatever is configured',
      setting: {
        victim: (query, via) => (isDead ? [] : victims(query, via)),
        resolver: { serveStale: { maxAgeSeconds: 1e9 } },
      },
      isFatal: true,
    },
    async (stage) => {
      isDead = false;
      await stage.ask('www.example.com.');
      isDead = true;
      await stage.internet.world.advance(604_000_000);
      expect(await stage.ask('www.example.com.')).toContain(' 30 A 192.0.2.80');
      await stage.internet.world.advance(2_000_000);
      expect(await stage.ask('www.example.com.')).toMatch(/^failure/);
    },
  );
}

{
  let isDead = false;
  attack(
    {
      row: 'B7',
      name: 'a crowd that gets what is stale at once has it refreshed once',
      setting: {
        evil: (query) => {
          const text = query.questions[0]!.name.toString();
          return isDead ? [] : reply(query, { aa: true, answers: records(`${text} 9 A ${EVIL}`) });
        },
        resolver: { serveStale: { clientTimeoutMs: 0 } },
      },
    },
    async (stage) => {
      isDead = false;
      await stage.ask('www.evil.com.');
      await stage.internet.world.advance(10_000);
      isDead = true;
      const crowd = Array.from({ length: 300 }, () => ['www.evil.com.'] as const);
      const resolutions = await stage.askTogether(crowd);
      expect(resolutions.every(({ kind }) => kind === 'resolved')).toBe(true);
      expect(stage.resolver.counters.refreshes).toBe(1);
    },
  );
}

const PRIVATE = ['10.0.0.0/8', '192.168.0.0/16', '127.0.0.0/8', '::1', 'fc00::/7'];
const INSIDE: Readonly<Record<string, string>> = {
  'an address of this network': 'A 10.0.0.1',
  'an address of this network among public ones': 'A 192.168.7.7',
  'loopback of IPv6': 'AAAA ::1',
  'a private address in IPv6 clothes': 'AAAA ::ffff:10.0.0.1',
  'a private address as a hint': 'HTTPS 1 . ipv4hint=10.0.0.1',
};

for (const [what, record] of Object.entries(INSIDE)) {
  const type = record.split(' ')[0]!;
  const evil: Responder = (query) => {
    const { name, type: asked } = query.questions[0]!;
    const text = name.toString();
    const own = records(`${text} 300 ${record}`);
    const others = what.includes('among') ? records(`${text} 300 A ${EVIL}`) : [];
    if (text.startsWith('alias')) {
      const target = 'INSIDE.rebind.evil.com.';
      return reply(query, { aa: true, answers: records(`${text} 300 CNAME ${target}`) });
    }
    if (text.includes('moved')) {
      const answers = records('moved.evil.com. 300 DNAME rebind.evil.com.');
      return reply(query, { aa: true, answers });
    }
    const isWanted = asked !== RRType.A || type === 'A';
    return reply(query, { aa: true, answers: isWanted ? [...own, ...others] : [] });
  };
  const prefixes = PRIVATE.map((text) => parsePrefix(text)!);
  attack(
    {
      row: 'B16',
      name: `rebinding: ${what}, asked for itself, through an alias and a DNAME`,
      setting: { evil, resolver: { privateAddresses: prefixes } },
    },
    async (stage) => {
      for (const name of ['www.evil.com.', 'alias.evil.com.', 'www.moved.evil.com.']) {
        for (let again = 0; again < 2; again++) {
          const outcome = await stage.ask(name, type);
          expect(outcome).not.toMatch(/ 10\.0\.0\.1|192\.168\.7\.7|AAAA |=10\.0/);
          expect(outcome).not.toMatch(TAINT);
        }
      }
    },
  );
}

{
  let isDead = false;
  const names = Array.from({ length: 150 }, (_, i) => `p${i}.evil.com.`);
  const questions = names.map((name) => [name] as const);
  attack(
    {
      row: 'D23',
      name: 'prefetch abuse: names made popular at a server that falls silent are refreshed once',
      setting: {
        evil: (query) => {
          const text = query.questions[0]!.name.toString();
          return isDead
            ? []
            : reply(query, { aa: true, answers: records(`${text} 100 A ${EVIL}`) });
        },
        resolver: { prefetch: true },
      },
    },
    async (stage) => {
      isDead = false;
      const { internet, resolver } = stage;
      for (let i = 0; i < 3; i++) {
        for (let at = 0; at < names.length; at += 50) {
          await stage.askTogether(questions.slice(at, at + 50));
        }
      }
      await internet.world.advance(91_000);
      isDead = true;
      const sends = resolver.counters.sends;
      await stage.askTogether(questions);
      // So many at a time, which ask a dead server as little as anybody does.
      expect(resolver.counters.refreshes).toBe(100);
      for (let second = 0; second < 8; second++) {
        await internet.world.advance(1000);
        await stage.askTogether(questions);
      }
      expect(resolver.counters.refreshes).toBeLessThanOrEqual(names.length);
      return `${resolver.counters.sends - sends} packets for ${10 * names.length} questions`;
    },
  );
}

attack(
  {
    row: 'B9',
    name: 'NXDOMAIN cut: a denial hides what is below it, and neither more nor for longer',
    setting: {
      evil: (query) => {
        const text = query.questions[0]!.name.toString();
        if (text.startsWith('www.'))
          return reply(query, { aa: true, answers: records(`${text} 60 A ${EVIL}`) });
        // As if all of com., or all there is, were not.
        const owner = text.startsWith('root') ? '.' : 'com.';
        const authorities = records(`${owner} 60 SOA ns.taint. h 1 1 1 1 60`);
        const denial = text.startsWith('no')
          ? records('evil.com. 60 SOA ns h 1 1 1 1 60', '.')
          : authorities;
        return reply(query, { aa: true, rcode: Rcode.NXDOMAIN, authorities: denial });
      },
      servers: { '192.0.2.77': zone('stub.no.evil.com.', 'a 60 A 192.0.2.78') },
      resolver: {
        nxdomainCut: true,
        qnameMinimisation: 'off',
        stubs: [{ zone: nameOf('stub.no.evil.com.'), addresses: ['192.0.2.77'] }],
        localData: records('local.no.evil.com. 60 A 192.0.2.79'),
      },
    },
  },
  async (stage) => {
    for (const name of ['root.evil.com.', 'com.evil.com.', 'no.evil.com.']) await stage.ask(name);
    const asked = stage.countAsked(EVIL);
    expect(await stage.ask('a.b.no.evil.com.')).toMatch(/^NXDOMAIN/);
    expect(stage.countAsked(EVIL)).toBe(asked);
    expect(await stage.ask('a.stub.no.evil.com.')).toContain('192.0.2.78');
    expect(await stage.ask('local.no.evil.com.')).toContain('192.0.2.79');
    expect(await stage.ask('www.evil.com.')).toContain(EVIL);
    expect(await stage.ask('www.example.com.')).toContain('192.0.2.80');
    await stage.internet.world.advance(61_000);
    expect(await stage.ask('a.b.no.evil.com.')).toMatch(/^NXDOMAIN/);
    expect(stage.countAsked(EVIL)).toBeGreaterThan(asked);
  },
);

attack(
  {
    row: 'B15',
    name: 'local zones: aliases, DNAMEs and letter case lead to no name that is blocked or local',
    setting: {
      evil: (query) => {
        const { name } = query.questions[0]!;
        const text = name.toString();
        if (text.endsWith('moved.evil.com.')) {
          return reply(query, {
            aa: true,
            answers: records('moved.evil.com. 60 DNAME Blocked.com.'),
          });
        }
        const target = text.slice(0, -'.evil.com.'.length);
        return reply(query, { aa: true, answers: records(`${text} 60 CNAME ${target}.`) });
      },
      com: 'blocked 60 NS ns.blocked\nns.blocked 60 A 192.0.2.75',
      servers: { '192.0.2.75': zone('blocked.com.', 'www 60 A 203.0.113.5') },
      resolver: { localZones: [{ name: nameOf('blocked.com.'), kind: 'always_nxdomain' }] },
    },
  },
  async (stage) => {
    for (let again = 0; again < 2; again++) {
      for (const name of [
        'www.BLOCKED.com.',
        'www.blocked.com.evil.com.',
        'WWW.bLoCkEd.CoM.evil.com.',
        'www.moved.evil.com.',
        'hidden.onion.evil.com.',
        '1.0.0.10.in-addr.arpa.evil.com.',
      ]) {
        expect(await stage.ask(name), name).toMatch(/^NXDOMAIN/);
      }
    }
    expect(stage.countAsked('192.0.2.75')).toBe(0);
    // What is nobody's business: no server has heard of these names.
    const leaked = stage.internet.received.filter(({ name }) => /(onion|arpa)\.$/i.test(name));
    expect(leaked).toEqual([]);
  },
);
