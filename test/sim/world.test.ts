import { describe, expect, test } from 'vitest';

import type { Endpoint, Runtime } from '../../src/net/ports.ts';
import { deliver, drop, dropFirst, partition, pass } from '../../src/sim/packet.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { SimulationError, World, type WorldOptions } from '../../src/sim/world.ts';

const SERVER: Endpoint = { address: '192.0.2.2', port: 53 };
const ignore = { onDatagram: (): void => {}, onError: (): void => {} };

interface Scene {
  readonly world: World;
  readonly client: SimHost;
  readonly server: SimHost;
}

/** A client and a server that echoes every datagram. */
async function scene(options: Partial<WorldOptions> = {}): Promise<Scene> {
  const world = new World({ seed: 1, ...options });
  const client = world.host({ name: 'client', addresses: ['192.0.2.1', '2001:db8::1'] });
  const server = world.host({ name: 'server', addresses: [SERVER.address] });
  await server.runtime.network.bindUdp(SERVER, (datagram, _peer, reply) => {
    reply.set(datagram);
    return datagram.length;
  });
  return { world, client, server };
}

/** Sends `count` datagrams, one every millisecond, and returns which came back and when. */
async function echoes({ world, client }: Scene, count: number): Promise<Map<number, number>> {
  const { network, clock } = client.runtime;
  const returned = new Map<number, number>();
  const socket = await network.connectUdp(SERVER, {
    ...ignore,
    onDatagram: (bytes) => returned.set(Buffer.from(bytes).readUInt32BE(), clock.monotonic()),
  });
  for (let index = 0; index < count; index += 1) {
    const bytes = Buffer.alloc(4);
    bytes.writeUInt32BE(index);
    socket.send(bytes);
    await world.advance(1);
  }
  await world.settle();
  socket.close();
  return returned;
}

function connectAndEcho(runtime: Runtime, to: Endpoint): Promise<number> {
  const { network, clock } = runtime;
  const startMs = clock.monotonic();
  return network.connectTcp(to).then((connection) => {
    connection.destroy();
    return clock.monotonic() - startMs;
  });
}

describe('determinism', () => {
  const lossy = { link: { delayMs: 5, jitterMs: 20, loss: 0.2 } };
  const hashOf = async (seed: number): Promise<string> => {
    const parts = await scene({ seed, ...lossy });
    await echoes(parts, 100);
    return parts.world.traceHash;
  };

  test('one seed gives one trace, another seed another', async () => {
    const [first, again, other] = [await hashOf(7), await hashOf(7), await hashOf(8)];
    expect(first).toMatch(/^[0-9a-f]{16}$/);
    expect(again).toBe(first);
    expect(other).not.toBe(first);
  });

  test('every byte and every instant is in the trace', async () => {
    const run = async (byte: number, delayMs: number): Promise<string> => {
      const { world, client } = await scene();
      const socket = await client.runtime.network.connectUdp(SERVER, ignore);
      client.runtime.clock.schedule(delayMs, () => socket.send(Uint8Array.of(byte)));
      await world.settle();
      return world.traceHash;
    };
    const base = await run(1, 1);
    expect(await run(1, 1)).toBe(base);
    expect(await run(2, 1)).not.toBe(base);
    expect(await run(1, 1.000001)).not.toBe(base);
  });

  test('a host draws the same whatever other hosts there are', () => {
    const drawAfter = (others: number): number[] => {
      const world = new World({ seed: 3 });
      for (let index = 0; index < others; index += 1) {
        world.host({ addresses: [`198.51.100.${index}`] }).runtime.random.uint16();
      }
      const { random } = world.host({ name: 'me', addresses: ['192.0.2.1'] }).runtime;
      return [random.uint16(), random.below(1000), random.below(2 ** 32)];
    };
    expect(drawAfter(0)).toEqual(drawAfter(5));
  });
});

