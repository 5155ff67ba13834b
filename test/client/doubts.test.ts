/** Letter case and cookies: what makes a reply that nearly matches a matter for TCP. */
import { expect, test } from 'vitest';

import { ServerCookies } from '../../src/client/cookies.ts';
import { exchange } from '../../src/client/exchange.ts';
import type { Exchange } from '../../src/client/outcome.ts';
import type { ExchangeRequest } from '../../src/client/request.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { EdnsOption, Rcode } from '../../src/wire/iana.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import type { Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import {
  EXAMPLE,
  Internet,
  questionOf,
  records,
  reply,
  type Responder,
} from '../resolver/fixture.ts';

const question = questionOf('www.Example.com.');

interface Setting {
  readonly internet: Internet;
  readonly cookies: ServerCookies;
  readonly run: (options?: Partial<ExchangeRequest>) => Promise<Exchange>;
}

async function serve(responder: Responder): Promise<Setting> {
  const internet = new Internet();
  await internet.serve(EXAMPLE, responder);
  const { runtime } = internet.resolverHost;
  const cookies = new ServerCookies(runtime.clock, runtime.random);
  const request = { server: { address: EXAMPLE, port: 53 }, question, timeoutMs: 500 };
  return {
    internet,
    cookies,
    run: (options) => internet.world.run(exchange(runtime, { ...request, ...options })),
  };
}

function good(query: Message): Message {
  return reply(query, { aa: true, answers: records('www.example.com. 300 A 192.0.2.80') });
}

function inCase(query: Message, change: (text: string) => string): Message {
  const { name, type } = query.questions[0]!;
  return { ...query, questions: [{ name: nameOf(change(name.toString())), type, class: 1 }] };
}

test('0x20: each letter is drawn anew, nothing else changes, and the reply is as it was asked', async () => {
  // Compressed, so the owner of the answer is a pointer to the question.
  const { run, internet } = await serve((query) =>
    reply(query, {
      aa: true,
      answers: records('www.example.com. 300 A 192.0.2.80').map((record) => ({
        ...record,
        name: query.questions[0]!.name,
      })),
    }),
  );
  for (let i = 0; i < 64; i++) {
    const outcome = await run({ randomCase: true });
    if (outcome.kind !== 'reply') throw new Error(outcome.kind);
    expect(outcome).toMatchObject({ transport: 'udp', changesCase: false });
    expect(outcome.message.questions[0]!.name.toString()).toBe('www.Example.com.');
    expect(outcome.message.answers[0]!.name.toString()).toBe('www.Example.com.');
  }
  const names = internet.received.map(({ name }) => name);
  expect(new Set(names).size).toBeGreaterThan(60);
  for (const name of names) expect(name.toLowerCase()).toBe('www.example.com.');
  for (const at of [0, 1, 2, 4, 10, 12, 14]) {
    const upper = names.filter((name) => name[at] === name[at]!.toUpperCase()).length;
    expect(upper).toBeGreaterThan(16);
    expect(upper).toBeLessThan(48);
  }
});

test('0x20: an owner that is copied instead of pointed at gets the case of the question as well', async () => {
  const { run } = await serve((query) => {
    const { wire } = query.questions[0]!.name;
    const octets = encodeMessage(good(query));
    // The answer's pointer, replaced by the name in full.
    const at = 12 + wire.length + 4;
    return Uint8Array.from([...octets.subarray(0, at), ...wire, ...octets.subarray(at + 2)]);
  });
  const outcome = await run({ randomCase: true, edns: false });
  if (outcome.kind !== 'reply') throw new Error(outcome.kind);
  expect(outcome.message.answers[0]!.name.toString()).toBe('www.Example.com.');
});

test('0x20: octets that are no letters stay as they are', async () => {
  const { run, internet } = await serve((query) => reply(query, { aa: true }));
  const odd = questionOf('\\000\\032[@`{\\255\\192\\224-0.a.');
  for (let i = 0; i < 8; i++) {
    expect(await run({ randomCase: true, question: odd })).toMatchObject({ transport: 'udp' });
  }
  for (const { message } of internet.received) {
    expect(message.questions[0]!.name.equals(odd.name)).toBe(true);
  }
});

test('0x20: a reply in other case is a near miss, and TCP tells who is right', async () => {
  const { run } = await serve((query, via) =>
    via === 'tcp'
      ? good(query)
      : reply(
          inCase(query, (text) => text.toLowerCase()),
          { answers: records('www.example.com. 9 A 203.0.113.66') },
        ),
  );
  expect(await run({ randomCase: true })).toMatchObject({
    kind: 'reply',
    transport: 'tcp',
    tcpBecause: 'other case',
    changesCase: false,
    message: { answers: [{ ttl: 300 }] },
  });
});

test('0x20: who changes the case over TCP too is believed, and known for it', async () => {
  const { run } = await serve((query) => good(inCase(query, (text) => text.toUpperCase())));
  expect(await run({ randomCase: true })).toMatchObject({ transport: 'tcp', changesCase: true });
  expect(await run({ randomCase: false })).toMatchObject({ transport: 'udp', changesCase: false });
});

const SERVER_COOKIE = Uint8Array.of(1, 2, 3, 4, 5, 6, 7, 8);

function cookieOf(message: Message): Uint8Array | undefined {
  return message.edns?.options.find(({ code }) => code === EdnsOption.COOKIE)?.data;
}

function withCookie(query: Message, parts: Partial<Message> = {}): Message {
  const data = Uint8Array.from([...cookieOf(query)!.subarray(0, 8), ...SERVER_COOKIE]);
  const options = [{ code: EdnsOption.COOKIE, data }];
  return { ...good(query), edns: { ...plainEdns(), options }, ...parts };
}

test('RFC 7873 §5.1: ours is sent alone at first, then with what the server gave', async () => {
  const { run, internet, cookies } = await serve((query) => withCookie(query));
  expect(await run({ cookies })).toMatchObject({ transport: 'udp', hasCookie: true });
  await run({ cookies });
  const [first, second] = internet.received.map(({ message }) => cookieOf(message)!);
  expect(first).toHaveLength(8);
  expect(second).toEqual(Uint8Array.from([...first!, ...SERVER_COOKIE]));
});

test('RFC 7873 §5.1: ours is another for every server and for every address of our own', () => {
  const { clock, random } = new Internet().resolverHost.runtime;
  const one = new ServerCookies(clock, random);
  const other = new ServerCookies(clock, random);
  const ours = one.optionFor('192.0.2.1');
  expect(one.optionFor('192.0.2.1')).toEqual(ours);
  expect(other.optionFor('192.0.2.1')).not.toEqual(ours);
  expect(one.optionFor('192.0.2.2')).not.toEqual(ours);
});

for (const [what, spoil] of [
  ['without a cookie', (query: Message) => good(query)],
  ['with the cookie of somebody else', (query: Message) => withCookie(query, forged(query))],
  ['an error without a cookie', (query: Message) => reply(query, { rcode: Rcode.FORMERR })],
] as const) {
  test(`RFC 7873 §5.3: a reply ${what}, of a server that gives some, goes to TCP`, async () => {
    let isSpoilt = false;
    const { run, cookies } = await serve((query, via) =>
      isSpoilt && via === 'udp' ? spoil(query) : withCookie(query),
    );
    await run({ cookies });
    isSpoilt = true;
    const outcome = await run({ cookies });
    expect(outcome).toMatchObject({ transport: 'tcp', withoutEdns: false, hasCookie: true });
    // The connection vouched for the cookie, so nothing has become laxer.
    expect(await run({ cookies })).toMatchObject({ transport: 'tcp' });
  });
}

function forged(query: Message): Partial<Message> {
  const data = Uint8Array.from(cookieOf(query)!.subarray(0, 16));
  data[0]! ^= 1;
  return { edns: { ...plainEdns(), options: [{ code: EdnsOption.COOKIE, data }] } };
}

test('a server that stops giving cookies, over TCP too, is no longer required to', async () => {
  let gives = true;
  const { run, internet, cookies } = await serve((query) =>
    gives ? withCookie(query) : good(query),
  );
  await run({ cookies });
  gives = false;
  expect(await run({ cookies })).toMatchObject({ transport: 'tcp', tcpBecause: 'no cookie' });
  expect(await run({ cookies })).toMatchObject({ transport: 'udp' });
  await internet.world.advance(600_001);
  gives = true;
  await run({ cookies });
  gives = false;
  expect(await run({ cookies })).toMatchObject({ transport: 'tcp' });
});

test('RFC 7873 §5.3: BADCOOKIE is answered with the new cookie, once', async () => {
  const { run, internet, cookies } = await serve((query) =>
    cookieOf(query)!.length === 8
      ? withCookie(query, { rcode: Rcode.BADCOOKIE, answers: [] })
      : withCookie(query),
  );
  expect(await run({ cookies })).toMatchObject({ transport: 'udp', message: { rcode: 0 } });
  expect(internet.received).toHaveLength(2);
});

test('whoever says BADCOOKIE whatever we send, over TCP too, is sent three queries, then no cookie', async () => {
  const { run, internet, cookies } = await serve((query) => {
    const rcode = Rcode.BADCOOKIE;
    return cookieOf(query) ? withCookie(query, { rcode, answers: [] }) : good(query);
  });
  expect(await run({ cookies })).toMatchObject({
    transport: 'tcp',
    tcpBecause: 'bad cookie',
    message: { rcode: Rcode.BADCOOKIE },
  });
  expect(internet.received).toHaveLength(3);
  expect(await run({ cookies })).toMatchObject({ transport: 'udp', message: { rcode: 0 } });
  expect(internet.received).toHaveLength(4);
});
