import { networkInterfaces } from 'node:os';

import { test } from 'vitest';

import { createRealRuntime } from '../../src/net/real/runtime.ts';
import type { Pair } from './parity-kit.ts';
import { describeParity } from './parity.ts';

function loopback(serverAddress: string): Pair {
  const runtime = createRealRuntime();
  return { client: runtime, server: runtime, serverAddress, run: (promise) => promise };
}

const hasIpv6 = Object.values(networkInterfaces()).some((addresses) =>
  addresses?.some(({ address }) => address === '::1'),
);

describeParity('real loopback', () => loopback('127.0.0.1'));
if (hasIpv6) describeParity('real loopback over IPv6', () => loopback('::1'));
else test.skip('real loopback over IPv6: this machine has no ::1');
