/**
 * Whom the resolver turns to once all servers of a zone have failed it, and whom not: the glue that
 * the parent of a name server gave is tried, then servers that the zone itself names, then what
 * others repeat; the parent is not bothered again.
 */
import { expect, test } from 'vitest';

import type { Resolver } from '../../src/resolver/resolver.ts';
import { Rcode, RRType } from '../../src/wire/iana.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import {
  ALIAS_ZONE,
  COM,
  COM_ZONE,
  EXAMPLE,
  Internet,
  ORG,
  ORG_ZONE,
  records,
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
  /** Default false: org. gives the old address. */
  readonly isCorrected?: () => boolean;
  readonly evil?: string;
}

/** glueless.com. is served by ns.alias.org., for which org. and alias.org. differ. */
async function moved(setting: Setting): Promise<Internet> {
  const { atNew, ttl = 3600, evil = '', isCorrected = () => false } = setting;
  const internet = new Internet();
  const org = ORG_ZONE.replace(/ns\.alias 3600 A .*/, `ns.alias ${ttl} A ${OLD}`);
  const com = `${COM_ZONE}\nevil 3600 NS ns.evil\nns.evil 3600 A ${EVIL}`;
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  const corrected = zone('org.', org.replace(OLD, NEW));
  const former = zone('org.', org);
  await internet.serve(ORG, (query, via) => (isCorrected() ? corrected : former)(query, via));
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
  const internet = await moved({ atNew, ttl: 60, isCorrected: () => isBroken });
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

/** alias.org., which names ns2.other.com. as a server of its own beside what org. says. */
async function withChildName(options: {
  readonly via: 'udp' | 'tcp';
  readonly ttl?: number;
  /** The address that other.com. gives for ns2, which com. gave glue for, if it is a lie. */
  readonly elsewhere?: string;
}): Promise<{
  readonly internet: Internet;
  readonly state: { isBroken: boolean };
}> {
  const internet = new Internet();
  const com = `${COM_ZONE}\nother 3600 NS ns.other\nns.other 3600 A ${EVIL}
    other 3600 NS ns2.other\nns2.other 3600 A ${NEW}`;
  const org = ORG_ZONE.replace(/alias {4}3600/, `alias ${options.ttl ?? 3600}`);
  const child = zones({
    'alias.org.': ALIAS_ZONE,
    'other.com.': `ns2 300 A ${options.elsewhere ?? NEW}`,
  });
  const state = { isBroken: false };
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  await internet.serve(ORG, zone('org.', org));
  await internet.serve(EVIL, child);
  await internet.serve(EXAMPLE, (query, via) => {
    if (state.isBroken) return broken(query, via);
    if (via !== options.via) return reply(query, { tc: true });
    const authorities = records(
      'alias.org. 86400 NS ns.alias.org.\nalias.org. 86400 NS ns2.other.com.',
    );
    return reply(query, {
      aa: true,
      answers: records('www.alias.org. 300 A 192.0.2.90'),
      authorities,
    });
  });
  await internet.serve(NEW, child);
  await internet.serve(OLD, broken);
  return { internet, state };
}

test('servers that only the zone names are a last resort, if nobody can have forged their names', async () => {
  for (const [via, childNameServers, isFound] of [
    ['tcp', 'proven', true],
    ['udp', 'proven', false],
    ['udp', 'any', true],
    ['tcp', 'never', false],
  ] as const) {
    const { internet, state } = await withChildName({ via });
    const resolver = internet.resolver({ childNameServers });
    await internet.ask(resolver, 'www.alias.org.');
    expect(internet.takeAsked().join()).not.toContain(NEW);
    state.isBroken = true;
    const outcome = await internet.ask(resolver, 'ns.alias.org.');
    expect(outcome).toMatch(isFound ? /^NOERROR/ : /^failure/);
    const asked = internet.takeAsked();
    expect(asked.some((line) => line.startsWith(`${NEW} `))).toBe(isFound);
    // The parent's own came first, and only after it had failed anybody else.
    expect(asked[0]).toMatch(new RegExp(`^${EXAMPLE} `));
  }
});

test('once the addresses that its zone gives such a server fail, the glue of its parent is tried', async () => {
  const { internet, state } = await withChildName({ via: 'tcp', elsewhere: OLD });
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.alias.org.');
  state.isBroken = true;
  expect(await internet.ask(resolver, 'ns.alias.org.')).toMatch(/^NOERROR/);
  const asked = serversFor(internet, 'ns.alias.org.');
  expect(asked.indexOf(OLD)).toBeGreaterThan(0);
  expect(asked.at(-1)).toBe(NEW);
});

test('the glue of a name is found above a cut of which only its own zone tells', async () => {
  const bad: Responder = (query) => {
    const { name } = query.questions[0]!;
    const at = name.toString();
    if (at !== 'ns.alias.org.') return reply(query, { aa: true, rcode: Rcode.NXDOMAIN });
    return reply(query, { authorities: records(`${at} 3600 NS nowhere.alias.org.`) });
  };
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', COM_ZONE));
  await internet.serve(
    ORG,
    zone('org.', ORG_ZONE.replace(/ns\.alias 3600 A .*/, `ns.alias 3600 A ${OLD}`)),
  );
  await internet.serve(OLD, (query, via) => {
    const isOwn = query.questions[0]!.name.toString().endsWith('alias.org.');
    return (isOwn ? bad : working)(query, via);
  });
  expect(await internet.ask(internet.resolver(), 'www.glueless.com.')).toContain('192.0.2.70');
});

test('servers that only the zone names are forgotten with the delegation, however long their TTL', async () => {
  const { internet, state } = await withChildName({ via: 'tcp', ttl: 60 });
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.alias.org.');
  state.isBroken = true;
  await internet.world.advance(60_001);
  expect(await internet.ask(resolver, 'ns.alias.org.')).toMatch(/^failure/);
  expect(internet.asked.join()).not.toContain(NEW);
});

test('what a server repeats without authority is used when no other has anything, data alone', async () => {
  const repeating: Responder = (query) => {
    const { name } = query.questions[0]!;
    const answers = records('www.glueless.com. 300 A 192.0.2.70').filter((rr) =>
      rr.name.equals(name),
    );
    return reply(query, { ra: true, answers });
  };
  const internet = await moved({ atNew: repeating });
  await internet.ask(internet.resolver(), 'www.glueless.com.');
  // The parent's glue for the same server has the better answer.
  expect(internet.takeAsked().at(-1)).toBe(`${OLD} www.glueless.com. A`);
  const alone = await withSecond(repeating, broken);
  const resolver = alone.resolver();
  expect(await alone.ask(resolver, 'www.glueless.com.')).toContain('192.0.2.70');
  expect(await alone.ask(resolver, 'ftp.glueless.com.')).toMatch(/^failure/);
  const mended = await withSecond(repeating, working);
  expect(await mended.ask(mended.resolver(), 'ftp.glueless.com.')).toContain('192.0.2.71');
});

/** glueless.com. with two servers. */
async function withSecond(first: Responder, second: Responder): Promise<Internet> {
  const internet = new Internet();
  const com = `${COM_ZONE.replace(/glueless.*/, '')}
    glueless 3600 NS ns1.glueless\nglueless 3600 NS ns2.glueless
    ns1.glueless 3600 A ${OLD}\nns2.glueless 3600 A ${NEW}`;
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', com));
  await internet.serve(OLD, first);
  await internet.serve(NEW, second);
  return internet;
}

test('the address that a zone gives its server is kept no longer than its delegation', async () => {
  const internet = await moved({ atNew: working, ttl: 60 });
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.alias.org.');
  expect(await internet.ask(resolver, 'ns.alias.org.')).toContain(` 3600 A ${NEW}`);
  const { records: kept } = resolver.cache;
  expect(kept.get(nameOf('ns.alias.org.'), RRType.A)?.ttl).toBeLessThanOrEqual(60);
  await internet.world.advance(60_001);
  expect(kept.get(nameOf('ns.alias.org.'), RRType.A)).toBeUndefined();
});
