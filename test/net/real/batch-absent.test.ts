/** A machine without koffi: everything works one datagram at a time, and who insists is told. */

import { expect, test, vi } from 'vitest';

import { silentLogger } from '../../../src/net/logger.ts';
import type { Network } from '../../../src/net/ports.ts';
import { BatchedUdpError } from '../../../src/net/real/batch/support.ts';
import { createRealRuntime } from '../../../src/net/real/runtime.ts';

vi.mock('koffi', () => {
  throw new Error('no such package');
});

const LOOPBACK = { address: '127.0.0.1', port: 0 };

test('sockets read one by one, and the debug log says why', async () => {
  const log: object[] = [];
  const logger = { ...silentLogger, debug: (fields: object) => void log.push(fields) };
  const { network } = createRealRuntime({ logger });
  expect(await answerOf(network)).toBe(42);
  expect(await answerOf(network)).toBe(42);
  expect(log).toMatchObject([{ err: { code: 'TSDNS_BATCHED_UDP' } }]);
});

test('who insists on batches is told what is missing', async () => {
  const { network } = createRealRuntime({ udp: { io: 'batch' } });
  const attempt = network.bindUdp(LOOPBACK, () => 0);
  await expect(attempt).rejects.toThrow(BatchedUdpError);
  await expect(attempt).rejects.toThrow(/^batched UDP needs /);
});

async function answerOf(network: Network): Promise<number | undefined> {
  const server = await network.bindUdp(LOOPBACK, (_datagram, _peer, reply) => {
    reply[0] = 42;
    return 1;
  });
  let settle: (octet: number | undefined) => void = () => {};
  const answer = new Promise<number | undefined>((resolve) => {
    settle = resolve;
  });
  const onDatagram = (datagram: Uint8Array): void => settle(datagram[0]);
  const client = await network.connectUdp(server.local, { onDatagram, onError: () => {} });
  client.send(Uint8Array.of(1));
  await answer;
  client.close();
  await server.close();
  return answer;
}
