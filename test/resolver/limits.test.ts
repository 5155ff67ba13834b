/** The bounds on what all queries together may do, and the small parts that keep them. */
import { expect, test } from 'vitest';

import { addressToBytes } from '../../src/net/address.ts';
import type { LogFields, Logger } from '../../src/net/logger.ts';
import { Budget } from '../../src/resolver/budget.ts';
import { createAddressFilter } from '../../src/resolver/do-not-query.ts';
import { resolverLimits, serverLimits } from '../../src/resolver/limits.ts';
import { rootHints } from '../../src/resolver/root-hints.ts';
import { ServerTable } from '../../src/resolver/servers.ts';
import { World } from '../../src/sim/world.ts';
import { COM, EXAMPLE, plainInternet, questionOf, ROOT } from './fixture.ts';

test('more queries than may be under way are refused at once, and known names still answered', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver({ limits: { recursions: 10 } });
  await internet.ask(resolver, 'www.example.com.');
  const flood = Array.from({ length: 30 }, (_, i) =>
    resolver.resolve(questionOf(`n${i}.example.com.`)),
  );
  const known = await internet.world.run(resolver.resolve(questionOf('www.example.com.')));
  expect(known.kind).toBe('resolved');
  const outcomes = await internet.world.run(Promise.all(flood));
  expect(outcomes.filter(({ kind }) => kind === 'resolved')).toHaveLength(10);
  expect(outcomes.filter((one) => one.kind === 'failure' && one.reason === 'busy')).toHaveLength(
    20,
  );
  expect(await internet.ask(resolver, 'n29.example.com.')).toMatch(/^NXDOMAIN/);
});

test('so many may wait for one question, and no more', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  const question = questionOf('www.example.com.');
  const crowd = Array.from({ length: 130 }, () => resolver.resolve(question));
  const outcomes = await internet.world.run(Promise.all(crowd));
  expect(outcomes.filter(({ kind }) => kind === 'resolved')).toHaveLength(resolverLimits.waiters);
  expect(resolver.counters.overloads).toBe(30);
  expect(internet.takeAsked()).toHaveLength(3);
});

test('one server and one zone have so many exchanges open at once, and no more', async () => {
  for (const limits of [{ exchangesPerServer: 5 }, { exchangesPerZone: 5 }]) {
    const internet = await plainInternet();
    const resolver = internet.resolver({ limits });
    await internet.ask(resolver, 'www.example.com.');
    let most = 0;
    internet.world.onPacket(() => {
      most = Math.max(most, internet.resolverHost.pending.udpSockets);
    });
    const flood = Array.from({ length: 20 }, (_, i) =>
      resolver.resolve(questionOf(`n${i}.example.com.`)),
    );
    await internet.world.run(Promise.all(flood));
    expect(most).toBe(5);
    // It was our own doing, so nothing is held against the names.
    expect(await internet.ask(resolver, 'n19.example.com.')).toMatch(/^NXDOMAIN/);
  }
});

test('a budget is spent once and never refilled', () => {
  const world = new World({ seed: 1 });
  const { clock } = world.host({ addresses: ['192.0.2.1'] }).runtime;
  const purse = (): Budget => new Budget(1, clock, resolverLimits);
  const sends = purse();
  for (let i = 0; i < 100; i++) expect(sends.spendSend()).toBe(true);
  expect(sends.spendSend()).toBe(false);
  expect(sends.exhausted).toMatch(/100 packets/);
  const octets = purse();
  octets.addReceived(131_072);
  expect(octets.spendSend()).toBe(false);
  const names = purse();
  for (let i = 0; i < 16; i++) expect(names.spendNsName()).toBe(true);
  expect(names.spendNsName()).toBe(false);
  const missing = purse();
  for (let i = 0; i < 5; i++) missing.addNsNxdomain();
  expect(missing.spendNsName()).toBe(false);
});

test('a budget ends with its time', async () => {
  const world = new World({ seed: 1 });
  const { clock } = world.host({ addresses: ['192.0.2.1'] }).runtime;
  const budget = new Budget(1, clock, resolverLimits);
  await world.advance(5900);
  expect(budget.spendSend()).toBe(true);
  await world.advance(100);
  expect(budget.remainingMs).toBe(0);
  expect(budget.spendSend()).toBe(false);
});

const NEVER = [
  '0.0.0.0',
  '0.1.2.3',
  '224.0.0.1',
  '240.0.0.1',
  '255.255.255.255',
  '::',
  'ff02::1',
  'fe80::1',
  '::ffff:192.0.2.1',
  '::ffff:127.0.0.1',
  '192.0.2.53',
  '2001:db8::53',
];

