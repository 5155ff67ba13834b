/**
 * Whom the resolver turns to once all servers of a zone have failed it, and whom not: the glue that
 * the parent of a name server gave is tried, the parent is not bothered again.
 */
import { expect, test } from 'vitest';

import type { Resolver } from '../../src/resolver/resolver.ts';
import { Rcode } from '../../src/wire/iana.ts';
import {
  ALIAS_ZONE,
  COM,
  COM_ZONE,
  Internet,
  ORG,
  ORG_ZONE,
  reply,
  ROOT,
  ROOT_ZONE,
  zone,
  zones,
  type Responder,
} from './fixture.ts';

/** What org. says is the address of ns.alias.org., and what alias.org. itself says. */
const OLD = '192.0.2.44';
const NEW = '192.0.2.55';
const EVIL = '192.0.2.66';
const LURE = '203.0.113.66';

const GLUELESS_ZONE = `
  @   3600 SOA ns.alias.org. hostmaster 1 1800 900 604800 60
  www 300  A   192.0.2.70
  ftp 300  A   192.0.2.71
`;

const broken: Responder = (query) => reply(query, { rcode: Rcode.SERVFAIL });
const working = zones({
  'alias.org.': ALIAS_ZONE.replace(/ns {2}3600 A .*/, `ns 3600 A ${NEW}`),
  'glueless.com.': GLUELESS_ZONE,
});

interface Setting {
  readonly atNew: Responder;
  /** Of the glue. */
  readonly ttl?: number;
  readonly evil?: string;
}

/** glueless.com. is served by ns.alias.org., for which org. and alias.org. differ. */
async function moved({ atNew, ttl = 3600, evil = '' }: Setting): Promise<Internet> {
  const internet = new Internet();
  const org = ORG_ZONE.replace(/ns\.alias 3600 A .*/, `ns.alias ${ttl} A ${OLD}`);
  const com = `${COM_ZONE}\nevil 3600 NS ns.evil\nns.evil 3600 A ${EVIL}`;
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  await internet.serve(ORG, zone('org.', org));
  await internet.serve(OLD, working);
  await internet.serve(NEW, atNew);
  await internet.serve(EVIL, zone('evil.com.', evil));
  await internet.serve(LURE, working);
  return internet;
}

/** The servers that were asked for `name` itself. */
function serversFor(internet: Internet, name: string): readonly string[] {
  const asked = internet.takeAsked().map((line) => line.split(' '));
  return asked.filter((parts) => parts[1] === name).map(([address]) => address!);
}

async function expectClientsSeeNew(internet: Internet, resolver: Resolver): Promise<void> {
  expect(await internet.ask(resolver, 'ns.alias.org.')).toContain(NEW);
}

test('once the addresses that a zone gives its server fail, the glue of its parent is tried', async () => {
  for (const atNew of [broken, (): [] => []]) {
    const internet = await moved({ atNew });
    const resolver = internet.resolver();
    expect(await internet.ask(resolver, 'www.glueless.com.')).toContain('192.0.2.70');
    expect(serversFor(internet, 'www.glueless.com.')).toEqual([NEW, OLD]);
    // And again, now that both addresses are known.
    expect(await internet.ask(resolver, 'ftp.glueless.com.')).toContain('192.0.2.71');
    expect(serversFor(internet, 'ftp.glueless.com.')).toEqual([NEW, OLD]);
    await expectClientsSeeNew(internet, resolver);
  }
});

test('while the addresses that a zone gives its server work, the glue of its parent rests', async () => {
  const internet = await moved({ atNew: working });
  const resolver = internet.resolver();
  expect(await internet.ask(resolver, 'www.glueless.com.')).toContain('192.0.2.70');
  expect(serversFor(internet, 'www.glueless.com.')).toEqual([NEW]);
});

test('glue is of no use to anybody once its TTL is over', async () => {
  let isBroken = false;
  const atNew: Responder = (query, via) => (isBroken ? broken : working)(query, via);
  const internet = await moved({ atNew, ttl: 60 });
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.glueless.com.');
  isBroken = true;
  await internet.world.advance(60_001);
  internet.takeAsked();
  expect(await internet.ask(resolver, 'ftp.glueless.com.')).toMatch(/^failure/);
  expect(serversFor(internet, 'ftp.glueless.com.')).toEqual([NEW]);
});

test('RFC 4697 §2.1.1: the parent is not asked again when all servers of a zone fail', async () => {
  let isBroken = false;
  const dying: Responder = (query, via) => (isBroken ? broken : working)(query, via);
  const internet = await moved({ atNew: dying });
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.alias.org.');
  await internet.world.advance(1);
  isBroken = true;
  internet.takeAsked();
  await internet.ask(resolver, 'ftp.glueless.com.');
  await internet.ask(resolver, 'mail.glueless.com.');
  const toParent = internet.takeAsked().filter((line) => line.startsWith(COM));
  // The one question for which no delegation was known yet.
  expect(toParent).toEqual([`${COM} glueless.com. A`]);
});
