/** What batches add to a UDP socket: bursts, neighbours, wildcard binds, closing in the middle. */

import { readdirSync } from 'node:fs';
import { networkInterfaces } from 'node:os';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { describe, expect, test } from 'vitest';

import { silentLogger } from '../../../src/net/logger.ts';
import type {
  DatagramHandler,
  Endpoint,
  Network,
  Peer,
  UdpSocket,
} from '../../../src/net/ports.ts';
import {
  AF_INET,
  DATAGRAM_SOCKET,
  SO_RCVBUFFORCE,
  SOL_SOCKET,
} from '../../../src/net/real/batch/abi.ts';
import { batchLimits } from '../../../src/net/real/batch/batch-socket.ts';
import { loadLibc } from '../../../src/net/real/batch/libc.ts';
import { Outbox } from '../../../src/net/real/batch/outbox.ts';
import { ENVELOPE_WORDS } from '../../../src/net/real/batch/slab.ts';
import { encodeSocketAddress } from '../../../src/net/real/batch/socket-address.ts';
import { createRealRuntime } from '../../../src/net/real/runtime.ts';
import { Client, reasonAgainstBatches } from './batch-support.ts';

const LOOPBACK: Endpoint = { address: '127.0.0.1', port: 0 };
const LOOPBACK_OCTETS = Uint8Array.of(127, 0, 0, 1);
const SMALL = { slots: 1, payloadOctets: 64 };
const SOCK_RAW = 3;
const IPPROTO_UDP = 17;
const reason = await reasonAgainstBatches();
const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
/** Such as fe80::1%eth0. */
const linkLocal = Object.entries(networkInterfaces())
  .flatMap(([name, addresses = []]) => addresses.map(({ address }) => `${address}%${name}`))
  .find((address) => address.startsWith('fe80:'));

const echo: DatagramHandler = (datagram, _peer, reply) => {
  reply.set(datagram);
  return datagram.length;
};

function batchedNetwork(
  options: { readonly bugs?: unknown[]; readonly reusePort?: boolean } = {},
): Network {
  const { bugs = [], reusePort = false } = options;
  const logger = { ...silentLogger, error: (fields: object) => void bugs.push(fields) };
  return createRealRuntime({ logger, udp: { io: 'batch', reusePort } }).network;
}

