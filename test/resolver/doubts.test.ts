/** Letter case and cookies in the life of a resolver. */
import { expect, test } from 'vitest';

import { plainEdns } from '../../src/wire/edns.ts';
import { EdnsOption, Rcode } from '../../src/wire/iana.ts';
import type { Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import {
  COM,
  COM_ZONE,
  EXAMPLE,
  EXAMPLE_ZONE,
  Internet,
  plainInternet,
  reply,
  ROOT,
  ROOT_ZONE,
  zone,
  type Responder,
} from './fixture.ts';

const good = zone('example.com.', EXAMPLE_ZONE);
const WWW = 'NOERROR: www.example.com. 300 A 192.0.2.80';

async function withServer(server: Responder): Promise<Internet> {
  const internet = new Internet();
  await internet.serve(ROOT, zone('.', ROOT_ZONE));
  await internet.serve(COM, zone('com.', COM_ZONE));
  await internet.serve(EXAMPLE, server);
  return internet;
}

test('0x20: neither clients nor the cache see the random case', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver({ randomCase: true });
  expect(await internet.ask(resolver, 'near.example.com.')).toBe(
    'NOERROR: near.example.com. 300 CNAME www.example.com.; www.example.com. 300 A 192.0.2.80',
  );
  expect(internet.takeAsked().join()).toMatch(/[A-Z]+.*[a-z]/);
  expect(await internet.ask(resolver, 'www.example.com.')).toBe(WWW);
  expect(resolver.counters.tcpSends).toBe(0);
});

test('0x20: a server that changes case costs one connection in a while', async () => {
  const internet = await withServer((query, via) => {
    const { name, type } = query.questions[0]!;
    const lower = { name: nameOf(name.toString().toLowerCase()), type, class: 1 };
    return good({ ...query, questions: [lower] }, via);
  });
  const resolver = internet.resolver({ randomCase: true });
  for (const name of ['www', 'ns', 'near', 'zero', 'nothing']) {
    expect(await internet.ask(resolver, `${name}.example.com.`)).not.toMatch(/^failure/);
  }
  expect(resolver.counters).toMatchObject({ tcpSends: 1, doubts: 1 });
  await internet.world.advance(600_001);
  await internet.ask(resolver, 'zero.example.com.');
  expect(resolver.counters.tcpSends).toBe(2);
});

test('0x20: a forger with id and port but without the case gets nothing accepted or changed', async () => {
  const internet = await withServer((query, via) => {
    if (via === 'tcp') return good(query, via);
    const { name, type } = query.questions[0]!;
    const upper = { name: nameOf(name.toString().toUpperCase()), type, class: 1 };
    return reply({ ...query, questions: [upper] }, { rcode: Rcode.REFUSED });
  });
  const resolver = internet.resolver({ randomCase: true });
  expect(await internet.ask(resolver, 'www.example.com.')).toBe(WWW);
  expect(resolver.counters.lame).toBe(0);
  // Its case was right over TCP, so it goes on being asked in random case.
  await internet.ask(resolver, 'ns.example.com.');
  expect(resolver.counters.tcpSends).toBe(2);
});

test('a server that says BADCOOKIE for ever is sent at most five queries', async () => {
  for (const name of ['www.example.com.', 'a.b.c.www.example.com.']) {
    const internet = await withServer((query) => {
      const sent = query.edns?.options.find(({ code }) => code === EdnsOption.COOKIE);
      const data = Uint8Array.from([
        ...(sent?.data.subarray(0, 8) ?? new Uint8Array(8)),
        ...new Uint8Array(8).fill(7),
      ]);
      const edns = { ...plainEdns(), options: [{ code: EdnsOption.COOKIE, data }] };
      return reply(query, { rcode: Rcode.BADCOOKIE, edns } satisfies Partial<Message>);
    });
    expect(await internet.ask(internet.resolver(), name)).toMatch(/^failure/);
    const asked = internet.takeAsked().filter((line) => line.startsWith(EXAMPLE));
    expect(asked.length).toBeLessThanOrEqual(5);
  }
});

test('each server is sent a cookie of its own, and none where cookies are off', async () => {
  const cookiesIn = (internet: Internet): readonly string[] =>
    internet.received.flatMap(({ message }) =>
      (message.edns?.options ?? []).map(({ data }) => Buffer.from(data).toString('hex')),
    );
  const internet = await plainInternet();
  const resolver = internet.resolver();
  await internet.ask(resolver, 'www.example.com.');
  await internet.ask(resolver, 'ns.example.com.');
  const cookies = cookiesIn(internet);
  expect(cookies).toHaveLength(4);
  expect(new Set(cookies).size).toBe(3);
  const without = await plainInternet();
  await without.ask(without.resolver({ cookies: false }), 'www.example.com.');
  expect(cookiesIn(without)).toEqual([]);
});
