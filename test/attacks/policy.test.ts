/** Stale answers and private addresses: what the operator allows or forbids, and ways around it. */
import { expect } from 'vitest';

import { parsePrefix } from '../../src/query/address-prefix.ts';
import { RRType } from '../../src/wire/iana.ts';
import { records, reply, type Responder } from '../resolver/fixture.ts';
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
