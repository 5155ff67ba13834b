/** What only real sockets can show: ports, families, bugs in handlers. */

import { createSocket } from 'node:dgram';
import { expect, test } from 'vitest';

import { silentLogger } from '../../../src/net/logger.ts';
import type { ConnectedUdpSocket, Endpoint, Network, Runtime } from '../../../src/net/ports.ts';
import { createRealRuntime, type UdpIo } from '../../../src/net/real/runtime.ts';
import { loadLibc } from '../../../src/net/real/batch/libc.ts';
import { PeerSockets } from '../../../src/net/real/batch/peer-sockets.ts';
import { openPeerSocket } from '../../../src/net/real/udp.ts';
import { reasonAgainstBatches } from './batch-support.ts';
import { chiSquare } from '../../sim/chi-square.ts';

const ADAPTERS: readonly UdpIo[] =
  (await reasonAgainstBatches()) === undefined ? ['dgram', 'batch'] : ['dgram'];
const ignore = { onDatagram: (): void => {}, onError: (): void => {} };

test.each(ADAPTERS)(
  '%s: connected sockets come from ports spread over 1024 to 65535',
  async (io) => {
    const { network } = createRealRuntime({ udp: { io } });
    const server = await network.bindUdp({ address: '127.0.0.1', port: 0 }, () => 0);
    const ports: number[] = [];
    for (let count = 0; count < 2000; count += 1) {
      const socket = await network.connectUdp(server.local, ignore);
      ports.push(socket.local.port);
      socket.close();
    }
    await server.close();
    expect(Math.min(...ports)).toBeGreaterThanOrEqual(1024);
    // 16 cells, 15 degrees of freedom: above 50 once in 10^5 runs; the kernel's own range gives 2000.
    const cells = ports.map((port) => Math.floor(((port - 1024) * 16) / 64512));
    expect(chiSquare(cells, 16)).toBeLessThan(50);
  },
);

test('a handler that throws loses its datagram, is reported, and the socket lives', async () => {
  const bugs: unknown[] = [];
  const logger = { ...silentLogger, error: (fields: object) => void bugs.push(fields) };
  const { network, clock } = createRealRuntime({ logger });
  const server = await network.bindUdp({ address: '127.0.0.1', port: 0 }, (datagram, _, reply) => {
    if (datagram[0] === 1) throw new Error('a bug');
    reply[0] = 42;
    return 1;
  });
  const answer = await ask({ network }, server.local, [Uint8Array.of(1), Uint8Array.of(2)]);
  expect(answer).toEqual([42]);
  await new Promise<void>((resolve) => {
    clock.schedule(0, () => {
      clock.schedule(0, resolve);
      throw new Error('another bug');
    });
  });
  expect(bugs).toMatchObject([
    { where: 'datagram handler', err: { message: 'a bug' } },
    { where: 'timer', err: { message: 'another bug' } },
  ]);
  await server.close();
});

test('IPv4 and IPv6 share a port, wildcard or not', async (context) => {
  const { network } = createRealRuntime();
  const six = await network
    .bindUdp({ address: '::', port: 0 }, () => 0)
    .catch(() => context.skip('this machine has no IPv6'));
  const four = await network.bindUdp({ address: '0.0.0.0', port: six.local.port }, () => 0);
  const tcpSix = await network.listenTcp({ address: '::', port: 0 }, () => {});
  const tcpFour = await network.listenTcp(
    { address: '0.0.0.0', port: tcpSix.local.port },
    () => {},
  );
  await Promise.all([six.close(), four.close(), tcpSix.close(), tcpFour.close()]);
});

test('a privileged port says permission denied', async (context) => {
  const { network } = createRealRuntime();
  const local = { address: '127.0.0.1', port: 1 };
  const attempt = network.bindUdp(local, () => 0);
  const outcome = await attempt.catch((error: unknown) => error);
  if (!(outcome instanceof Error)) {
    await (await attempt).close();
    context.skip('this user may bind every port');
  }
  expect(outcome).toMatchObject({
    code: 'TSDNS_BIND',
    message: 'cannot listen on 127.0.0.1:1 (udp): permission denied',
    cause: { code: 'EACCES' },
  });
});

