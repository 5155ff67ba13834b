/** The signal that datagrams wait, with dgram as we know it, and with one of other insides. */

import { Socket } from 'node:dgram';
import { afterEach, describe, expect, test, vi } from 'vitest';

import { createRealRuntime } from '../../../src/net/real/runtime.ts';
import { Client, reasonAgainstBatches } from './batch-support.ts';

const reason = await reasonAgainstBatches();

afterEach(() => {
  vi.restoreAllMocks();
});

describe.skipIf(reason !== undefined)(`the wake-up ${reason ?? ''}`, () => {
  test.each([
    ['nobody makes an error for it', false],
    ['where dgram hides its handle, it is the error', true],
  ])('%s', async (_title, isError) => {
    const symbolsOf = Object.getOwnPropertySymbols;
    if (isError) {
      vi.spyOn(Object, 'getOwnPropertySymbols').mockImplementation((value: unknown) =>
        value instanceof Socket ? [] : symbolsOf(value),
      );
    }
    const emit = vi.spyOn(Socket.prototype, 'emit');
    const { network } = createRealRuntime({ udp: { io: 'batch' } });
    const local = { address: '127.0.0.1', port: 0 };
    const server = await network.bindUdp(local, (datagram, _peer, reply) => {
      reply.set(datagram);
      return datagram.length;
    });
    const client = Client.open();
    for (let heard = 1; heard <= 3; heard++) {
      emit.mockClear();
      client.send(`${heard}`, server.local);
      await client.hear(heard);
      const events = emit.mock.calls.map(([event]): string => event);
      expect(events.includes('error')).toBe(isError);
    }
    expect(client.heard).toEqual(['1', '2', '3']);
    client.close();
    await server.close();
  });
});
