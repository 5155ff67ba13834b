/** Zone transfers message by message, and what ends one before its time. */
import { describe, expect, test } from 'vitest';
import { transfer, type TransferOutcome } from '../../src/client/transfer.ts';
import { FrameDecoder, frame } from '../../src/net/framing.ts';
import type { Clock, TcpConnection } from '../../src/net/ports.ts';
import { World } from '../../src/sim/world.ts';
import { ReplySigner } from '../../src/tsig/sign.ts';
import { verifyRequest } from '../../src/tsig/verify.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { keyFrom, SECRET } from '../tsig/vectors.ts';
import { records } from '../resolver/fixture.ts';

const address = '192.0.2.53';
const zone = nameOf('example.');
const question = { name: zone, type: RRType.AXFR, class: 1 };
const key = keyFrom(`key.example:${SECRET}`);
const SOA = 'example. 300 SOA ns.example. h.example. 1 1 2 3 4';
const A = 'a.example. 300 A 192.0.2.1';

type Serve = (connection: TcpConnection, query: Uint8Array, clock: Clock) => void;

interface Seen {
  readonly outcome: TransferOutcome;
  /** Answers of each message, as counted. */
  readonly counts: readonly number[];
  readonly signatures: readonly (string | undefined)[];
  readonly tookMs: number;
}

interface RunOptions {
  readonly signed?: boolean;
  readonly stopAt?: number;
  /** How long whoever sees a message needs for it. */
  readonly heldUpMs?: number;
}

async function run(serve: Serve, options: RunOptions = {}): Promise<Seen> {
  const world = new World({ seed: 1, link: { delayMs: 5 } });
  const server = world.host({ addresses: [address] });
  const client = world.host({ addresses: ['192.0.2.1'] });
  await server.runtime.network.listenTcp({ address, port: 53 }, (connection) => {
    const frames = new FrameDecoder();
    connection.start({
      onData: (bytes) => {
        for (const query of frames.decode(bytes)) {
          serve(connection, new Uint8Array(query), server.runtime.clock);
        }
      },
      onEnd: () => {},
      onDrain: () => {},
      onClose: () => {},
    });
  });
  const counts: number[] = [];
  const signatures: (string | undefined)[] = [];
  const request = {
    server: { address, port: 53 },
    question,
    timeoutMs: 500,
    ...(options.signed === true && { key }),
  };
  const startMs = world.nowMs;
  const outcome = await world.run(
    transfer(client.runtime, request, ({ recordCount, signature }) => {
      counts.push(recordCount);
      signatures.push(signature?.kind);
      const verdict = counts.length === options.stopAt ? 'stop' : undefined;
      const { heldUpMs } = options;
      if (heldUpMs === undefined) return verdict;
      return new Promise((resolve) => {
        client.runtime.clock.schedule(heldUpMs, () => resolve(verdict));
      });
    }),
  );
  return { outcome, counts, signatures, tookMs: world.nowMs - startMs };
}

const idOf = (query: Uint8Array): number => (query[0]! << 8) | query[1]!;

function message(
  query: Uint8Array,
  lines: readonly string[],
  parts: Partial<Message> = {},
): Uint8Array {
  const answers = lines.flatMap((line) => records(line));
  return encodeMessage(createMessage({ id: idOf(query), qr: true, answers, ...parts }));
}

/** Sends each list as a message, and leaves the connection open. */
const sends =
  (...messages: readonly (readonly string[])[]): Serve =>
  (connection, query) => {
    for (const lines of messages) connection.write(frame(message(query, lines)));
  };

test('messages come one by one, up to the second SOA', async () => {
  const { outcome, counts } = await run(sends([SOA, A], [A], [A, SOA]));
  expect(outcome).toMatchObject({
    kind: 'done',
    size: { records: 5, messages: 3, isVerified: false },
  });
  expect(counts).toEqual([2, 1, 2]);
});

test('the size is that of the messages without their framing', async () => {
  const { outcome } = await run(sends([SOA, SOA]));
  const octets = message(new Uint8Array(2), [SOA, SOA]).length;
  expect(outcome).toMatchObject({ size: { octets } });
});

test('what stands behind the second SOA does not count', async () => {
  const { outcome, counts } = await run(sends([SOA, A, SOA, A, A]));
  expect(outcome).toMatchObject({ kind: 'done', size: { records: 3 } });
  expect(counts).toEqual([3]);
});

test('each message has its own time', async () => {
  const slow: Serve = (connection, query, clock) => {
    const send = (lines: readonly string[]): void => connection.write(frame(message(query, lines)));
    send([SOA]);
    // Less than the time for a message, and more than it in all.
    for (let i = 1; i <= 4; i++) clock.schedule(400 * i, () => send(i === 4 ? [SOA] : [A]));
  };
  const { outcome, tookMs } = await run(slow);
  expect(outcome).toMatchObject({ kind: 'done', size: { messages: 5 } });
  expect(tookMs).toBeGreaterThan(1600);
});

