/** Stub and forward zones, local zones and data, replaced while the resolver runs. */
import { describe, expect, test } from 'vitest';
import { nameOf } from '../../src/wire/name-text.ts';
import type { ForwardZone } from '../../src/resolver/configured-zones.ts';
import type { NamePolicy } from '../../src/resolver/name-policy.ts';
import { type Internet, plainInternet, questionOf, records, reply, show } from './fixture.ts';

const OLD = '192.0.2.53';
const NEW = '192.0.2.54';

/** A network whose two forwarders tell addresses of their own. */
async function twoForwarders(): Promise<Internet> {
  const internet = await plainInternet();
  for (const address of [OLD, NEW]) {
    await internet.serve(address, (query) => {
      const name = query.questions[0]!.name.toString();
      return reply(query, { ra: true, answers: records(`${name} 300 A ${address}`) });
    });
  }
  return internet;
}

const forwardTo = (address: string): ForwardZone => {
  return { zone: nameOf('corp.'), addresses: [address] };
};

describe('a new policy holds from the next question on', () => {
  test('another forwarder is asked, and what the old one said is forgotten, but nothing else', async () => {
    const internet = await twoForwarders();
    const resolver = internet.resolver({ forwards: [forwardTo(OLD)] });
    expect(await internet.ask(resolver, 'www.corp.')).toContain(OLD);
    await internet.ask(resolver, 'www.example.com.');
    internet.takeAsked();
    void resolver.replaceNames({ forwards: [forwardTo(NEW)] });
    expect(await internet.ask(resolver, 'www.corp.')).toContain(NEW);
    await internet.ask(resolver, 'www.example.com.');
    expect(internet.takeAsked()).toEqual([`${NEW} www.corp. A`]);
  });

  test('what the old forwarder says later is forgotten as well', async () => {
    const internet = await twoForwarders();
    const resolver = internet.resolver({ forwards: [forwardTo(OLD)] });
    const early = resolver.resolve(questionOf('www.corp.'));
    await internet.world.advance(15);
    const replaced = resolver.replaceNames({ forwards: [forwardTo(NEW)] });
    expect(show(await internet.world.run(early))).toContain(OLD);
    await internet.world.run(replaced);
    expect(await internet.ask(resolver, 'www.corp.')).toContain(NEW);
  });

  test('a policy that says the same leaves the cache alone', async () => {
    const internet = await twoForwarders();
    const resolver = internet.resolver({ forwards: [forwardTo(OLD)] });
    await internet.ask(resolver, 'www.corp.');
    internet.takeAsked();
    const same: NamePolicy = { forwards: [forwardTo(OLD)], localZones: [] };
    void resolver.replaceNames(same);
    expect(await internet.ask(resolver, 'www.corp.')).toContain(OLD);
    expect(internet.takeAsked()).toEqual([]);
  });

  test('a forward zone that is gone is asked for from the root, one that is new is not', async () => {
    const internet = await twoForwarders();
    const resolver = internet.resolver({ forwards: [forwardTo(OLD)] });
    await internet.ask(resolver, 'www.corp.');
    const stubs = [{ zone: nameOf('example.com.'), addresses: [NEW] }];
    await internet.ask(resolver, 'www.example.com.');
    void resolver.replaceNames({ stubs });
    expect(await internet.ask(resolver, 'www.corp.')).toMatch(/^NXDOMAIN/);
    internet.takeAsked();
    await internet.ask(resolver, 'www.example.com.');
    expect(internet.takeAsked()[0]).toContain(NEW);
  });

  test('local zones and data come and go', async () => {
    const internet = await plainInternet();
    const resolver = internet.resolver({ localData: records('a.test. 60 A 192.0.2.9') });
    expect(await internet.ask(resolver, 'a.test.')).toContain('192.0.2.9');
    void resolver.replaceNames({
      localZones: [{ name: nameOf('example.com.'), kind: 'always_nxdomain' }],
      localData: records('b.test. 60 A 192.0.2.8'),
    });
    expect(await internet.ask(resolver, 'a.test.')).toMatch(/^NXDOMAIN/);
    expect(await internet.ask(resolver, 'b.test.')).toContain('192.0.2.8');
    expect(await internet.ask(resolver, 'www.example.com.')).toMatch(/^NXDOMAIN/);
    void resolver.replaceNames({});
    expect(await internet.ask(resolver, 'www.example.com.')).toContain('192.0.2.80');
  });
});

test('what is known of servers can be forgotten, of one or of all', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.example.com.');
  const known = [...resolver.servers()].map(({ address }) => address);
  expect(known.length).toBeGreaterThan(2);
  expect(resolver.forgetServers(known[0])).toBe(1);
  expect(resolver.forgetServers('192.0.2.250')).toBe(0);
  expect([...resolver.servers()].map(({ address }) => address)).toEqual(known.slice(1));
  expect(resolver.forgetServers()).toBe(known.length - 1);
  expect([...resolver.servers()]).toEqual([]);
});
