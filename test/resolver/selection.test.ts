/** Which of a zone's servers is asked: the near ones, and those that have become near again. */
import { expect, test } from 'vitest';

import type { SimHost } from '../../src/sim/host.ts';
import { COM, Internet, reply, ROOT, ROOT_ZONE, records, zone, type Responder } from './fixture.ts';

const NEAR = '192.0.2.10';
const FAR = '192.0.2.100';
const SIXTH = '2001:db8:1::53';

/** Every name below example.com. exists. */
const any: Responder = (query) => {
  const { name } = query.questions[0]!;
  const answers = records('x. 300 A 192.0.2.80').map((record) => ({ ...record, name }));
  return reply(query, { aa: true, answers });
};

interface Setting {
  readonly internet: Internet;
  readonly hosts: ReadonlyMap<string, SimHost>;
  /** Asks so many questions and counts those that went to each server. */
  readonly count: (questions: number) => Promise<ReadonlyMap<string, number>>;
}

/** example.com. with servers at so many milliseconds' distance, there and back. */
async function serve(rtts: Readonly<Record<string, number>>, seed = 1): Promise<Setting> {
  const internet = new Internet({ seed });
  const lines = Object.keys(rtts).map((address, i) => {
    const type = address.includes(':') ? 'AAAA' : 'A';
    return `example 3600 NS ns${i}.example\nns${i}.example 3600 ${type} ${address}`;
  });
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', `@ 9 SOA ns h 1 1 1 1 9\n${lines.join('\n')}`));
  const hosts = new Map<string, SimHost>();
  for (const [address, rtt] of Object.entries(rtts)) {
    const host = await internet.serve(address, any);
    hosts.set(address, host);
    const link = { delayMs: rtt / 2, jitterMs: 1 };
    internet.world.link(internet.resolverHost, host, link);
    internet.world.link(host, internet.resolverHost, link);
  }
  const resolver = internet.resolver();
  let asked = 0;
  const count: Setting['count'] = async (questions) => {
    internet.takeAsked();
    for (let i = 0; i < questions; i++) {
      expect(await internet.ask(resolver, `n${asked++}.example.com.`)).toMatch(/^NOERROR/);
    }
    const counts = new Map(Object.keys(rtts).map((address) => [address, 0]));
    for (const line of internet.takeAsked()) {
      const address = line.split(' ')[0]!;
      const before = counts.get(address);
      if (before !== undefined) counts.set(address, before + 1);
    }
    return counts;
  };
  return { internet, hosts, count };
}

test('of servers at 10 and 100 ms most questions go to the near one, and some to the other', async () => {
  const { count } = await serve({ [NEAR]: 10, [FAR]: 100 });
  await count(20);
  const counts = await count(400);
  expect(counts.get(NEAR)).toBeGreaterThan(360);
  expect(counts.get(FAR)).toBeGreaterThan(0);
});

test('servers that are equally near share the questions', async () => {
  const { count } = await serve({ [NEAR]: 20, [FAR]: 20.5, '192.0.2.101': 21 });
  await count(30);
  for (const [, questions] of await count(300)) expect(questions).toBeGreaterThan(50);
});

test('a near server that dies is left, and found again within 200 questions of coming back', async () => {
  for (let seed = 1; seed <= 2; seed++) {
    const { internet, hosts, count } = await serve({ [NEAR]: 10, [FAR]: 100 }, seed);
    await count(20);
    const cut = { delayMs: 5, loss: 1 };
    const near = hosts.get(NEAR)!;
    internet.world.link(internet.resolverHost, near, cut);
    const dead = await count(100);
    // Each of those asked cost a wait, so they are few.
    expect(dead.get(NEAR)).toBeLessThan(30);
    internet.world.link(internet.resolverHost, near, { delayMs: 5 });
    await count(200);
    expect((await count(50)).get(NEAR)).toBeGreaterThan(40);
  }
});

test('IPv6 is used once it has been seen to work and while it does, however near it may be', async () => {
  const { internet, hosts, count } = await serve({ [NEAR]: 50, [SIXTH]: 10 });
  await count(200);
  expect((await count(100)).get(SIXTH)).toBeGreaterThan(80);
  internet.world.link(internet.resolverHost, hosts.get(SIXTH)!, { delayMs: 5, loss: 1 });
  await count(200);
  expect((await count(100)).get(NEAR)).toBe(100);
});