describe('what ends a transfer before its time', () => {
  test('an error of the server, at once or in the middle', async () => {
    const refuse: Serve = (connection, query) =>
      connection.write(frame(message(query, [], { rcode: Rcode.REFUSED })));
    expect((await run(refuse)).outcome).toEqual({ kind: 'refused', rcode: Rcode.REFUSED });
    const fail: Serve = (connection, query, clock) => {
      sends([SOA, A])(connection, query, clock);
      connection.write(frame(message(query, [], { rcode: Rcode.SERVFAIL })));
    };
    const { outcome, counts } = await run(fail);
    expect(outcome).toEqual({ kind: 'refused', rcode: Rcode.SERVFAIL });
    expect(counts).toEqual([2, 0]);
  });

  test('answers that are no transfer', async () => {
    expect((await run(sends([A, SOA]))).outcome).toEqual({ kind: 'no transfer', why: 'no SOA' });
    expect((await run(sends([SOA], []))).outcome).toEqual({ kind: 'no transfer', why: 'empty' });
  });

  test('a message of another id, or to another question', async () => {
    const other: Serve = (connection, query) =>
      connection.write(frame(message(query, [SOA, SOA], { id: idOf(query) ^ 1 })));
    expect((await run(other)).outcome).toMatchObject({ kind: 'other id' });
    const questions = [{ name: nameOf('other.'), type: RRType.AXFR, class: 1 }];
    const wrong: Serve = (connection, query) =>
      connection.write(frame(message(query, [SOA, SOA], { questions })));
    expect((await run(wrong)).outcome).toMatchObject({ kind: 'other question' });
  });

  test('octets that are no message', async () => {
    const garbage: Serve = (connection, query, clock) => {
      sends([SOA])(connection, query, clock);
      connection.write(
        frame(Uint8Array.of(query[0]!, query[1]!, ...new Array<number>(38).fill(255))),
      );
    };
    expect((await run(garbage)).outcome).toMatchObject({ kind: 'malformed' });
    const tiny: Serve = (connection) => connection.write(frame(new Uint8Array(0)));
    expect(['other id', 'malformed']).toContain((await run(tiny)).outcome.kind);
  });

  test('the end of the connection, between messages and within one', async () => {
    const cut: Serve = (connection, query, clock) => {
      sends([SOA])(connection, query, clock);
      connection.write(Uint8Array.of(0, 80, 1, 2));
      connection.end();
    };
    expect((await run(cut)).outcome).toMatchObject({ kind: 'unreachable', error: { code: 'EOF' } });
  });

  test('silence in the middle', async () => {
    const { outcome, tookMs } = await run(sends([SOA, A]));
    expect(outcome.kind).toBe('timeout');
    expect(tookMs).toBeLessThan(600);
  });

  test('whoever sees the messages', async () => {
    const { outcome, counts } = await run(sends([SOA], [A], [SOA]), { stopAt: 2 });
    expect(outcome).toEqual({ kind: 'stopped' });
    expect(counts).toEqual([1, 1]);
  });
});

describe('whoever takes the messages slowly', () => {
  test('holds the transfer up for as long as it needs', async () => {
    const { outcome, counts, tookMs } = await run(sends([SOA], [A], [A], [SOA]), { heldUpMs: 900 });
    expect(outcome).toMatchObject({ kind: 'done', size: { messages: 4 } });
    expect(counts).toEqual([1, 1, 1, 1]);
    expect(tookMs).toBeGreaterThan(3600);
  });

  test('gets all that came before the server left', async () => {
    const leave: Serve = (connection, query, clock) => {
      sends([SOA], [A], [SOA])(connection, query, clock);
      connection.end();
    };
    const whole = await run(leave, { heldUpMs: 900 });
    expect(whole.outcome).toMatchObject({ kind: 'done', size: { messages: 3 } });
    const leaveEarly: Serve = (connection, query, clock) => {
      sends([SOA], [A])(connection, query, clock);
      connection.end();
    };
    const half = await run(leaveEarly, { heldUpMs: 900 });
    expect(half).toMatchObject({ outcome: { kind: 'unreachable' }, counts: [1, 1] });
  });

  test('may stop it', async () => {
    const { outcome, counts } = await run(sends([SOA], [A], [SOA]), { heldUpMs: 9, stopAt: 2 });
    expect(outcome).toEqual({ kind: 'stopped' });
    expect(counts).toEqual([1, 1]);
  });
});

describe('under a key (RFC 8945 §5.3.1)', () => {
  /** Signs the messages of which `isSigned` says so. */
  function signing(isSigned: (at: number) => boolean, count = 6): Serve {
    return (connection, query, clock) => {
      const now = Math.floor(clock.wall() / 1000);
      const verdict = verifyRequest(query, () => key, now);
      if (verdict.kind !== 'valid') throw new Error(verdict.kind);
      const signer = new ReplySigner(key, verdict.mac);
      for (let i = 0; i < count; i++) {
        const plain = message(query, i === 0 || i === count - 1 ? [SOA] : [A]);
        if (!isSigned(i)) signer.passUnsigned(plain);
        connection.write(frame(isSigned(i) ? signer.sign(plain, now) : plain));
      }
    };
  }

  test('every message may be signed, or some of them with the first and the last', async () => {
    const all = await run(
      signing(() => true),
      { signed: true },
    );
    expect(all.outcome).toMatchObject({ kind: 'done', size: { isVerified: true } });
    const some = await run(
      signing((at) => at % 5 === 0),
      { signed: true },
    );
    expect(some.outcome).toMatchObject({ kind: 'done', size: { isVerified: true } });
    expect(some.signatures).toEqual(['valid', ...new Array<string>(4).fill('pending'), 'valid']);
  });

  test('a last message without a signature leaves it unverified', async () => {
    const { outcome } = await run(
      signing((at) => at < 5),
      { signed: true },
    );
    expect(outcome).toMatchObject({ kind: 'done', size: { isVerified: false } });
  });

  test('no signature at all is told with the first message', async () => {
    const { outcome, signatures } = await run(sends([SOA], [SOA]), { signed: true });
    expect(signatures).toEqual(['failed', 'failed']);
    expect(outcome).toMatchObject({ kind: 'done', size: { isVerified: false } });
  });
});
