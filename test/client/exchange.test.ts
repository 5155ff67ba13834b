/** One question to one server: what counts as its reply, and that nothing is left behind. */
import { expect, test } from 'vitest';

import { exchange } from '../../src/client/exchange.ts';
import type { Exchange } from '../../src/client/outcome.ts';
import type { ExchangeRequest } from '../../src/client/request.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { Rcode } from '../../src/wire/iana.ts';
import type { Message } from '../../src/wire/message.ts';
import {
  EXAMPLE,
  Internet,
  questionOf,
  records,
  reply,
  type Responder,
} from '../resolver/fixture.ts';

const question = questionOf('www.example.com.');
const answers = records('www.example.com. 300 A 192.0.2.80');

interface Setting {
  readonly internet: Internet;
  readonly run: (options?: Partial<ExchangeRequest>) => Promise<Exchange>;
}

async function serve(responder: Responder): Promise<Setting> {
  const internet = new Internet();
  await internet.serve(EXAMPLE, responder);
  const server = { address: EXAMPLE, port: 53 };
  const request = { server, question, timeoutMs: 500 };
  return {
    internet,
    run: (options) =>
      internet.world.run(exchange(internet.resolverHost.runtime, { ...request, ...options })),
  };
}

function good(query: Message): Message {
  return reply(query, { aa: true, answers });
}

test('a reply comes with its transport, time and octets', async () => {
  const { run, internet } = await serve(good);
  const outcome = await run();
  expect(outcome).toMatchObject({ kind: 'reply', transport: 'udp', rttMs: 20, withoutEdns: false });
  expect(outcome.kind === 'reply' && outcome.message.answers).toHaveLength(1);
  expect(internet.leftOpen).toBe(0);
});

test('every send has a new id and a new port', async () => {
  const { run, internet } = await serve(() => []);
  await run({ tries: 50, timeoutMs: 10 });
  const sent = internet.world.packets.filter(({ kind }) => kind === 'datagram');
  expect(sent).toHaveLength(50);
  expect(new Set(sent.map(({ from }) => from.port)).size).toBeGreaterThan(48);
  expect(new Set(sent.map(({ bytes }) => bytes[0]! * 256 + bytes[1]!)).size).toBeGreaterThan(48);
});

test('the query carries EDNS with 1232 octets, RD clear, and the flags that were asked for', async () => {
  const { run, internet } = await serve(good);
  await run();
  await run({ flags: { rd: true, cd: true }, edns: false });
  const [plain, flagged] = internet.received;
  expect(plain!.message).toMatchObject({ rd: false, edns: { udpPayloadSize: 1232 } });
  expect(flagged!.message).toMatchObject({ rd: true, cd: true });
  expect(flagged!.message.edns).toBeUndefined();
});

const FORGERIES: Readonly<Record<string, (query: Message) => Message | Uint8Array>> = {
  'a query (QR=0)': (query) => ({ ...good(query), qr: false }),
  'another opcode': (query) => ({ ...good(query), opcode: 4 }),
  'another name': (query) => ({ ...good(query), questions: [questionOf('other.example.com.')] }),
  'another type': (query) => ({
    ...good(query),
    questions: [questionOf('www.example.com.', 'AAAA')],
  }),
  'another class': (query) => ({ ...good(query), questions: [{ ...question, class: 3 }] }),
  'no question': (query) => ({ ...good(query), questions: [] }),
  'two questions': (query) => ({ ...good(query), questions: [question, question] }),
  'a bare FORMERR': (query) => reply(query, { rcode: Rcode.FORMERR, questions: [] }),
  'a bare REFUSED': (query) => reply(query, { rcode: Rcode.REFUSED, questions: [] }),
  'half a header': (query) => encodeMessage(good(query)).subarray(0, 7),
  'a record cut short': (query) => encodeMessage(good(query)).subarray(0, -2),
  'octets behind the end': (query) => Uint8Array.from([...encodeMessage(good(query)), 0]),
};

for (const [what, forge] of Object.entries(FORGERIES)) {
  test(`RFC 5452 §9.1: ${what} before the good reply is ignored`, async () => {
    const { run, internet } = await serve((query) => [forge(query), good(query)]);
    const outcome = await run();
    expect(outcome).toMatchObject({ kind: 'reply', transport: 'udp', ignored: 1 });
    expect(outcome.kind === 'reply' && outcome.message.answers).toHaveLength(1);
    expect(internet.received).toHaveLength(1);
    expect(internet.leftOpen).toBe(0);
  });
}

test('a reply with a wrong id sends the question to TCP, which answers', async () => {
  const { run, internet } = await serve((query, via) =>
    via === 'tcp' ? good(query) : { ...good(query), id: query.id ^ 1 },
  );
  const outcome = await run();
  expect(outcome).toMatchObject({ kind: 'reply', transport: 'tcp', tcpBecause: 'wrong id' });
  expect(internet.leftOpen).toBe(0);
});

test('the reply may spell the name in other case', async () => {
  const { run } = await serve((query) => ({
    ...good(query),
    questions: [questionOf('WWW.example.COM.')],
  }));
  expect(await run()).toMatchObject({ kind: 'reply' });
});