for (const allowLoopback of [false, true]) {
  test(`addresses that are never asked, with loopback ${allowLoopback ? '' : 'not '}allowed`, () => {
    const addresses = ['192.0.2.53', '2001:DB8:0::53'];
    const mayAsk = createAddressFilter({ allowLoopback, addresses });
    const asked = (text: string): boolean => mayAsk(addressToBytes(text)!) !== undefined;
    for (const text of NEVER) expect([text, asked(text)]).toEqual([text, false]);
    for (const text of ['127.0.0.1', '127.9.9.9', '::1']) expect(asked(text)).toBe(allowLoopback);
    for (const text of ['192.0.2.1', '10.0.0.1', '2001:db8::1']) expect(asked(text)).toBe(true);
  });
}

test('the wait for a reply follows the measured round trips, within its bounds', () => {
  const world = new World({ seed: 1 });
  const { clock, random } = world.host({ addresses: ['192.0.2.1'] }).runtime;
  const servers = new ServerTable(clock, random);
  const waits = (): number[] => [0, 1, 2, 9].map((tries) => servers.timeoutMs(EXAMPLE, tries));
  expect(waits()).toEqual([376, 564, 846, 1500]);
  for (let i = 0; i < 50; i++) servers.addReply(EXAMPLE, 100);
  expect(waits()[0]).toBeCloseTo(100, 0);
  for (let i = 0; i < 50; i++) servers.addReply(EXAMPLE, 1);
  expect(waits().slice(0, 2)).toEqual([serverLimits.timeoutMinMs, 75]);
});

test('the fastest server is asked, and unknown ones before slow ones', () => {
  const world = new World({ seed: 1 });
  const { clock, random } = world.host({ addresses: ['192.0.2.1'] }).runtime;
  const servers = new ServerTable(clock, random);
  servers.addReply(ROOT, 10);
  servers.addReply(COM, 300);
  expect(servers.cost(ROOT)).toBeLessThan(servers.cost(EXAMPLE));
  expect(servers.cost(EXAMPLE)).toBeLessThan(servers.cost(COM));
  expect(servers.cost(COM)).toBeLessThan(servers.cost('2001:db8::5'));
  servers.addReply('2001:db8::5', 5);
  expect(servers.cost('2001:db8::5')).toBeLessThan(servers.cost(ROOT));
});

test('memory of servers is bounded', () => {
  const world = new World({ seed: 1 });
  const { clock, random } = world.host({ addresses: ['192.0.2.1'] }).runtime;
  const servers = new ServerTable(clock, random);
  for (let i = 0; i < 30_000; i++) servers.addSilence(`10.${i >> 16}.${(i >> 8) & 255}.${i & 255}`);
  expect([...servers.states()]).toHaveLength(serverLimits.addresses);
});

test('each step of a resolution is one debug line, a cache hit as well', async () => {
  const internet = await plainInternet();
  const lines: string[] = [];
  const note = (_fields: LogFields, message: string): void => {
    lines.push(message);
  };
  const logger: Logger = {
    debug: note,
    info: note,
    warn: note,
    error: note,
    isLevelEnabled: () => true,
  };
  const resolver = internet.resolver({ logger });
  await internet.ask(resolver, 'www.example.com.');
  await internet.ask(resolver, 'www.example.com.');
  expect(lines).toEqual([
    'looking up www.example.com. A, which is not in the cache',
    'starting at the root, as configured',
    expect.stringContaining(`asked ${ROOT} for com. A: referral to com. in 20.0 ms`),
    expect.stringContaining(`asked ${COM} for example.com. A: referral to example.com. in 20.0 ms`),
    expect.stringContaining(`asked ${EXAMPLE} for www.example.com. A: data in 20.0 ms`),
    'cache hit: www.example.com. A, NOERROR, TTL 300',
  ]);
});

test('thirteen root servers are built in, each with an address of both families', () => {
  const mayAsk = createAddressFilter({ allowLoopback: false, addresses: [] });
  expect(rootHints).toHaveLength(13);
  for (const { name, addresses } of rootHints) {
    expect(name.toString()).toMatch(/^[a-m]\.root-servers\.net\.$/);
    expect(addresses.map((text) => mayAsk(addressToBytes(text)!))).toEqual(addresses);
    expect(addresses.map((text) => text.includes(':'))).toEqual([false, true]);
  }
});