test.each(ADAPTERS)('%s: what was queued before connect is not taken for an answer', async (io) => {
  const { network, random } = createRealRuntime();
  const probe = await network.bindUdp({ address: '127.0.0.1', port: 0 }, () => 0);
  const { port } = probe.local;
  await probe.close();
  const server = await network.bindUdp({ address: '127.0.0.1', port: 0 }, (_, __, reply) => {
    reply[0] = 42;
    return 1;
  });
  // Without a tick for the look-up, `bind` and `send` have done their work when they return.
  const forger = createSocket({ type: 'udp4', lookup: (name, _, done) => done(null, name, 4) });
  forger.bind(0, '127.0.0.1');
  let forged = 0;
  const remote = {
    address: server.local.address,
    // Read when the socket is bound and about to be connected.
    get port() {
      if (forged === 0) forger.send(Uint8Array.of(13), port, '127.0.0.1');
      forged += 1;
      return server.local.port;
    },
  };
  const heard: number[] = [];
  const predictable = { ...random, below: () => port - 1024 };
  let hear = (): void => {};
  const answered = new Promise<void>((resolve) => {
    hear = resolve;
  });
  const events = {
    onDatagram: (datagram: Uint8Array): void => {
      heard.push(...datagram);
      hear();
    },
    onError: (): void => {},
  };
  const request = { remote, localAddress: undefined, events };
  const context = { random: predictable, onBug: () => {} };
  const socket =
    io === 'dgram'
      ? await openPeerSocket(request, context)
      : await new PeerSockets({ ...context, libc: await loadLibc() }).open(request);
  expect(socket.local.port).toBe(port);
  expect(forged).toBeGreaterThan(0);
  socket.send(Uint8Array.of(1));
  await answered;
  expect(heard).toEqual([42]);
  socket.close();
  forger.close();
  await server.close();
});

async function ask(
  { network }: Pick<Runtime, 'network'>,
  to: { readonly address: string; readonly port: number },
  questions: readonly Uint8Array[],
): Promise<number[]> {
  let socket: ConnectedUdpSocket | undefined;
  const answer = await new Promise<number[]>((resolve, reject) => {
    const options = { onDatagram: (bytes: Uint8Array) => resolve([...bytes]), onError: reject };
    void network.connectUdp(to, options).then((opened) => {
      socket = opened;
      for (const question of questions) opened.send(question);
    });
  });
  socket?.close();
  return answer;
}

test.each(ADAPTERS)(
  '%s: a thousand questions in crowds go through few sockets, each to its own asker',
  async (io) => {
    const { network } = createRealRuntime({ udp: { io } });
    const server = await network.bindUdp(
      { address: '127.0.0.1', port: 0 },
      (datagram, _, reply) => {
        reply.set(datagram);
        return datagram.length;
      },
    );
    const ports = new Set<number>();
    const crowd = 100;
    for (let wave = 0; wave < 10; wave += 1) {
      const asked = Array.from({ length: crowd }, async (_, i) => {
        const { socket, answer } = await askAndHold(network, server.local, Uint8Array.of(wave, i));
        expect(answer).toEqual([wave, i]);
        ports.add(socket.local.port);
        socket.release();
      });
      await Promise.all(asked);
    }
    // Most were asked through sockets that were there.
    expect(ports.size).toBeLessThan(crowd * 4);
    await server.close();
  },
);

async function askAndHold(
  network: Network,
  to: Endpoint,
  question: Uint8Array,
): Promise<{ readonly socket: ConnectedUdpSocket; readonly answer: number[] }> {
  let settle: (answer: number[]) => void = () => {};
  const answered = new Promise<number[]>((resolve) => {
    settle = resolve;
  });
  const socket = await network.connectUdp(to, {
    onDatagram: (bytes) => settle([...bytes]),
    onError: () => settle([]),
  });
  socket.send(question);
  return { socket, answer: await answered };
}