describe.skipIf(reason !== undefined)(`batched UDP ${reason ?? ''}`, () => {
  test('a burst of 2,000 datagrams of 20 clients: each is answered to its own client', async () => {
    let inTurn = 0;
    let mostInTurn = 0;
    const server = await batchedNetwork().bindUdp(LOOPBACK, (datagram, peer, reply) => {
      if (inTurn === 0) queueMicrotask(() => (inTurn = 0));
      inTurn += 1;
      mostInTurn = Math.max(mostInTurn, inTurn);
      return echo(datagram, peer, reply);
    });
    const clients = Array.from({ length: 20 }, () => Client.open());
    // As many at once as the kernel is allowed to keep for us.
    const rounds = (await mayForceBuffers()) ? 100 : 10;
    for (let round = 0; round < 100; round++) {
      for (const [index, client] of clients.entries()) {
        client.send(`${index}:${round}:${'x'.repeat(round)}`, server.local);
      }
      if ((round + 1) % rounds !== 0) continue;
      await Promise.all(clients.map((client) => client.hear(round + 1)));
    }
    for (const [index, { heard }] of clients.entries()) {
      const wanted = Array.from({ length: 100 }, (_, i) => `${index}:${i}:${'x'.repeat(i)}`);
      expect(heard).toEqual(wanted);
    }
    // Many at once, or this is no batch; not too many, or nobody else has a turn.
    const { slots, batchesPerTurn } = batchLimits;
    expect(mostInTurn).toBeGreaterThan(slots);
    expect(mostInTurn).toBeLessThanOrEqual(slots * batchesPerTurn);
    expect(slots * batchesPerTurn).toBe(512);
    for (const client of clients) client.close();
    await server.close();
  });

  test('batches are the choice where nobody chooses', async () => {
    const room: number[] = [];
    for (const udp of [{}, { io: 'batch' }, { io: 'dgram' }] as const) {
      const { network } = createRealRuntime({ udp });
      const server = await network.bindUdp(LOOPBACK, (datagram, peer, reply) => {
        room.push(reply.length);
        return echo(datagram, peer, reply);
      });
      const client = Client.open();
      client.send('?', server.local);
      await client.hear(1);
      client.close();
      await server.close();
    }
    // The reply buffers tell the two apart.
    expect(room).toEqual([batchLimits.datagramOctets, batchLimits.datagramOctets, 65535]);
  });

  test('hostile datagrams never disturb their neighbours in the batch', async () => {
    const bugs: unknown[] = [];
    const lengths: number[] = [];
    const server = await batchedNetwork({ bugs }).bindUdp(LOOPBACK, (datagram, peer, reply) => {
      lengths.push(datagram.length);
      if (datagram[0] === 0x21) throw new Error('a bug');
      return datagram[0] === 0x3f ? 0 : echo(datagram, peer, reply);
    });
    const client = Client.open();
    const hostile = ['', 'x'.repeat(4097), 'y'.repeat(9000), '! throws', '? no answer'];
    const wanted: string[] = [];
    for (let round = 0; round < 40; round++) {
      client.send(hostile[round % hostile.length]!, server.local);
      wanted.push(`good ${round} ${'z'.repeat((round * 97) % 1000)}`);
      client.send(wanted.at(-1)!, server.local);
    }
    await client.hear(wanted.length);
    expect(client.heard).toEqual(wanted);
    expect(bugs).toHaveLength(8);
    expect(bugs[0]).toMatchObject({ where: 'datagram handler', err: { message: 'a bug' } });
    // Empty ones and those too long to be whole were never seen.
    expect(lengths).toHaveLength(40 + 16);
    client.close();
    await server.close();
  });

  test('a datagram from port 0 never reaches the handler', async (context) => {
    const libc = await loadLibc();
    const fd = libc.socket(AF_INET, SOCK_RAW, IPPROTO_UDP);
    if (fd < 0) context.skip('only root may forge a source port');
    const lengths: number[] = [];
    const server = await batchedNetwork().bindUdp(LOOPBACK, (datagram, peer, reply) => {
      lengths.push(datagram.length);
      return echo(datagram, peer, reply);
    });
    // A UDP header without a checksum and 4 octets: source port, destination port, length.
    const forged = Buffer.alloc(12);
    forged.writeUInt16BE(server.local.port, 2);
    forged.writeUInt16BE(forged.length, 4);
    const raw = new Outbox({ fd, family: 4, canSegment: false }, SMALL, libc);
    const envelope = new Uint32Array(ENVELOPE_WORDS);
    new Uint8Array(envelope.buffer).set(encodeSocketAddress(LOOPBACK, 4, libc)!);
    const client = Client.open();
    for (const sourcePort of [0, client.port, 0]) {
      forged.writeUInt16BE(sourcePort, 0);
      raw.room.set(forged);
      raw.put(forged.length, envelope);
      raw.flush();
    }
    client.send('after', server.local);
    await client.hear(2);
    expect(client.heard).toEqual(['\0\0\0\0', 'after']);
    expect(lengths).toEqual([4, 5]);
    libc.close(fd);
    client.close();
    await server.close();
  });

  test('an answer to port 0 or to another family is lost, and those after it are sent', async () => {
    const server = await batchedNetwork().bindUdp(LOOPBACK, (datagram, peer) => {
      const retained = peer.retain();
      server.send(datagram, peerAt({ address: '127.0.0.1', port: 0 }));
      server.send(datagram, peerAt({ address: '::1', port: 53 }));
      server.send(datagram, peerAt({ address: 'no address', port: 53 }));
      // 240.0.0.0/4 has no route, or is refused: the kernel says so for this one only.
      server.send(datagram, peerAt({ address: '255.255.255.255', port: 53 }));
      server.send(new Uint8Array(70_000), retained);
      server.send(datagram, retained);
      server.send(new Uint8Array(20_000).fill(0x61), retained);
      return 0;
    });
    const client = Client.open();
    client.send('hello', server.local);
    await client.hear(2);
    expect(client.heard.toSorted()).toEqual(['a'.repeat(20_000), 'hello']);
    client.close();
    await server.close();
  });

  test('more late answers than fit into a batch are all sent', async () => {
    const server = await batchedNetwork().bindUdp(LOOPBACK, (_datagram, peer) => {
      const retained = peer.retain();
      for (let i = 0; i < 150; i++) server.send(Buffer.from(`late ${i}`), retained);
      return 0;
    });
    const client = Client.open();
    client.send('go', server.local);
    await client.hear(150);
    expect(client.heard).toEqual(Array.from({ length: 150 }, (_, i) => `late ${i}`));
    client.close();
    await server.close();
  });

  test('late answers go to whoever asked, however often the slots are used again', async () => {
    const later: (() => void)[] = [];
    const server = await batchedNetwork().bindUdp(LOOPBACK, (datagram, peer) => {
      const retained = peer.retain();
      const bytes = new Uint8Array(datagram);
      later.push(() => server.send(bytes, retained));
      if (later.length === 300) for (const answer of later.toReversed()) answer();
      return 0;
    });
    const clients = Array.from({ length: 30 }, () => Client.open());
    for (let round = 0; round < 10; round++) {
      for (const client of clients) client.send(`${client.port} ${round}`, server.local);
    }
    await Promise.all(clients.map((client) => client.hear(10)));
    for (const client of clients) {
      const wanted = Array.from({ length: 10 }, (_, round) => `${client.port} ${round}`);
      expect(client.heard.toReversed()).toEqual(wanted);
      client.close();
    }
    await server.close();
  });

  test('a wildcard bind answers from the address that was asked, at once and later', async () => {
    const server = await batchedNetwork().bindUdp(
      { address: '0.0.0.0', port: 0 },
      (datagram, peer, reply) => {
        const retained = peer.retain();
        if (datagram[0] !== 0x6c) return echo(datagram, peer, reply);
        const bytes = new Uint8Array(datagram);
        queueMicrotask(() => server.send(bytes, retained));
        return 0;
      },
    );
    expect(server.local.address).toBe('0.0.0.0');
    const client = Client.open();
    const addresses = ['127.0.0.2', '127.0.0.1', '127.9.9.9', '127.0.0.3'];
    for (const [index, address] of addresses.entries()) {
      for (const text of ['now', 'later']) {
        client.send(text, { address, port: server.local.port });
        // One at a time, so that the datagram which wakes the socket is proven too.
        await client.hear(client.heard.length + 1);
        expect(client.senders.at(-1)).toBe(address);
      }
      expect(client.heard).toHaveLength(2 * index + 2);
    }
    for (const address of addresses) client.send('now', { address, port: server.local.port });
    await client.hear(12);
    expect(client.senders.slice(8)).toEqual(addresses);
    client.close();
    await server.close();
  });

  test('a peer of one socket is reached from another one, at its own address', async () => {
    const network = batchedNetwork();
    const other = await network.bindUdp({ address: '127.0.0.3', port: 0 }, () => 0);
    const server = await network.bindUdp({ address: '0.0.0.0', port: 0 }, (datagram, peer) => {
      other.send(datagram, peer);
      other.send(datagram, peer.retain());
      return 0;
    });
    const client = Client.open();
    client.send('hello', { address: '127.0.0.2', port: server.local.port });
    await client.hear(2);
    expect(client.senders).toEqual(['127.0.0.3', '127.0.0.3']);
    client.close();
    await Promise.all([server.close(), other.close()]);
  });

  test.each([
    ['one address', '127.0.0.1', '127.0.0.1'],
    ['all addresses', '0.0.0.0', '127.0.0.9'],
    ...(hasIpv6 ? ([['all addresses of IPv6', '::', '::1']] as const) : []),
  ] as const)('3 clients ask at once in 3 lengths, of %s: all are answered', async (...where) => {
    const [, bound, asked] = where;
    const server = await batchedNetwork().bindUdp({ address: bound, port: 0 }, echo);
    const clients = Array.from({ length: 3 }, () =>
      Client.open(bound === '::' ? '::1' : undefined),
    );
    const texts = Array.from({ length: 60 }, (_, i) => `${i % 10}`.repeat(10 + 500 * (i % 3)));
    for (const text of texts) {
      for (const client of clients) client.send(text, { ...server.local, address: asked });
    }
    await Promise.all(clients.map((client) => client.hear(texts.length)));
    for (const client of clients) {
      expect(client.heard.toSorted()).toEqual(texts.toSorted());
      expect(new Set(client.senders)).toEqual(new Set([asked]));
      client.close();
    }
    await server.close();
  });

  test.skipIf(!hasIpv6)('a wildcard bind of IPv6 leaves IPv4 to others, and answers', async () => {
    const network = batchedNetwork();
    const six = await network.bindUdp({ address: '::', port: 0 }, (datagram, peer, reply) => {
      expect(peer.endpoint).toEqual({ address: '::1', port: client.port });
      return echo(datagram, peer, reply);
    });
    const four = await network.bindUdp({ address: '0.0.0.0', port: six.local.port }, () => 0);
    const client = Client.open('::1');
    client.send('six', { address: '::1', port: six.local.port });
    await client.hear(1);
    expect(client.heard).toEqual(['six']);
    expect(client.senders).toEqual(['::1']);
    client.close();
    await Promise.all([six.close(), four.close()]);
  });

  test.skipIf(linkLocal === undefined)('link-local addresses keep their zone', async () => {
    const network = batchedNetwork();
    for (const address of [linkLocal!, '::']) {
      const server = await network.bindUdp({ address, port: 0 }, (datagram, peer, reply) => {
        expect(peer.endpoint.address).toBe(linkLocal);
        return echo(datagram, peer, reply);
      });
      expect(server.local.address).toBe(address);
      const client = Client.open(linkLocal);
      client.send('near', { address: linkLocal!, port: server.local.port });
      await client.hear(1);
      expect(client.senders).toEqual([linkLocal]);
      client.close();
      await server.close();
    }
    const nowhere = { address: 'fe80::1%no-interface', port: 0 };
    await expect(network.bindUdp(nowhere, () => 0)).rejects.toThrow('not a usable address');
  });

  test('a port is shared only by sockets that all want it', async () => {
    const sharing = batchedNetwork({ reusePort: true });
    const first = await sharing.bindUdp(LOOPBACK, () => 0);
    const second = await sharing.bindUdp(first.local, () => 0);
    expect(second.local).toEqual(first.local);
    await expect(batchedNetwork().bindUdp(first.local, () => 0)).rejects.toThrow(
      'address already in use',
    );
    await Promise.all([first.close(), second.close()]);
  });

  test('timers and streams have their turn while datagrams keep coming', async () => {
    const { network, clock } = createRealRuntime({ udp: { io: 'batch' } });
    let handled = 0;
    let isOver = false;
    // Each datagram brings another one: without a bound on a turn it would never end.
    const server: UdpSocket = await network.bindUdp(LOOPBACK, (datagram) => {
      handled += 1;
      const to = peerAt(server.local);
      if (!isOver) for (let i = 0; i < 2; i++) if (handled < 1e6) server.send(datagram, to);
      return 0;
    });
    const client = Client.open();
    client.send('storm', server.local);
    for (let fired = 0; fired < 20; fired++) {
      await new Promise<void>((resolve) => {
        clock.schedule(0, resolve);
      });
    }
    isOver = true;
    expect(handled).toBeGreaterThan(100);
    expect(handled).toBeLessThan(1e6);
    client.close();
    await server.close();
  });

  test('a handler that closes the socket ends the batch, without an answer', async () => {
    let handled = 0;
    const server: UdpSocket = await batchedNetwork().bindUdp(LOOPBACK, (datagram, peer, reply) => {
      handled += 1;
      if (handled === 10) void server.close();
      return echo(datagram, peer, reply);
    });
    const client = Client.open();
    for (let i = 0; i < 30; i++) client.send(`${i}`, server.local);
    await client.hear(9);
    await server.close();
    // What was sent before this has arrived before this.
    const other = Client.open();
    other.send('end', { address: LOOPBACK.address, port: client.port });
    await client.hear(10);
    expect(client.heard.at(-1)).toBe('end');
    other.close();
    server.send(Uint8Array.of(1), peerAt(server.local));
    expect(handled).toBe(10);
    client.close();
  });

  test('200 sockets opened and closed while traffic flows to each', async () => {
    const network = batchedNetwork();
    const client = Client.open();
    let answered = 0;
    for (let i = 0; i < 200; i++) {
      const server: UdpSocket = await network.bindUdp(LOOPBACK, (datagram, peer, reply) => {
        server.send(datagram, peer);
        return echo(datagram, peer, reply);
      });
      for (let sent = 0; sent < 100; sent++) client.send('x'.repeat(sent + 1), server.local);
      await client.hear(client.heard.length + 1);
      // The rest is still in the kernel, or half answered.
      await server.close();
      answered = client.heard.length;
    }
    expect(answered).toBeGreaterThanOrEqual(200);
    expect(new Set(client.heard.map((text) => text.replaceAll('x', '')))).toEqual(new Set(['']));
    client.close();
  });

  test('descriptors are not leaked, neither by closing nor by failing to open', async () => {
    const network = batchedNetwork();
    const first = await network.bindUdp(LOOPBACK, () => 0);
    const before = openDescriptors();
    for (let i = 0; i < 20; i++) {
      await (await network.bindUdp(LOOPBACK, () => 0)).close();
      await network.bindUdp(first.local, () => 0).catch(() => {});
      await network.bindUdp({ address: '198.51.100.77', port: 0 }, () => 0).catch(() => {});
    }
    expect(openDescriptors()).toBeLessThanOrEqual(before);
    await first.close();
  });

  test('garbage is collected while traffic flows, and no octet changes', async () => {
    const server = await batchedNetwork().bindUdp(LOOPBACK, (datagram, peer, reply) => {
      if (datagram.length % 3 !== 0) return echo(datagram, peer, reply);
      const bytes = new Uint8Array(datagram);
      const retained = peer.retain();
      setImmediate(() => server.send(bytes, retained));
      return 0;
    });
    const clients = Array.from({ length: 4 }, () => Client.open());
    const wanted = Array.from({ length: 100 }, (_, i) => String(i % 10).repeat(i + 1));
    let garbage: Uint8Array[] = [];
    for (let round = 1; round <= 20; round++) {
      for (const text of wanted) for (const client of clients) client.send(text, server.local);
      // Whatever the kernel would write to after it was freed is soon part of this.
      garbage = Array.from({ length: 200 }, (_, i) => new Uint8Array(64 * i).fill(0xaa));
      collectGarbage();
      await Promise.all(clients.map((client) => client.hear(100 * round)));
      expect(garbage.every((bytes) => bytes.every((octet) => octet === 0xaa))).toBe(true);
    }
    for (const client of clients) {
      const all = Array.from({ length: 20 }, () => wanted).flat();
      expect(client.heard.toSorted()).toEqual(all.toSorted());
      client.close();
    }
    await server.close();
  });
});

/** As `node --expose-gc` would give it. */
const collectGarbage = ((): (() => void) => {
  setFlagsFromString('--expose-gc');
  return runInNewContext('gc') as () => void;
})();

/** Whether a socket may have more memory than `net.core.rmem_max` says. */
async function mayForceBuffers(): Promise<boolean> {
  const libc = await loadLibc();
  const fd = libc.socket(AF_INET, DATAGRAM_SOCKET, 0);
  const octets = Uint8Array.of(0, 0, 16, 0);
  const isAllowed = libc.setsockopt(fd, SOL_SOCKET, SO_RCVBUFFORCE, octets, 4) === 0;
  libc.close(fd);
  return isAllowed;
}

function openDescriptors(): number {
  return readdirSync('/proc/self/fd').length;
}

/** Whom no socket has heard from. */
function peerAt(endpoint: Endpoint): Peer {
  const { port } = endpoint;
  const peer: Peer = { endpoint, port, octets: LOOPBACK_OCTETS, retain: () => peer };
  return peer;
}
