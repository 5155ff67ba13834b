/**
 * One suite for both networks: what code above the ports may rely on, run on real loopback sockets
 * and in the simulation. A case awaits events only, so it holds in real and in virtual time.
 */

import { expect, test } from 'vitest';

import { formatEndpoint } from '../../src/net/address.ts';
import { BindError, ConnectError } from '../../src/net/errors.ts';
import type { Endpoint, Peer, TcpConnection } from '../../src/net/ports.ts';
import {
  anyPort,
  closeBoth,
  closedPort,
  copyInto,
  deferred,
  echo,
  exchange,
  follow,
  openPair,
  passTime,
  silent,
  text,
  writeUntilFull,
  writeUntilStuck,
  type Pair,
} from './parity-kit.ts';

type Case = (pair: Pair) => Promise<void>;

export function describeParity(name: string, makePair: () => Pair): void {
  for (const [title, run] of Object.entries({ ...udpCases, ...tcpCases, ...clockCases })) {
    test(`${name}: ${title}`, async () => {
      const pair = makePair();
      await pair.run(run(pair));
    });
  }
}

const udpCases: Readonly<Record<string, Case>> = {
  'a datagram is answered through the reply buffer': async (pair) => {
    const server = await pair.server.network.bindUdp(anyPort(pair), echo);
    const answer = await exchange(pair.client, server.local, text('hello'));
    expect(answer.toString()).toBe(text('hello').toString());
    await server.close();
  },

  'a datagram is answered later through a retained peer': async (pair) => {
    const asked = deferred<Peer>();
    const server = await pair.server.network.bindUdp(anyPort(pair), (_datagram, peer) => {
      asked.resolve(peer.retain());
      return 0;
    });
    const answer = exchange(pair.client, server.local, text('later'));
    const peer = await asked.promise;
    const reused = text('answer');
    server.send(reused, peer);
    reused.fill(0);
    expect((await answer).toString()).toBe(text('answer').toString());
    await server.close();
  },

  'a peer names the address and port that the client sends from': async (pair) => {
    const seen = deferred<Endpoint>();
    const server = await pair.server.network.bindUdp(anyPort(pair), (_datagram, peer) => {
      seen.resolve(peer.endpoint);
      return 0;
    });
    const socket = await pair.client.network.connectUdp(server.local, silent);
    socket.send(text('who am I'));
    expect(await seen.promise).toEqual(socket.local);
    socket.close();
    await server.close();
  },

  'a question leaves from the port that was chosen, and the port is free again': async (pair) => {
    const server = await pair.server.network.bindUdp(anyPort(pair), echo);
    const { port: localPort } = await closedPort(pair);
    for (let round = 0; round < 2; round++) {
      const options = { ...silent, localPort };
      const socket = await pair.client.network.connectUdp(server.local, options);
      expect(socket.local.port).toBe(localPort);
      if (round === 0) socket.release();
      else socket.close();
    }
    await server.close();
  },

  'a connected socket hears nobody but its peer': async (pair) => {
    const heard: string[] = [];
    const done = deferred<void>();
    const stranger = await pair.server.network.bindUdp(anyPort(pair), () => 0);
    const server = await pair.server.network.bindUdp(anyPort(pair), (_datagram, peer, reply) => {
      stranger.send(text('forged'), peer);
      return copyInto(reply, text('true'));
    });
    const socket = await pair.client.network.connectUdp(server.local, {
      ...silent,
      onDatagram: (datagram) => {
        heard.push(Buffer.from(datagram).toString());
        if (heard.length === 2) done.resolve();
        else socket.send(text('again'));
      },
    });
    socket.send(text('first'));
    await done.promise;
    expect(heard).toEqual(['true', 'true']);
    socket.close();
    await Promise.all([server.close(), stranger.close()]);
  },

  'a connected socket hears of a port where nobody listens': async (pair) => {
    const gone = await closedPort(pair);
    const failed = deferred<Error>();
    const options = { onDatagram: () => {}, onError: failed.resolve };
    const socket = await pair.client.network.connectUdp(gone, options);
    socket.send(text('anybody?'));
    expect(await failed.promise).toMatchObject({ code: 'ECONNREFUSED' });
    socket.close();
  },

  'a port that is taken is a BindError that names the place': async (pair) => {
    const first = await pair.server.network.bindUdp(anyPort(pair), () => 0);
    const second = pair.server.network.bindUdp(first.local, () => 0);
    await expect(second).rejects.toThrow(BindError);
    await expect(second).rejects.toThrow(
      `cannot listen on ${formatEndpoint(first.local)} (udp): address already in use`,
    );
    await first.close();
    await (await pair.server.network.bindUdp(first.local, () => 0)).close();
  },

  'an address of another machine is a BindError': async (pair) => {
    const local = { address: '198.51.100.77', port: 0 };
    await expect(pair.server.network.bindUdp(local, () => 0)).rejects.toThrow(
      'cannot listen on 198.51.100.77:0 (udp): address not available on this machine',
    );
    await expect(pair.server.network.listenTcp(local, () => {})).rejects.toThrow(
      'cannot listen on 198.51.100.77:0 (tcp): address not available on this machine',
    );
  },

  'a host name is no address': async (pair) => {
    const local = { address: 'localhost', port: 0 };
    await expect(pair.server.network.bindUdp(local, () => 0)).rejects.toThrow(BindError);
    await expect(pair.server.network.listenTcp(local, () => {})).rejects.toThrow(BindError);
    await expect(pair.client.network.connectTcp(local)).rejects.toThrow(ConnectError);
  },

  'an empty datagram never reaches the handler': async (pair) => {
    const lengths: number[] = [];
    const done = deferred<void>();
    const server = await pair.server.network.bindUdp(anyPort(pair), (datagram) => {
      lengths.push(datagram.length);
      done.resolve();
      return 0;
    });
    const socket = await pair.client.network.connectUdp(server.local, silent);
    socket.send(new Uint8Array(0));
    socket.send(text('x'));
    await done.promise;
    expect(lengths).toEqual([1]);
    socket.close();
    await server.close();
  },

  'a datagram of 4096 octets arrives whole, and one too large is lost silently': async (pair) => {
    const server = await pair.server.network.bindUdp(anyPort(pair), (datagram, peer, reply) => {
      server.send(new Uint8Array(65535), peer);
      return echo(datagram, peer, reply);
    });
    const question = Uint8Array.from({ length: 4096 }, (_, index) => index % 251);
    const answer = await exchange(pair.client, server.local, question);
    expect(Buffer.compare(answer, question)).toBe(0);
    await server.close();
  },

  'closing a UDP socket twice is closing it once': async (pair) => {
    const server = await pair.server.network.bindUdp(anyPort(pair), () => 0);
    await Promise.all([server.close(), server.close()]);
    await server.close();
    const socket = await pair.client.network.connectUdp(server.local, silent);
    socket.close();
    socket.close();
    socket.send(text('after the end'));
  },
};

