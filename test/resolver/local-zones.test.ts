/** What is answered here: local zones and data, special-use names, without a packet to anybody. */
import { describe, expect, test } from 'vitest';
import type { LocalZone, LocalZoneKind } from '../../src/resolver/local-zones.ts';
import type { ResolverOptions } from '../../src/resolver/resolver.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { plainInternet, records, zone } from './fixture.ts';

const zoneOf = (name: string, kind: LocalZoneKind): LocalZone => ({ name: nameOf(name), kind });

/** The answer and how many servers were asked. */
async function ask(
  options: Partial<ResolverOptions>,
  name: string,
  type = 'A',
): Promise<readonly [string, number]> {
  const internet = await plainInternet();
  const resolver = internet.resolver(options);
  const answer = await internet.ask(resolver, name, type);
  return [answer, internet.takeAsked().length];
}

const DATA = records(`
  example.com.       60 A     10.0.0.1
  host.example.com.  60 A     10.0.0.2
  a.b.example.com.   60 AAAA  2001:db8::1
`);
const WITH_SOA = [
  ...DATA,
  ...records('example.com. 60 SOA ns.example.com. me.example.com. 1 2 3 4 5'),
];

describe('a local zone', () => {
  test.each([
    ['static', 'host.example.com.', 'A', /^NOERROR: host.example.com. 60 A 10.0.0.2$/],
    ['static', 'host.example.com.', 'MX', /^NOERROR$/],
    ['static', 'b.example.com.', 'A', /^NOERROR$/],
    ['static', 'www.example.com.', 'A', /^NXDOMAIN$/],
    ['transparent', 'host.example.com.', 'MX', /^NOERROR$/],
    ['redirect', 'www.example.com.', 'A', /^NOERROR: www.example.com. 60 A 10.0.0.1$/],
    ['redirect', 'www.example.com.', 'MX', /^NOERROR$/],
    ['refuse', 'www.example.com.', 'A', /^REFUSED$/],
    ['refuse', 'host.example.com.', 'A', /10.0.0.2$/],
    ['always_refuse', 'host.example.com.', 'A', /^REFUSED$/],
    ['always_nxdomain', 'host.example.com.', 'A', /^NXDOMAIN$/],
    ['always_nodata', 'host.example.com.', 'A', /^NOERROR$/],
    ['always_null', 'host.example.com.', 'A', / A 0.0.0.0$/],
    ['always_null', 'host.example.com.', 'AAAA', / AAAA ::$/],
    ['always_null', 'host.example.com.', 'MX', /^NOERROR$/],
    ['block_a', 'www.example.com.', 'A', /^NOERROR$/],
  ] as const)('%s: %s %s', async (kind, name, type, expected) => {
    const options = { localZones: [zoneOf('example.com.', kind)], localData: DATA };
    const [answer, asked] = await ask(options, name, type);
    expect(answer).toMatch(expected);
    expect(asked).toBe(0);
  });

  test.each([
    ['transparent', 'www.example.com.', 'A'],
    ['typetransparent', 'host.example.com.', 'MX'],
    ['always_transparent', 'host.example.com.', 'A'],
    ['block_a', 'www.example.com.', 'MX'],
  ] as const)('%s leaves %s %s to the servers', async (kind, name, type) => {
    const options = { localZones: [zoneOf('example.com.', kind)], localData: DATA };
    const [, asked] = await ask(options, name, type);
    expect(asked).toBeGreaterThan(0);
  });

  test('gives its SOA with negative answers, for as long as it says', async () => {
    const options = { localZones: [zoneOf('example.com.', 'static')], localData: WITH_SOA };
    expect(await ask(options, 'no.example.com.')).toEqual([
      'NXDOMAIN / example.com. 5 SOA ns.example.com. me.example.com. 1 2 3 4 5',
      0,
    ]);
  });

  test('the deepest decides; data without a zone make a transparent one', async () => {
    const localZones = [zoneOf('com.', 'always_nxdomain'), zoneOf('www.example.com.', 'refuse')];
    expect((await ask({ localZones, localData: DATA }, 'www.example.com.'))[0]).toBe('REFUSED');
    expect((await ask({ localData: DATA }, 'host.example.com.'))[0]).toContain('10.0.0.2');
    expect((await ask({ localData: DATA }, 'www.alias.org.'))[1]).toBeGreaterThan(0);
  });

  test('leaves the DS record at its top to the zone above (RFC 4035 §3.1.4.1)', async () => {
    const options = { localZones: [zoneOf('example.com.', 'static')] };
    expect((await ask(options, 'example.com.', 'DS'))[1]).toBeGreaterThan(0);
  });

  test('has aliases that are followed, and is met at the end of those of others', async () => {
    const localData = records('host.local.example. 60 CNAME www.alias.org.');
    expect((await ask({ localData }, 'host.local.example.'))[0]).toBe(
      'NOERROR: host.local.example. 60 CNAME www.alias.org.; www.alias.org. 300 A 192.0.2.90',
    );
    const localZones = [zoneOf('www.alias.org.', 'always_null')];
    expect((await ask({ localZones }, 'far.example.com.'))[0]).toMatch(/CNAME .* A 0.0.0.0$/);
  });

  test('expands an alias to a wildcard, up to the length of a name', async () => {
    const localZones = [zoneOf('example.com.', 'redirect')];
    const toAlias = records('example.com. 60 CNAME *.alias.org.');
    expect((await ask({ localZones, localData: toAlias }, 'www.example.com.'))[0]).toMatch(
      /CNAME www.example.com.alias.org./,
    );
    const label = 'a'.repeat(60);
    const far = records(`example.com. 60 CNAME *.${`${label}.`.repeat(4)}`);
    expect((await ask({ localZones, localData: far }, 'www.example.com.'))[0]).toBe('YXDOMAIN');
  });
});

