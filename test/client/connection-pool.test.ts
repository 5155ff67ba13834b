/** TCP connections that questions share: reuse, order, limits, and that they end. */
import { expect, test } from 'vitest';

import { ConnectionPool } from '../../src/client/connection-pool.ts';
import { exchange } from '../../src/client/exchange.ts';
import type { ConnectionLimits } from '../../src/client/limits.ts';
import type { Exchange } from '../../src/client/outcome.ts';
import type { ExchangeRequest } from '../../src/client/request.ts';
import { FrameDecoder, frame } from '../../src/net/framing.ts';
import type { TcpConnection } from '../../src/net/ports.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { plainEdns } from '../../src/wire/edns.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { EdnsOption } from '../../src/wire/iana.ts';
import type { Message } from '../../src/wire/message.ts';
import { EXAMPLE, Internet, questionOf, records, reply } from '../resolver/fixture.ts';

interface Served {
  readonly connection: TcpConnection;
  readonly query: Message;
  readonly answer: (message?: Message) => void;
}

interface Setting {
  readonly internet: Internet;
  readonly pool: ConnectionPool;
  /** Connections that the server accepted. */
  readonly accepted: TcpConnection[];
  readonly served: Served[];
  readonly ask: (name: string, options?: Partial<ExchangeRequest>) => Promise<Exchange>;
}

async function serve(
  onQuery: (served: Served) => void,
  limits: Partial<ConnectionLimits> = {},
): Promise<Setting> {
  const internet = new Internet();
  const host = internet.world.host({ addresses: [EXAMPLE] });
  const accepted: TcpConnection[] = [];
  const served: Served[] = [];
  const listening = host.runtime.network.listenTcp({ address: EXAMPLE, port: 53 }, (connection) => {
    accepted.push(connection);
    const frames = new FrameDecoder();
    connection.start({
      onData(bytes) {
        for (const octets of frames.decode(bytes)) {
          const decoded = decodeMessage(new Uint8Array(octets));
          if (!decoded.ok) throw new Error(decoded.error.reason);
          const query = decoded.value;
          const answer = (message = good(query)): void =>
            connection.write(frame(encodeMessage(message)));
          served.push({ connection, query, answer });
          onQuery({ connection, query, answer });
        }
      },
      onEnd: () => connection.end(),
      onDrain: () => {},
      onClose: () => {},
    });
  });
  await internet.world.run(listening);
  const { runtime } = internet.resolverHost;
  const pool = new ConnectionPool(runtime, limits);
  return {
    internet,
    pool,
    accepted,
    served,
    ask: (name, options) =>
      exchange(runtime, {
        server: { address: EXAMPLE, port: 53 },
        question: questionOf(name),
        timeoutMs: 500,
        tcp: true,
        connections: pool,
        ...options,
      }),
  };
}

function good(query: Message): Message {
  const { name } = query.questions[0]!;
  const answers = records('x. 300 A 192.0.2.80').map((record) => ({ ...record, name }));
  return reply(query, { aa: true, answers });
}

const answerAtOnce = ({ answer }: Served): void => answer();

test('RFC 7766 §6.2.1: questions one after another share a connection, which ends when idle', async () => {
  const { internet, ask, accepted, pool } = await serve(answerAtOnce);
  for (const name of ['a.', 'b.', 'c.']) {
    expect(await internet.world.run(ask(name))).toMatchObject({ kind: 'reply', transport: 'tcp' });
    await internet.world.advance(1000);
  }
  expect(accepted).toHaveLength(1);
  expect(pool.size).toBe(1);
  await internet.world.advance(9500);
  expect(pool.size).toBe(0);
  expect(internet.leftOpen).toBe(0);
});

test('RFC 7766 §6.2.1.1: questions are under way together, and replies come in any order', async () => {
  const held: Served[] = [];
  const { internet, ask, accepted } = await serve((one) => {
    held.push(one);
    if (held.length === 10) for (const { answer } of held.toReversed()) answer();
  });
  const names = Array.from({ length: 10 }, (_, i) => `n${i}.`);
  const outcomes = await internet.world.run(Promise.all(names.map((name) => ask(name))));
  expect(accepted).toHaveLength(1);
  for (const [i, outcome] of outcomes.entries()) {
    if (outcome.kind !== 'reply') throw new Error(outcome.kind);
    expect(outcome.message.answers[0]!.name.toString()).toBe(names[i]);
  }
});

test('a reply with the id of one question and the name of another is nobody’s', async () => {
  const { internet, ask } = await serve(({ query, answer }) => {
    answer({ ...good(query), questions: [questionOf('other.')] });
    answer();
  });
  expect(await internet.world.run(ask('a.'))).toMatchObject({ kind: 'reply', ignored: 1 });
});