const tcpCases: Readonly<Record<string, Case>> = {
  'a connection leaves from the port that was chosen': async (pair) => {
    const { port: localPort } = await closedPort(pair);
    const seen = deferred<number>();
    const listener = await pair.server.network.listenTcp(anyPort(pair), (connection) => {
      seen.resolve(connection.remote.port);
      connection.destroy();
    });
    const connection = await pair.client.network.connectTcp(listener.local, { localPort });
    expect([connection.local.port, await seen.promise]).toEqual([localPort, localPort]);
    connection.destroy();
    await listener.close();
  },

  'a stream is echoed, and both ends close without an error after both have ended': async (
    pair,
  ) => {
    const { client, server, close } = await openPair(pair);
    const serverLog = follow(server, {
      onData: (bytes) => server.write(bytes),
      onEnd: () => server.end(),
    });
    const clientLog = follow(client);
    const reused = text('over TCP');
    client.write(reused);
    reused.fill(0);
    client.end();
    client.write(text('after the end'));
    await Promise.all([clientLog.closed, serverLog.closed]);
    expect(clientLog.text()).toBe('over TCP');
    expect(clientLog.events).toEqual(['end', 'close']);
    expect(serverLog.events).toEqual(['end', 'close']);
    await close();
  },

  'the two ends name each other': async (pair) => {
    const { client, server, close } = await openPair(pair);
    expect(client.remote).toEqual(server.local);
    expect(server.remote).toEqual(client.local);
    await closeBoth(client, server);
    await close();
  },

  'after the peer has ended, we may still write': async (pair) => {
    const { client, server, close } = await openPair(pair);
    const ended = deferred<void>();
    const serverLog = follow(server, { onEnd: () => ended.resolve() });
    const clientLog = follow(client);
    client.end();
    await ended.promise;
    await passTime(pair);
    server.write(text('still here'));
    server.end();
    await Promise.all([clientLog.closed, serverLog.closed]);
    expect(clientLog.text()).toBe('still here');
    await close();
  },

  'a connection where nobody listens is refused': async (pair) => {
    const listener = await pair.server.network.listenTcp(anyPort(pair), () => {});
    await listener.close();
    await listener.close();
    const attempt = pair.client.network.connectTcp(listener.local);
    await expect(attempt).rejects.toThrow(ConnectError);
    await expect(attempt).rejects.toThrow(
      `cannot connect to ${formatEndpoint(listener.local)} (tcp): connection refused`,
    );
  },

  'a listener on a port that is taken is a BindError': async (pair) => {
    const listener = await pair.server.network.listenTcp(anyPort(pair), () => {});
    await expect(pair.server.network.listenTcp(listener.local, () => {})).rejects.toThrow(
      `cannot listen on ${formatEndpoint(listener.local)} (tcp): address already in use`,
    );
    await listener.close();
  },

  'an attempt to connect ends with its signal, before and during': async (pair) => {
    const accepted: TcpConnection[] = [];
    const listener = await pair.server.network.listenTcp(anyPort(pair), (connection) => {
      accepted.push(connection);
      connection.destroy();
    });
    const before = AbortSignal.abort();
    const late = pair.client.network.connectTcp(listener.local, { signal: before });
    await expect(late).rejects.toThrow(/aborted/);
    const controller = new AbortController();
    const attempt = pair.client.network.connectTcp(listener.local, { signal: controller.signal });
    controller.abort();
    await expect(attempt).rejects.toThrow(ConnectError);
    await listener.close();
  },

  'a peer that destroys an idle connection ends it without an error': async (pair) => {
    const { client, server, close } = await openPair(pair);
    const clientLog = follow(client, { onEnd: () => client.end() });
    const serverLog = follow(server);
    server.destroy();
    server.destroy();
    server.write(text('after the close'));
    await Promise.all([clientLog.closed, serverLog.closed]);
    expect(clientLog.events).toEqual(['end', 'close']);
    expect(serverLog.events).toEqual(['close']);
    await close();
  },

  'a peer that destroys a connection with unread bytes resets it, once': async (pair) => {
    const { client, server, close } = await openPair(pair);
    const clientLog = follow(client);
    const first = deferred<void>();
    const serverLog = follow(server, {
      onData: () => {
        server.pause();
        first.resolve();
      },
    });
    writeUntilFull(client);
    await first.promise;
    await writeUntilStuck(client, pair);
    server.destroy();
    await Promise.all([clientLog.closed, serverLog.closed]);
    expect(clientLog.events.filter((event) => event !== 'drain')).toEqual(['error']);
    expect(serverLog.events).toEqual(['close']);
    expect(client.unsentBytes).toBe(0);
    await close();
  },

  'a paused reader gets nothing, and the writer sees its bytes pile up': async (pair) => {
    const { client, server, close } = await openPair(pair);
    let received = 0;
    let receivedWhilePaused = 0;
    let isPaused = false;
    const first = deferred<void>();
    const serverLog = follow(server, {
      onData: (bytes) => {
        received += bytes.length;
        if (isPaused) receivedWhilePaused += bytes.length;
        if (received === bytes.length) {
          isPaused = true;
          server.pause();
          first.resolve();
        }
      },
      onEnd: () => server.end(),
    });
    let drained = deferred<void>();
    const clientLog = follow(client, { onDrain: () => drained.resolve() });
    let written = writeUntilFull(client);
    await first.promise;
    written += await writeUntilStuck(client, pair);
    expect(client.unsentBytes).toBeGreaterThan(0);
    const reused = text('tail');
    client.write(reused);
    reused.fill(0);
    drained = deferred<void>();
    isPaused = false;
    server.resume();
    await drained.promise;
    expect(client.unsentBytes).toBe(0);
    client.end();
    await Promise.all([clientLog.closed, serverLog.closed]);
    expect(receivedWhilePaused).toBe(0);
    expect(received).toBe(written + reused.length);
    expect(serverLog.text().endsWith('tail')).toBe(true);
    await close();
  },

  'handlers that are set late still hear of everything': async (pair) => {
    const { client, server, close } = await openPair(pair);
    const clientLog = follow(client, { onEnd: () => client.end() });
    server.write(text('early'));
    server.end();
    await clientLog.closed;
    const serverLog = follow(server);
    await serverLog.closed;
    expect(clientLog.text()).toBe('early');
    expect(serverLog.events).toEqual(['end', 'close']);
    await close();
  },
};

const clockCases: Readonly<Record<string, Case>> = {
  'timers fire in the order of their times, at the earliest then, and not when cancelled': async ({
    client: { clock },
  }) => {
    const startMs = clock.monotonic();
    expect(startMs).toBeGreaterThan(0);
    const fired: string[] = [];
    const done = deferred<void>();
    clock.schedule(30, () => {
      fired.push('third');
      done.resolve();
    });
    clock.schedule(0, () => fired.push('first'));
    const cancelled = clock.schedule(1, () => fired.push('cancelled'));
    clock.schedule(15, () => fired.push('second'));
    clock.schedule(2 ** 33, () => fired.push('far')).cancel();
    const far = clock.schedule(2 ** 33, () => fired.push('far'));
    cancelled.cancel();
    cancelled.cancel();
    await done.promise;
    far.cancel();
    expect(fired).toEqual(['first', 'second', 'third']);
    expect(clock.monotonic() - startMs).toBeGreaterThanOrEqual(30);
  },
};