describe('links', () => {
  test('a round trip takes the delay of both directions', async () => {
    const parts = await scene();
    parts.world.link('client', 'server', { delayMs: 3 });
    parts.world.link(parts.server, parts.client, { delayMs: 4 });
    expect([...(await echoes(parts, 1)).values()]).toEqual([1 + 7]);
  });

  test('a link between addresses wins over one between hosts', async () => {
    const parts = await scene();
    parts.world.linkBoth('client', 'server', { delayMs: 100 });
    parts.world.linkBoth('192.0.2.1', SERVER.address, { delayMs: 1 });
    expect([...(await echoes(parts, 1)).values()]).toEqual([1 + 2]);
  });

  test('the share of lost packets is what was asked for', async () => {
    const parts = await scene({ link: { delayMs: 1, loss: 0.1 } });
    const count = 5000;
    const returned = await echoes(parts, count);
    // Both directions lose: 0.81 come back; 4 standard deviations are 0.022.
    expect(returned.size / count).toBeGreaterThan(0.788);
    expect(returned.size / count).toBeLessThan(0.832);
  });

  test('jitter stays in its range and lets packets overtake each other', async () => {
    const parts = await scene({ link: { delayMs: 10, jitterMs: 30 } });
    const returned = await echoes(parts, 200);
    const order = [...returned.keys()];
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    for (const [index, atMs] of returned) {
      const roundTripMs = atMs - (1 + index);
      expect(roundTripMs).toBeGreaterThanOrEqual(20);
      expect(roundTripMs).toBeLessThan(80);
    }
  });

  test('a fault does not change the fate of the packets after it', async () => {
    const options = { link: { delayMs: 1, loss: 0.3 } };
    const plain = await scene(options);
    const faulty = await scene(options);
    faulty.world.install(dropFirst(10, ({ toHost }) => toHost === 'server'));
    const expected = [...(await echoes(plain, 300)).keys()].filter((index) => index >= 10);
    const forth = (parts: Scene): string[] =>
      parts.world.packets
        .filter(({ toHost }) => toHost === 'server')
        .slice(10)
        .map(({ fate }) => fate.kind);
    await echoes(faulty, 300);
    expect(expected.length).toBeGreaterThan(0);
    expect(forth(faulty)).toEqual(forth(plain));
  });
});

describe('faults', () => {
  test('the first rule that does not pass decides, until it is uninstalled', async () => {
    const parts = await scene();
    parts.world.install(() => pass);
    const first = parts.world.install(({ toHost }) => (toHost === 'server' ? deliver(50) : pass));
    parts.world.install(({ toHost }) => (toHost === 'server' ? drop : pass));
    expect([...(await echoes(parts, 1)).values()]).toEqual([1 + 60]);
    first.uninstall();
    first.uninstall();
    expect((await echoes(parts, 1)).size).toBe(0);
  });

  test('a partition cuts both ways and heals', async () => {
    const parts = await scene();
    const cut = parts.world.install(partition(['client'], ['server']));
    expect((await echoes(parts, 1)).size).toBe(0);
    cut.uninstall();
    expect((await echoes(parts, 1)).size).toBe(1);
  });

  test('a host that is down is silent, and packets on the way to it are lost', async () => {
    const parts = await scene();
    parts.world.at(6, () => parts.server.down());
    parts.world.at(1006, () => parts.server.up());
    expect((await echoes(parts, 1)).size).toBe(0);
    expect(parts.world.packets.map(({ fromHost }) => fromHost)).toEqual(['client']);
    await parts.world.advance(1006);
    expect((await echoes(parts, 1)).size).toBe(1);
  });

  test('a forged datagram arrives from whoever it says, but never from port 0', async () => {
    const { world, client } = await scene();
    const mallory = world.host({ name: 'mallory', addresses: ['203.0.113.66'] });
    const heard: string[] = [];
    const local = { address: '192.0.2.1', port: 0 };
    const socket = await client.runtime.network.bindUdp(local, (bytes, peer) => {
      heard.push(`${peer.endpoint.address}:${peer.endpoint.port} ${Buffer.from(bytes).toString()}`);
      return 0;
    });
    const bytes = Buffer.from('x');
    world.inject(mallory, { from: SERVER, to: socket.local, bytes });
    world.inject(mallory, { from: { ...SERVER, port: 0 }, to: socket.local, bytes });
    await world.settle();
    expect(heard).toEqual(['192.0.2.2:53 x']);
  });
});