test('RFC 7766 §5: a truncated reply sends the question to TCP', async () => {
  const { run, internet } = await serve((query, via) =>
    via === 'tcp' ? good(query) : reply(query, { tc: true }),
  );
  expect(await run()).toMatchObject({ transport: 'tcp', tcpBecause: 'truncated' });
  expect(await run({ ignoreTruncation: true })).toMatchObject({ transport: 'udp' });
  expect(internet.leftOpen).toBe(0);
});

test('a reply cut within a record, with TC, sends the question to TCP', async () => {
  const { run } = await serve((query, via) =>
    via === 'tcp' ? good(query) : encodeMessage({ ...good(query), tc: true }).subarray(0, -3),
  );
  expect(await run()).toMatchObject({ transport: 'tcp', tcpBecause: 'truncated' });
});

test('replies are matched over TCP as well', async () => {
  const { run } = await serve((query) => [
    { ...good(query), id: query.id ^ 1 },
    { ...good(query), questions: [questionOf('other.example.com.')] },
    good(query),
  ]);
  expect(await run({ tcp: true })).toMatchObject({ kind: 'reply', transport: 'tcp', ignored: 2 });
});

for (const rcode of [Rcode.FORMERR, Rcode.NOTIMP]) {
  test(`RFC 6891 §7: a server that answers EDNS with rcode ${rcode} is asked without`, async () => {
    const { run, internet } = await serve((query) =>
      query.edns ? reply(query, { rcode }) : good(query),
    );
    expect(await run()).toMatchObject({ kind: 'reply', withoutEdns: true });
    expect(internet.received).toHaveLength(2);
    expect(await run({ ednsFallback: false })).toMatchObject({ message: { rcode } });
  });
}

test('a bare FORMERR counts once nothing better has come', async () => {
  const { run } = await serve((query) =>
    query.edns ? reply(query, { rcode: Rcode.FORMERR, questions: [] }) : good(query),
  );
  expect(await run()).toMatchObject({ kind: 'reply', withoutEdns: true });
});

test('silence, refusal, cancellation and an empty purse are values', async () => {
  const { run, internet } = await serve(() => []);
  expect(await run()).toEqual({ kind: 'timeout', ignored: 0 });
  const closed = { address: EXAMPLE, port: 54 };
  expect(await run({ server: closed })).toMatchObject({ kind: 'unreachable', transport: 'udp' });
  expect(await run({ server: closed, tcp: true })).toMatchObject({ transport: 'tcp' });
  expect(await run({ spend: () => false })).toEqual({ kind: 'out of budget' });
  expect(await run({ signal: AbortSignal.abort() })).toEqual({ kind: 'cancelled' });
  for (const tcp of [true, false]) {
    const controller = new AbortController();
    internet.world.at(internet.world.nowMs + 15, () => controller.abort());
    expect(await run({ signal: controller.signal, tcp })).toEqual({ kind: 'cancelled' });
  }
  await internet.world.settle(1000);
  expect(internet.leftOpen).toBe(0);
});

test('a connection that nobody accepts or refuses is given up in time', async () => {
  const { run, internet } = await serve(() => []);
  const startMs = internet.world.nowMs;
  const nowhere = { address: '192.0.2.250', port: 53 };
  expect(await run({ server: nowhere, tcp: true })).toMatchObject({ kind: 'timeout' });
  expect(internet.world.nowMs - startMs).toBe(1000);
  expect(internet.leftOpen).toBe(0);
});

test('only a malformed reply is told apart from silence', async () => {
  const { run } = await serve((query) => encodeMessage(good(query)).subarray(0, -2));
  expect(await run()).toEqual({ kind: 'malformed', reason: 'record cut short' });
});

test('every datagram and connection is paid for', async () => {
  const { run } = await serve((query, via) => {
    if (via === 'udp') return reply(query, { tc: true });
    return query.edns ? reply(query, { rcode: Rcode.FORMERR }) : good(query);
  });
  const spent: string[] = [];
  expect(await run({ spend: (what) => spent.push(what) > 0 })).toMatchObject({ kind: 'reply' });
  expect(spent).toEqual(['udp', 'tcp', 'udp', 'tcp']);
  let purse = 3;
  expect(await run({ spend: () => purse-- > 0 })).toEqual({ kind: 'out of budget' });
});

test('tries are repeated until a reply comes', async () => {
  let asked = 0;
  const { run, internet } = await serve((query) => (++asked < 3 ? undefined : good(query)));
  expect(await run({ tries: 3 })).toMatchObject({ kind: 'reply' });
  expect(internet.received).toHaveLength(3);
});

test('a flood of mismatching replies ends the wait before its time', async () => {
  const { run, internet } = await serve((query) =>
    Array.from({ length: 300 }, () => ({ ...good(query), questions: [] })),
  );
  const startMs = internet.world.nowMs;
  expect(await run()).toEqual({ kind: 'timeout', ignored: 100 });
  expect(internet.world.nowMs - startMs).toBeLessThan(100);
});
