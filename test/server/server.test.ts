import { beforeEach, describe, expect, it } from 'vitest';
import { FrameDecoder, frame } from '../../src/net/framing.ts';
import { silentLogger } from '../../src/net/logger.ts';
import type { TcpConnection } from '../../src/net/ports.ts';
import { emptyAnswer, type Answer, type Answerer } from '../../src/query/query.ts';
import { createResponder } from '../../src/query/respond.ts';
import { serverLimits, startServer, type Server } from '../../src/server/server.ts';
import { tcpLimits, type TcpLimits } from '../../src/server/tcp-limits.ts';
import { tcpSessionLimits } from '../../src/server/tcp-session.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { World } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { DnsClass, Rcode, RRType } from '../../src/wire/iana.ts';
import { createMessage, type Message } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const SERVER = { address: '192.0.2.1', port: 53 };
const RTT_MS = 20;
const NOTHING_OPEN = { timers: 0, udpSockets: 0, listeners: 0, connections: 0 };

let world: World;
let server: SimHost;
let client: SimHost;

beforeEach(() => {
  world = new World({ seed: 'server', link: { delayMs: RTT_MS / 2 } });
  server = world.host({ name: 'server', addresses: [SERVER.address] });
  client = world.host({ name: 'client', addresses: ['198.51.100.1'] });
});

const nothing = (): Answer => emptyAnswer(Rcode.NOERROR);

/** Answers names below 'slow.' a second late, names below 'large.' with 60,000 octets. */
const answerer: Answerer = (query) => {
  const { name } = query.question;
  if (name.isSubdomainOf(nameOf('never.'))) return new Promise(() => {});
  if (name.isSubdomainOf(nameOf('slow.'))) {
    const { clock } = server.runtime;
    return new Promise((resolve) => clock.schedule(1000, () => resolve(nothing())));
  }
  if (!name.isSubdomainOf(nameOf('large.'))) return nothing();
  const rdatas = Array.from({ length: 230 }, (_, i) =>
    Uint8Array.of(255, ...new Array<number>(255).fill(i)),
  );
  const rrset = { name, type: RRType.TXT, class: DnsClass.IN, ttl: 0, rdatas };
  return { ...nothing(), answers: [rrset] };
};

function start(tcp: Partial<TcpLimits> = {}): Promise<Server> {
  const { runtime } = server;
  const options = { answerer, clock: runtime.clock, logger: silentLogger };
  const responder = createResponder({ ...options, recursionAvailable: false });
  return startServer({ runtime, logger: silentLogger, responder, listen: [SERVER], tcp });
}

function queryFor(id: number, name: string): Uint8Array {
  const question = { name: nameOf(name), type: RRType.TXT, class: DnsClass.IN };
  return encodeMessage(createMessage({ id, questions: [question] }));
}

/** A TCP client that collects what comes. */
interface Talk {
  readonly connection: TcpConnection;
  readonly replies: Message[];
  readonly closed: Promise<number>;
}

async function connect(from: SimHost = client): Promise<Talk> {
  const { network, clock } = from.runtime;
  const connection = await network.connectTcp(SERVER);
  const replies: Message[] = [];
  const decoder = new FrameDecoder();
  const closed = new Promise<number>((resolve) => {
    connection.start({
      onData: (octets) => {
        for (const message of decoder.decode(octets)) {
          const decoded = decodeMessage(message.slice());
          if (decoded.ok) replies.push(decoded.value);
        }
      },
      onEnd: () => connection.end(),
      onDrain: () => {},
      onClose: () => resolve(clock.monotonic()),
    });
  });
  return { connection, replies, closed };
}

it('answers nobody over UDP before it listens on TCP, where a secondary comes next', async () => {
  const { runtime } = server;
  const order: string[] = [];
  const network = {
    ...runtime.network,
    bindUdp: (...args: Parameters<typeof runtime.network.bindUdp>) => {
      order.push('udp');
      return runtime.network.bindUdp(...args);
    },
    listenTcp: async (...args: Parameters<typeof runtime.network.listenTcp>) => {
      const listener = await runtime.network.listenTcp(...args);
      order.push('tcp');
      return listener;
    },
  };
  const options = { answerer, clock: runtime.clock, logger: silentLogger };
  const responder = createResponder({ ...options, recursionAvailable: false });
  const started = { runtime: { ...runtime, network }, logger: silentLogger, responder };
  await startServer({ ...started, listen: [SERVER] });
  expect(order).toEqual(['tcp', 'udp']);
});