test('RFC 7828 §3.2: a time is asked for, and the server’s is kept to when it is shorter', async () => {
  const keepalive = (query: Message, units: number): Message => {
    const data = Uint8Array.of(units >> 8, units & 255);
    return {
      ...good(query),
      edns: { ...plainEdns(), options: [{ code: EdnsOption.KEEPALIVE, data }] },
    };
  };
  for (const [units, leftAfter2s] of [
    [10, 0],
    [6000, 1],
  ] as const) {
    const { internet, ask, pool, served } = await serve(({ query, answer }) =>
      answer(keepalive(query, units)),
    );
    await internet.world.run(ask('a.'));
    const sent = served[0]!.query.edns!.options.find(({ code }) => code === EdnsOption.KEEPALIVE);
    expect(sent?.data).toHaveLength(0);
    await internet.world.advance(2000);
    expect(pool.size).toBe(leftAfter2s);
    await internet.world.advance(10_000);
    expect(internet.leftOpen).toBe(0);
  }
  const none = await serve(({ query, answer }) => answer(keepalive(query, 0)));
  await none.internet.world.run(none.ask('a.'));
  await none.internet.world.advance(50);
  expect(none.internet.leftOpen).toBe(0);
});

test('when a kept connection dies under a question, that is asked once more on a new one', async () => {
  const { internet, ask, accepted } = await serve(answerAtOnce);
  await internet.world.run(ask('a.'));
  accepted[0]!.destroy();
  // The reset is under way while the next question leaves.
  expect(await internet.world.run(ask('b.'))).toMatchObject({ kind: 'reply' });
  expect(accepted).toHaveLength(2);
});

test('whoever accepts and closes is connected to twice, then left alone for a while', async () => {
  let spent = 0;
  const { internet, ask, accepted } = await serve(({ connection }) => connection.destroy());
  const options = { spend: (): boolean => ++spent > 0 };
  for (let i = 0; i < 20; i++) {
    expect(await internet.world.run(ask('a.', options))).toMatchObject({ kind: 'unreachable' });
  }
  expect(accepted).toHaveLength(2);
  expect(spent).toBe(2);
  await internet.world.advance(10_001);
  await internet.world.run(ask('a.'));
  expect(accepted).toHaveLength(3);
  expect(internet.leftOpen).toBe(0);
});

test('a connection on which a question went unanswered is not used again', async () => {
  const { internet, ask, accepted } = await serve(({ query, answer }) => {
    if (query.questions[0]!.name.toString() !== 'silent.') answer();
  });
  await internet.world.run(ask('a.'));
  expect(await internet.world.run(ask('silent.'))).toMatchObject({ kind: 'timeout' });
  expect(await internet.world.run(ask('b.'))).toMatchObject({ kind: 'reply' });
  expect(accepted).toHaveLength(2);
});

test('more questions than a connection takes open a second one, and more than that are refused', async () => {
  const { internet, ask, accepted, pool } = await serve(() => {}, { inFlight: 3, perServer: 2 });
  const asking = Array.from({ length: 8 }, (_, i) => ask(`n${i}.`));
  const outcomes = await internet.world.run(Promise.all(asking));
  expect(accepted).toHaveLength(2);
  const kinds = outcomes.map(({ kind }) => kind);
  expect(kinds.filter((kind) => kind === 'timeout')).toHaveLength(6);
  expect(kinds.filter((kind) => kind === 'out of budget')).toHaveLength(2);
  expect(pool.size).toBe(0);
});

test('at the limit of all connections an idle one makes room', async () => {
  const { internet, ask, pool } = await serve(answerAtOnce, { connections: 1 });
  await internet.world.run(ask('a.'));
  const other = '192.0.2.7';
  await internet.serve(other, good);
  const server = { address: other, port: 53 };
  expect(await internet.world.run(ask('b.', { server }))).toMatchObject({ kind: 'reply' });
  expect(pool.size).toBe(1);
});

test('who leaves while the connection is being opened leaves nothing open, nor a bad name', async () => {
  const { internet, ask, pool } = await serve(answerAtOnce);
  for (let i = 0; i < 5; i++) {
    const controller = new AbortController();
    const left = ask('a.', { signal: controller.signal });
    internet.world.at(internet.world.nowMs + 5, () => controller.abort());
    expect(await internet.world.run(left)).toMatchObject({ kind: 'cancelled' });
    expect(pool.size).toBe(0);
  }
  await internet.world.advance(100);
  expect(internet.leftOpen).toBe(0);
  expect(await internet.world.run(ask('a.'))).toMatchObject({ kind: 'reply' });
});

test('a flood of replies that nobody asked for closes the connection', async () => {
  const { internet, ask, pool } = await serve(({ query, answer }) => {
    for (let i = 1; i <= 200; i++) answer({ ...good(query), id: query.id ^ i });
  });
  expect(await internet.world.run(ask('a.'))).toMatchObject({ kind: 'unreachable' });
  expect(pool.size).toBe(0);
});
