/**
 * MaginotDNS and what else comes of zones whose servers the operator names: a forwarder or stub
 * server is believed about its own zone, and about nothing else.
 */
import { expect } from 'vitest';

import { Rcode } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { records, reply, zone, type Responder } from '../resolver/fixture.ts';
import { TAINT } from './oracles.ts';
import { attack, type Setting } from './stage.ts';

const FORWARDER = '192.0.2.88';

/** corp.test. is the attacker's to answer, and he answers for the world. */
function setting(kind: 'forwards' | 'stubs', responder: Responder): Setting {
  const configured = [{ zone: nameOf('corp.test.'), addresses: [FORWARDER] }];
  return {
    servers: { [FORWARDER]: responder },
    resolver: { [kind]: configured },
  };
}

const WORLD = `example.com. 86400 NS ns.taint.\ncom. 86400 NS ns.taint.\n. 86400 NS ns.taint.
  org. 86400 NS ns.taint.`;
const HOSTS = `www.example.com. 86400 A 203.0.113.1\nns.com. 86400 A 203.0.113.1
  a.root. 86400 A 203.0.113.1\nns.taint. 86400 A 203.0.113.1\nns.example.com. 86400 A 203.0.113.1`;

const LIES: Readonly<Record<string, Responder>> = {
  'the NS sets of the world beside an answer': (query) =>
    reply(query, {
      aa: true,
      ra: true,
      answers: [
        ...records(`${query.questions[0]!.name.toString()} 300 A 192.0.2.5`),
        ...records(HOSTS),
      ],
      authorities: records(WORLD),
      additionals: records(HOSTS),
    }),
  'a referral to the root, to com. and to a victim': (query) =>
    reply(query, { ra: true, authorities: records(WORLD), additionals: records(HOSTS) }),
  'a referral within its zone to the address of its choice': (query) =>
    reply(query, {
      ra: true,
      authorities: records('corp.test. 86400 NS ns.corp.test.'),
      additionals: records('ns.corp.test. 86400 A 203.0.113.1'),
    }),
  'an alias to a victim, with the victim made up': (query) =>
    reply(query, {
      aa: true,
      ra: true,
      answers: records(`${query.questions[0]!.name.toString()} 300 CNAME www.example.com.
        www.example.com. 300 A 203.0.113.1`),
    }),
  'a DNAME for the parent of its zone': (query) =>
    reply(query, {
      aa: true,
      ra: true,
      answers: records(`test. 300 DNAME taint.
        ${query.questions[0]!.name.toString()} 300 CNAME www.corp.taint.`),
    }),
  'NXDOMAIN with the SOA of the parent': (query) =>
    reply(query, {
      aa: true,
      ra: true,
      rcode: Rcode.NXDOMAIN,
      authorities: records('. 86400 SOA taint. taint. 1 1 1 1 86400'),
    }),
};

for (const [name, responder] of Object.entries(LIES)) {
  for (const kind of ['forwards', 'stubs'] as const) {
    attack(
      {
        row: 'B5',
        name: `MaginotDNS: a ${kind === 'forwards' ? 'forwarder' : 'stub server'} sends ${name}`,
        setting: setting(kind, responder),
        owned: ['corp.test.'],
      },
      async (stage) => {
        for (const asked of ['www.corp.test.', 'corp.test.', 'a.b.corp.test.']) {
          const outcome = await stage.ask(asked);
          expect(outcome).not.toMatch(/www\.example\.com\. [0-9]+ A 203/);
        }
        expect(await stage.ask('www.example.com.')).not.toMatch(TAINT);
        expect(await stage.ask('.', 'NS')).not.toMatch(TAINT);
      },
    );
  }
}

attack(
  {
    row: 'B9',
    name: 'NXDOMAIN of the parent does not hide a zone of configuration',
    setting: {
      servers: { [FORWARDER]: zone('corp.test.', 'www 300 A 192.0.2.5\n@ 9 SOA ns h 1 1 1 1 9') },
      resolver: {
        stubs: [{ zone: nameOf('corp.test.'), addresses: [FORWARDER] }],
        // Then it is the parent that says so.
        specialUse: false,
        nxdomainCut: true,
      },
    },
  },
  async (stage) => {
    expect(await stage.ask('test.')).toMatch(/^NXDOMAIN/);
    expect(await stage.ask('other.test.')).toMatch(/^NXDOMAIN/);
    expect(await stage.ask('www.corp.test.')).toContain('192.0.2.5');
    expect(await stage.ask('corp.test.', 'SOA')).toMatch(/^NOERROR/);
  },
);