describe('UDP', () => {
  it('answers at once and later, each to its own client', async () => {
    await world.run(start());
    const seen: string[] = [];
    for (const [id, name] of [
      [1, 'slow.'],
      [2, 'fast.'],
    ] as const) {
      const options = {
        onDatagram: (octets: Uint8Array) => {
          const reply = decodeMessage(octets.slice());
          seen.push(`${name} ${reply.ok && reply.value.id} ${client.runtime.clock.monotonic()}`);
        },
        onError: (error: Error) => seen.push(error.message),
      };
      const socket = await world.run(client.runtime.network.connectUdp(SERVER, options));
      socket.send(queryFor(id, name));
    }
    await world.advance(2000);
    expect(seen).toEqual([`fast. 2 ${1 + RTT_MS}`, `slow. 1 ${1 + RTT_MS + 1000}`]);
  });
});

describe('TCP', () => {
  it('pipelined queries are answered as their answers come (RFC 7766 §6.2.1.1)', async () => {
    await world.run(start());
    const talk = await world.run(connect());
    talk.connection.write(frame(queryFor(1, 'slow.')));
    talk.connection.write(frame(queryFor(2, 'fast.')));
    await world.advance(1500);
    expect(talk.replies.map(({ id }) => id)).toEqual([2, 1]);
  });

  it('a thousand queries in one chunk are all answered, 32 at a time', async () => {
    await world.run(start());
    const talk = await world.run(connect());
    const names = Array.from({ length: 1000 }, (_, id) => frame(queryFor(id, 'slow.')));
    talk.connection.write(Uint8Array.from(names.flatMap((octets) => [...octets])));
    await world.advance(900 + RTT_MS);
    expect(talk.replies).toHaveLength(0);
    await world.advance(200);
    expect(talk.replies).toHaveLength(tcpLimits.inFlight);
    await world.advance(40_000);
    expect(talk.replies).toHaveLength(1000);
  });

  it('queries sent before the client closes its side are still answered', async () => {
    await world.run(start());
    const talk = await world.run(connect());
    talk.connection.write(frame(queryFor(1, 'slow.')));
    talk.connection.end();
    await world.run(talk.closed);
    expect(talk.replies.map(({ id }) => id)).toEqual([1]);
  });

  it.each([
    ['says nothing', [], tcpSessionLimits.firstOctetMs],
    ['sends half a length', [0], tcpSessionLimits.messageMs],
    ['sends half a message', [0, 40, 1, 2], tcpSessionLimits.messageMs],
  ])('a client that %s is put off in bounded time', async (_what, octets, limitMs) => {
    await world.run(start());
    const talk = await world.run(connect());
    const startedAt = client.runtime.clock.monotonic();
    if (octets.length > 0) talk.connection.write(Uint8Array.from(octets));
    const closedAt = await world.run(talk.closed);
    expect(closedAt - startedAt).toBeLessThanOrEqual(limitMs + RTT_MS);
    expect(closedAt - startedAt).toBeGreaterThanOrEqual(limitMs - RTT_MS);
  });

  it('an octet now and then does not move the deadline of a message', async () => {
    await world.run(start());
    const talk = await world.run(connect());
    const startedAt = client.runtime.clock.monotonic();
    const drip = (): void => {
      talk.connection.write(Uint8Array.of(0));
      client.runtime.clock.schedule(500, drip);
    };
    talk.connection.write(Uint8Array.of(1));
    drip();
    const closedAt = await world.run(talk.closed);
    expect(closedAt - startedAt).toBeLessThanOrEqual(tcpSessionLimits.messageMs + RTT_MS);
  });

  it('an idle connection is closed after its time', async () => {
    await world.run(start());
    const talk = await world.run(connect());
    talk.connection.write(frame(queryFor(1, 'fast.')));
    const closedAt = await world.run(talk.closed);
    expect(talk.replies).toHaveLength(1);
    expect(closedAt).toBeGreaterThanOrEqual(tcpLimits.idleMs);
    expect(closedAt).toBeLessThanOrEqual(tcpLimits.idleMs + 10 * RTT_MS);
  });

  it('a client that does not take its answers stops being read, and is put off', async () => {
    await world.run(start());
    const talk = await world.run(connect());
    talk.connection.pause();
    for (let id = 0; id < 200; id++) talk.connection.write(frame(queryFor(id, 'large.')));
    const closedAt = await world.run(talk.closed);
    expect(closedAt).toBeLessThanOrEqual(tcpSessionLimits.stalledMs + 1000);
  });

  it('one address cannot take all connections', async () => {
    await world.run(start());
    const other = world.host({ name: 'other', addresses: ['198.51.100.2'] });
    const talks: Talk[] = [];
    for (let i = 0; i <= tcpLimits.connectionsPerAddress; i++) {
      talks.push(await world.run(connect()));
    }
    await world.advance(RTT_MS);
    const late = await world.run(connect(other));
    for (const talk of [...talks, late]) talk.connection.write(frame(queryFor(1, 'fast.')));
    await world.advance(100);
    const answered = talks.filter(({ replies }) => replies.length === 1);
    expect(answered).toHaveLength(tcpLimits.connectionsPerAddress);
    expect(late.replies).toHaveLength(1);
  });

  it('the limits are those that the operator wants', async () => {
    await world.run(start({ connections: 2, connectionsPerAddress: 1, inFlight: 3, idleMs: 400 }));
    const first = await world.run(connect());
    const second = await world.run(connect());
    const other = await world.run(connect(world.host({ addresses: ['198.51.100.2'] })));
    const third = await world.run(connect(world.host({ addresses: ['198.51.100.3'] })));
    for (let id = 1; id <= 5; id++) first.connection.write(frame(queryFor(id, 'never.')));
    for (let id = 6; id <= 9; id++) first.connection.write(frame(queryFor(id, 'fast.')));
    for (const talk of [second, other, third]) talk.connection.write(frame(queryFor(1, 'fast.')));
    await world.advance(100);
    const heard = [first, second, other, third].map(({ replies }) => replies.length);
    expect(heard).toEqual([0, 0, 1, 0]);
    expect(await world.run(other.closed)).toBeLessThan(1000);
  });

  it('the fuller the server, the sooner an idle connection makes room (RFC 7766 §6.2.3)', async () => {
    await world.run(start());
    const first = await world.run(connect());
    first.connection.write(frame(queryFor(1, 'fast.')));
    await world.advance(100);
    // Three quarters of all places: idle time is half of what it was.
    const others = (tcpLimits.connections * 3) / 4;
    for (let i = 1; i < others; i++) {
      const from = world.host({ addresses: [`203.0.113.${i}`] });
      const talk = await world.run(connect(from));
      talk.connection.write(frame(queryFor(1, 'never.')));
    }
    const startedAt = server.runtime.clock.monotonic();
    const late = await world.run(connect(world.host({ addresses: ['198.51.100.9'] })));
    late.connection.write(frame(queryFor(1, 'fast.')));
    const closedAt = await world.run(late.closed);
    expect(closedAt - startedAt).toBeLessThanOrEqual(tcpLimits.idleMs / 2 + 5 * RTT_MS);
    expect(closedAt - startedAt).toBeGreaterThan(tcpLimits.idleMs / 4);
  });

  it('octets that are no message end the connection, not the server', async () => {
    await world.run(start());
    const bad = await world.run(connect());
    bad.connection.write(Uint8Array.of(0, 3, 1, 2, 3));
    await world.run(bad.closed);
    const good = await world.run(connect());
    good.connection.write(frame(queryFor(1, 'fast.')));
    await world.advance(100);
    expect(good.replies).toHaveLength(1);
  });
});