describe('time', () => {
  test('at one instant faults come before arrivals, and arrivals before timers', async () => {
    const { world, client, server } = await scene({ link: { delayMs: 5 } });
    const order: string[] = [];
    await server.runtime.network.bindUdp({ ...SERVER, port: 54 }, () => {
      order.push('arrival');
      return 0;
    });
    const socket = await client.runtime.network.connectUdp({ ...SERVER, port: 54 }, ignore);
    client.runtime.clock.schedule(5, () => order.push('timer 1'));
    client.runtime.clock.schedule(5, () => order.push('timer 2'));
    socket.send(Uint8Array.of(1));
    world.at(6, () => order.push('fault'));
    await world.settle();
    expect(order).toEqual(['fault', 'arrival', 'timer 1', 'timer 2']);
  });

  test('promise chains settle before virtual time goes on', async () => {
    const { world, client } = await scene();
    const { clock } = client.runtime;
    const sleep = (ms: number): Promise<void> =>
      new Promise((resolve) => {
        clock.schedule(ms, resolve);
      });
    const times: number[] = [];
    clock.schedule(1, () => times.push(-1));
    const chain = async (): Promise<void> => {
      await sleep(0);
      for (let depth = 0; depth < 100; depth += 1) await Promise.resolve();
      times.push(clock.monotonic());
      await sleep(10);
      times.push(clock.monotonic());
    };
    await world.run(chain());
    expect(times).toEqual([1, -1, 11]);
  });

  test('the wall clock starts in 2000 and jumps without touching monotonic time', async () => {
    const { world, client, server } = await scene();
    const late = world.host({ addresses: ['192.0.2.3'], wallMs: 5000 });
    expect(client.runtime.clock.wall()).toBe(Date.UTC(2000, 0, 1));
    expect(client.runtime.clock.monotonic()).toBe(1);
    let firedAtMs = 0;
    client.runtime.clock.schedule(1000, () => {
      firedAtMs = client.runtime.clock.monotonic();
    });
    client.setWall(Date.UTC(1999, 0, 1));
    await world.advance(2500);
    expect(firedAtMs).toBe(1001);
    expect(client.runtime.clock.wall()).toBe(Date.UTC(1999, 0, 1) + 2500);
    expect(server.runtime.clock.wall()).toBe(Date.UTC(2000, 0, 1) + 2500);
    expect(late.runtime.clock.wall()).toBe(7500);
  });

  test('advancing lets exactly that time pass, with nothing to do as well', async () => {
    const world = new World({ seed: 1 });
    await world.advance(86_400_000);
    expect(world.nowMs).toBe(86_400_001);
  });

  test('a world with a periodic timer never settles, and says so at its limit', async () => {
    const { world, client } = await scene();
    const { clock } = client.runtime;
    const again = (): void => void clock.schedule(1000, again);
    again();
    expect(await world.settle(10_000)).toBe(false);
    expect(world.pending.timers).toBe(1);
  });
});

