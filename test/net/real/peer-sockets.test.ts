/** Many sockets to servers below one wake-up. */

import { expect, test } from 'vitest';

import { createRealRuntime } from '../../../src/net/real/runtime.ts';
import { reasonAgainstBatches } from './batch-support.ts';

const reason = await reasonAgainstBatches();

test.skipIf(reason !== undefined)(
  `when many servers reply at once, others have a turn between their replies ${reason ?? ''}`,
  async () => {
    const { network } = createRealRuntime({ udp: { io: 'batch' } });
    const server = await network.bindUdp({ address: '127.0.0.1', port: 0 }, (query, _, reply) => {
      reply.set(query);
      return query.length;
    });
    const heard: Promise<void>[] = [];
    const sockets = [];
    let inTurn = 0;
    let mostInTurn = 0;
    for (let i = 0; i < 300; i++) {
      let hear = (): void => {};
      heard.push(new Promise((resolve) => (hear = resolve)));
      const onDatagram = (): void => {
        if (inTurn === 0) queueMicrotask(() => (inTurn = 0));
        inTurn += 1;
        mostInTurn = Math.max(mostInTurn, inTurn);
        hear();
      };
      sockets.push(await network.connectUdp(server.local, { onDatagram, onError: () => {} }));
    }
    for (const socket of sockets) socket.send(Uint8Array.of(1));
    await Promise.all(heard);
    expect(mostInTurn).toBeGreaterThan(64);
    expect(mostInTurn).toBeLessThanOrEqual(128);
    for (const socket of sockets) socket.close();
    await server.close();
  },
);

test.skipIf(reason !== undefined)(
  `whatever was sent in a turn leaves, in order, even when the socket is closed right after ${reason ?? ''}`,
  async () => {
    const { network } = createRealRuntime({ udp: { io: 'batch' } });
    const came: number[] = [];
    let hear = (): void => {};
    const all = new Promise<void>((resolve) => (hear = resolve));
    const server = await network.bindUdp({ address: '127.0.0.1', port: 0 }, ([first = 0]) => {
      came.push(first);
      if (came.length === 3) hear();
      return 0;
    });
    const ignored = { onDatagram: () => {}, onError: () => {} };
    const socket = await network.connectUdp(server.local, ignored);
    for (const octet of [1, 2, 3]) socket.send(Uint8Array.of(octet));
    socket.close();
    await all;
    expect(came).toEqual([1, 2, 3]);
    await server.close();
  },
);