describe('closing', () => {
  it('answers what is in flight, takes nothing new, and leaves nothing open', async () => {
    const running = await world.run(start());
    const talk = await world.run(connect());
    talk.connection.write(frame(queryFor(1, 'slow.')));
    await world.advance(100);
    const closing = running.close();
    talk.connection.write(frame(queryFor(2, 'fast.')));
    await world.run(closing);
    await world.advance(1000);
    expect(talk.replies.map(({ id }) => id)).toEqual([1]);
    expect(server.pending).toEqual(NOTHING_OPEN);
  });

  it('gives up after five seconds on answers that never come', async () => {
    const running = await world.run(start());
    const talk = await world.run(connect());
    talk.connection.write(frame(queryFor(1, 'never.')));
    await world.advance(100);
    const before = server.runtime.clock.monotonic();
    await world.run(running.close());
    expect(server.runtime.clock.monotonic() - before).toBeCloseTo(serverLimits.drainMs, -2);
  });
});

it('all endpoints are opened or none', async () => {
  const { runtime } = server;
  const responder = createResponder({
    answerer,
    clock: runtime.clock,
    logger: silentLogger,
    recursionAvailable: false,
  });
  const listen = [SERVER, { address: '203.0.113.99', port: 53 }];
  const starting = startServer({ runtime, logger: silentLogger, responder, listen });
  await expect(world.run(starting)).rejects.toMatchObject({ code: 'TSDNS_BIND' });
  expect(server.pending).toEqual(NOTHING_OPEN);
});