describe('a run that cannot go on', () => {
  test('names the seed, the time and what is open when no event is left', async () => {
    const { world, client } = await scene({ seed: 'abc' });
    await client.runtime.network.connectUdp(SERVER, ignore);
    client.runtime.clock.schedule(41, () => {});
    const stuck = world.run(new Promise(() => {}));
    await expect(stuck).rejects.toThrow(SimulationError);
    await expect(stuck).rejects.toThrow(
      'the promise pends and no event is left; open: 0 timers, 2 UDP sockets, 0 listeners, ' +
        '0 connection ends (seed abc, virtual time 42 ms)',
    );
  });

  test('ends at the limit of virtual time or of events', async () => {
    const endless = async (options: Partial<WorldOptions>): Promise<unknown> => {
      const { world, client } = await scene(options);
      const again = (): void => void client.runtime.clock.schedule(1, again);
      again();
      return world.run(new Promise(() => {}));
    };
    await expect(endless({ timeLimitMs: 100 })).rejects.toThrow(/pends after 100 ms/);
    await expect(endless({ eventLimit: 100 })).rejects.toThrow(/more than 100 events/);
  });

  test('ends with the bug when a callback throws', async () => {
    const { world, client } = await scene();
    const bug = new TypeError('a bug');
    client.runtime.clock.schedule(5, () => {
      throw bug;
    });
    const run = world.run(new Promise(() => {}));
    await expect(run).rejects.toMatchObject({ cause: bug, timeMs: 6, seed: '1' });
  });

  test('returns and throws what the promise does', async () => {
    const { world } = await scene();
    await expect(world.run(Promise.resolve(42))).resolves.toBe(42);
    await expect(world.run(Promise.reject(new RangeError('mine')))).rejects.toThrow(RangeError);
  });
});

describe('what the ports lend is taken back', () => {
  test('a datagram that is kept without a copy turns into rubbish', async () => {
    const { world, client, server } = await scene();
    let kept: Uint8Array = new Uint8Array(0);
    await server.runtime.network.bindUdp({ ...SERVER, port: 54 }, (datagram) => {
      kept = datagram;
      return 0;
    });
    const socket = await client.runtime.network.connectUdp({ ...SERVER, port: 54 }, ignore);
    socket.send(Uint8Array.of(1, 2, 3));
    await world.settle();
    expect([...kept]).toEqual([0xdb, 0xdb, 0xdb]);
  });

  test('a peer that is kept without being retained is a bug', async () => {
    const { world, client, server } = await scene();
    const socket = await server.runtime.network.bindUdp({ ...SERVER, port: 54 }, (_, peer) => {
      server.runtime.clock.schedule(1, () => socket.send(Uint8Array.of(1), peer));
      return 0;
    });
    const asking = await client.runtime.network.connectUdp({ ...SERVER, port: 54 }, ignore);
    asking.send(Uint8Array.of(1));
    await expect(world.settle()).rejects.toThrow(/retain it/);
  });
});

describe('reachability', () => {
  test('an address that nobody has is silent, and a connection to it times out', async () => {
    const { world, client } = await scene();
    const errors: Error[] = [];
    const nowhere = { address: '203.0.113.1', port: 53 };
    const options = { ...ignore, onError: (error: Error) => void errors.push(error) };
    const socket = await client.runtime.network.connectUdp(nowhere, options);
    socket.send(Uint8Array.of(1));
    const attempt = client.runtime.network.connectTcp(nowhere);
    await expect(world.run(attempt)).rejects.toThrow(
      'cannot connect to 203.0.113.1:53 (tcp): timed out',
    );
    expect(world.nowMs).toBe(127_001);
    expect(errors).toEqual([]);
    expect(client.pending.connections).toBe(0);
  });

  test('a family that the host lacks is unreachable', async () => {
    const { world, server } = await scene();
    const remote = { address: '2001:db8::1', port: 53 };
    const failed = new Promise<Error>((resolve) => {
      void server.runtime.network.connectUdp(remote, { ...ignore, onError: resolve });
    });
    await expect(world.run(failed)).resolves.toMatchObject({ code: 'ENETUNREACH' });
    await expect(server.runtime.network.connectTcp(remote)).rejects.toThrow(/network unreachable/);
  });

  test('a socket on the wildcard answers from the address that was asked', async () => {
    const { world, client } = await scene();
    const many = world.host({ name: 'many', addresses: ['198.51.100.1', '198.51.100.2'] });
    const any = { address: '0.0.0.0', port: 53 };
    await many.runtime.network.bindUdp(any, (_datagram, _peer, reply) => {
      reply[0] = 9;
      return 1;
    });
    const to = { address: '198.51.100.2', port: 53 };
    const answer = new Promise<number[]>((resolve) => {
      void client.runtime.network
        .connectUdp(to, { ...ignore, onDatagram: (bytes) => resolve([...bytes]) })
        .then((socket) => socket.send(Uint8Array.of(1)));
    });
    await expect(world.run(answer)).resolves.toEqual([9]);
  });
});