describe('special-use names', () => {
  test.each([
    ['localhost.', 'A', 'NOERROR: localhost. 10800 A 127.0.0.1'],
    ['x.localhost.', 'AAAA', 'NOERROR: x.localhost. 10800 AAAA ::1'],
    ['1.0.0.127.in-addr.arpa.', 'PTR', 'NOERROR: 1.0.0.127.in-addr.arpa. 10800 PTR localhost.'],
  ])('%s %s has its data', async (name, type, expected) => {
    expect(await ask({}, name, type)).toEqual([expected, 0]);
  });

  test.each([
    'a.test.',
    'a.invalid.',
    'printer.local.',
    'a.onion.',
    'a.alt.',
    'a.home.arpa.',
    '1.0.0.10.in-addr.arpa.',
    '1.0.31.172.in-addr.arpa.',
    '1.1.168.192.in-addr.arpa.',
    '1.0.127.100.in-addr.arpa.',
    'x.d.f.ip6.arpa.',
    'x.b.e.f.ip6.arpa.',
  ])('%s does not exist, and nobody is asked', async (name) => {
    const [answer, asked] = await ask({}, name);
    expect(answer).toMatch(/^NXDOMAIN \/ .* 10800 SOA localhost. nobody.invalid. /);
    expect(asked).toBe(0);
  });

  test.each(['1.0.32.172.in-addr.arpa.', '1.0.63.100.in-addr.arpa.', 'local.example.com.'])(
    '%s is none',
    async (name) => {
      expect((await ask({}, name))[1]).toBeGreaterThan(0);
    },
  );

  test('can be turned off, one or all', async () => {
    const localZones = [zoneOf('test.', 'nodefault')];
    expect((await ask({ localZones }, 'a.test.'))[1]).toBeGreaterThan(0);
    expect((await ask({ localZones }, 'a.onion.'))[1]).toBe(0);
    expect((await ask({ specialUse: false }, 'a.onion.'))[1]).toBeGreaterThan(0);
    const reverse = '1.0.0.10.in-addr.arpa.';
    expect((await ask({ specialUse: false }, reverse))[1]).toBe(0);
    expect((await ask({ privateReverse: false }, reverse))[1]).toBeGreaterThan(0);
    expect((await ask({ privateReverse: false }, 'a.onion.'))[1]).toBe(0);
  });

  test.each(['localhost.', 'a.invalid.', '1.0.0.127.in-addr.arpa.'])(
    '%s is answered here whatever root there is',
    async (name) => {
      const off = { specialUse: false, privateReverse: false };
      expect((await ask(off, name))[1]).toBe(0);
      const localZones = [zoneOf(name.replace(/^a\.|^1\.0\.0\./, ''), 'nodefault')];
      expect((await ask({ ...off, localZones }, name))[1]).toBeGreaterThan(0);
    },
  );

  test('give way to stub and forward zones, and to local zones', async () => {
    const internet = await plainInternet();
    await internet.serve('192.0.2.53', zone('10.in-addr.arpa.', '1.0.0 60 PTR a.example.'));
    const name = nameOf('10.in-addr.arpa.');
    const stub = internet.resolver({ stubs: [{ zone: name, addresses: ['192.0.2.53'] }] });
    expect(await internet.ask(stub, '1.0.0.10.in-addr.arpa.', 'PTR')).toContain('a.example.');
    const all = [{ zone: nameOf('.'), addresses: ['192.0.2.53'] }];
    const forward = internet.resolver({ forwards: all });
    expect(await internet.ask(forward, 'a.onion.')).toMatch(/^NXDOMAIN/);
    const localData = records('1.0.0.10.in-addr.arpa. 60 PTR b.example.');
    const local = internet.resolver({ localData });
    expect(await internet.ask(local, '1.0.0.10.in-addr.arpa.', 'PTR')).toContain('b.example.');
  });
});
