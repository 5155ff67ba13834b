import { networkInterfaces } from 'node:os';

import { test } from 'vitest';

import { createRealRuntime, type UdpIo } from '../../src/net/real/runtime.ts';
import { reasonAgainstBatches } from './real/batch-support.ts';
import type { Pair } from './parity-kit.ts';
import { describeParity } from './parity.ts';

function loopback(serverAddress: string, io: UdpIo): Pair {
  const runtime = createRealRuntime({ udp: { io } });
  return { client: runtime, server: runtime, serverAddress, run: (promise) => promise };
}

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);
const withoutBatches = await reasonAgainstBatches();

for (const io of ['dgram', 'batch'] as const) {
  if (io === 'batch' && withoutBatches !== undefined) {
    test.skip(`batch: ${withoutBatches}`);
    continue;
  }
  describeParity(`${io} on loopback`, () => loopback('127.0.0.1', io));
  if (hasIpv6) describeParity(`${io} on IPv6 loopback`, () => loopback('::1', io));
  else test.skip(`${io} on IPv6 loopback: this machine has no ::1`);
}