describe('streams', () => {
  test('connecting takes one round trip, and a second more when its first packet is lost', async () => {
    const { world, client, server } = await scene({ link: { delayMs: 15 } });
    await server.runtime.network.listenTcp(SERVER, (connection) => connection.destroy());
    expect(await world.run(connectAndEcho(client.runtime, SERVER))).toBe(30);
    world.install(dropFirst(1, ({ kind }) => kind === 'syn'));
    expect(await world.run(connectAndEcho(client.runtime, SERVER))).toBe(1030);
    await world.settle();
    expect(world.pending.connections).toBe(0);
  });

  test('a partition delays a stream and loses nothing of it', async () => {
    const { world, client, server } = await scene();
    const received: number[] = [];
    await server.runtime.network.listenTcp(SERVER, (connection) => {
      connection.start({
        onData: (bytes) => received.push(...bytes),
        onEnd: () => connection.end(),
        onDrain: () => {},
        onClose: () => {},
      });
    });
    const connection = await world.run(client.runtime.network.connectTcp(SERVER));
    const closed = new Promise<Error | undefined>((resolve) => {
      connection.start({ onData: () => {}, onEnd: () => {}, onDrain: () => {}, onClose: resolve });
    });
    const cut = world.install(partition(['client'], ['server']));
    connection.write(Uint8Array.of(1, 2));
    await world.advance(5000);
    expect(received).toEqual([]);
    cut.uninstall();
    connection.write(Uint8Array.of(3));
    connection.end();
    expect(await world.run(closed)).toBeUndefined();
    expect(received).toEqual([1, 2, 3]);
  });

  test('resetting the connections of a host closes both ends with an error', async () => {
    const { world, client, server } = await scene();
    const errors: unknown[] = [];
    const handlers = {
      onData: (): void => {},
      onEnd: (): void => {},
      onDrain: (): void => {},
      onClose: (error?: Error): void => void errors.push(error),
    };
    await server.runtime.network.listenTcp(SERVER, (connection) => connection.start(handlers));
    const connection = await world.run(client.runtime.network.connectTcp(SERVER));
    connection.start(handlers);
    await world.settle();
    expect(world.pending.connections).toBe(2);
    server.resetConnections();
    await world.settle();
    expect(errors).toMatchObject([{ code: 'ECONNRESET' }, { code: 'ECONNRESET' }]);
    expect(world.pending.connections).toBe(0);
  });
});

test('packets are recorded up to the limit, and every listener hears of all', async () => {
  const parts = await scene({ recordLimit: 3 });
  let heard = 0;
  const stop = parts.world.onPacket(() => {
    heard += 1;
  });
  await echoes(parts, 2);
  stop();
  await echoes(parts, 1);
  expect(heard).toBe(4);
  expect(parts.world.packets).toHaveLength(3);
  expect(parts.world.unrecordedPackets).toBe(3);
  expect(parts.world.packets[0]).toMatchObject({
    transport: 'udp',
    kind: 'datagram',
    fromHost: 'client',
    toHost: 'server',
    to: SERVER,
    sentAtMs: 1,
    fate: { kind: 'delivered', atMs: 11 },
  });
});
