import { expect, test } from 'vitest';
import { LineDecoder } from '../../../src/app/control/line-decoder.ts';
import { acceptControl } from '../../../src/app/control/server.ts';
import { controlLimits, type ControlHandler } from '../../../src/app/control/session.ts';
import type { TcpConnection } from '../../../src/net/ports.ts';
import { World } from '../../../src/sim/world.ts';

const PLACE = { address: '192.0.2.1', port: 9 };
const encoder = new TextEncoder();

class Peer {
  readonly connection: TcpConnection;
  readonly lines: string[] = [];
  isOver = false;
  readonly #decoder = new LineDecoder(1e6);

  constructor(connection: TcpConnection) {
    this.connection = connection;
    connection.start({
      onData: (bytes) => {
        for (const line of this.#decoder.decode(bytes)) {
          this.lines.push(line.kind === 'line' ? line.text : 'too long');
        }
      },
      onEnd: () => {
        this.isOver = true;
        connection.end();
      },
      onDrain: () => {},
      onClose: () => {},
    });
  }

  send(text: string): void {
    this.connection.write(encoder.encode(text));
  }

  take(): unknown[] {
    return this.lines.splice(0).map((line) => JSON.parse(line) as unknown);
  }
}

const echo: ControlHandler = (request) => ({ ok: true, result: { echo: request['word'] } });

async function serving(handle: ControlHandler): Promise<{
  readonly world: World;
  connect(): Promise<Peer>;
  close(): void;
}> {
  const world = new World({ seed: 1 });
  const server = world.host({ addresses: [PLACE.address] }).runtime;
  const client = world.host({ addresses: ['192.0.2.2'] }).runtime;
  const control = acceptControl(handle);
  await world.run(server.network.listenTcp(PLACE, (peer) => control.onConnection(peer)));
  return {
    world,
    connect: async () => new Peer(await world.run(client.network.connectTcp(PLACE))),
    close: () => control.close(),
  };
}

test('requests on one connection are answered in their order, each under its id', async () => {
  const { world, connect } = await serving(echo);
  const peer = await connect();
  peer.send('{"id":7,"word":"a"}\n{"word":"b"}\n{"id":["x"],"wo');
  await world.advance(100);
  expect(peer.take()).toEqual([
    { id: 7, ok: true, result: { echo: 'a' } },
    { ok: true, result: { echo: 'b' } },
  ]);
  peer.send('rd":"c"}\n\n  \n');
  await world.advance(100);
  expect(peer.take()).toEqual([{ id: ['x'], ok: true, result: { echo: 'c' } }]);
});

test.each(['nonsense', '[]', '7', 'null', '{"a":', '"x"', '\u0000', 'é'])(
  'a line %j that is no request gets an error, and the connection goes on',
  async (line) => {
    const { world, connect } = await serving(echo);
    const peer = await connect();
    peer.send(`${line}\n{"word":"still here"}\n`);
    await world.advance(100);
    expect(peer.take()).toEqual([
      { ok: false, error: 'expected an object in JSON' },
      { ok: true, result: { echo: 'still here' } },
    ]);
  },
);

test('a line without end is not kept: it gets an error when it ends', async () => {
  const { world, connect } = await serving(echo);
  const peer = await connect();
  for (let i = 0; i < 20; i++) {
    peer.send('x'.repeat(10_000));
    await world.advance(10);
  }
  peer.send('\n{"word":"next"}\n');
  await world.advance(100);
  expect(peer.take()).toEqual([
    { ok: false, error: 'the line is too long' },
    { ok: true, result: { echo: 'next' } },
  ]);
});

test('a request that fails gets what went wrong', async () => {
  const { world, connect } = await serving(() => Promise.reject(new Error('cannot do it')));
  const peer = await connect();
  peer.send('{}\n');
  await world.advance(100);
  expect(peer.take()).toEqual([{ ok: false, error: 'cannot do it' }]);
});

test('a long reply comes line by line, and is made no faster than it is read', async () => {
  let made = 0;
  const lines = function* (): Generator<string> {
    for (; made < 100_000; made++) yield 'x'.repeat(1000);
  };
  const { world, connect } = await serving(() => ({ ok: true, result: {}, lines: lines() }));
  const peer = await connect();
  peer.connection.pause();
  peer.send('{}\n');
  await world.advance(1000);
  expect(made).toBeGreaterThan(10);
  expect(made).toBeLessThan(5000);
});

test('who stops sending still gets the replies to what was asked', async () => {
  const { world, connect } = await serving(echo);
  const peer = await connect();
  peer.send('{"word":"a"}\n{"word":"b"}\n');
  peer.connection.end();
  await world.advance(100);
  expect(peer.take()).toHaveLength(2);
});

test('several peers are served at once, and one too many is told so', async () => {
  const { world, connect, close } = await serving(echo);
  const peers: Peer[] = [];
  for (let i = 0; i < controlLimits.connections; i++) peers.push(await connect());
  const late = await connect();
  for (const peer of peers) peer.send('{"word":"hello"}\n');
  await world.advance(100);
  expect(late.take()).toEqual([{ ok: false, error: 'no more than 16 connections at once' }]);
  expect(late.isOver).toBe(true);
  for (const peer of peers) expect(peer.take()).toEqual([{ ok: true, result: { echo: 'hello' } }]);
  peers[0]!.connection.end();
  await world.advance(100);
  const next = await connect();
  next.send('{"word":"in"}\n');
  await world.advance(100);
  expect(next.take()).toEqual([{ ok: true, result: { echo: 'in' } }]);
  close();
  await world.advance(100);
  expect(next.isOver).toBe(true);
});
