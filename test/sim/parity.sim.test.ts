import { expect } from 'vitest';

import { World } from '../../src/sim/world.ts';
import type { Pair } from '../net/parity-kit.ts';
import { describeParity } from '../net/parity.ts';

const idle = { timers: 0, udpSockets: 0, listeners: 0, connections: 0 };

describeParity('two simulated hosts', () => {
  const world = new World({ seed: 'parity' });
  const client = world.host({ name: 'client', addresses: ['192.0.2.1'] });
  const server = world.host({ name: 'server', addresses: ['192.0.2.2'] });
  return pairOf(world, {
    client: client.runtime,
    server: server.runtime,
    serverAddress: '192.0.2.2',
  });
});

describeParity('two simulated hosts over IPv6', () => {
  const world = new World({ seed: 'parity' });
  const client = world.host({ name: 'client', addresses: ['192.0.2.1', '2001:db8::1'] });
  const server = world.host({ name: 'server', addresses: ['192.0.2.2', '2001:db8::2'] });
  return pairOf(world, {
    client: client.runtime,
    server: server.runtime,
    serverAddress: '2001:db8::2',
  });
});

describeParity('one simulated host', () => {
  const world = new World({ seed: 'parity' });
  const { runtime } = world.host({ addresses: ['192.0.2.1'] });
  return pairOf(world, { client: runtime, server: runtime, serverAddress: '127.0.0.1' });
});

describeParity('a lossy link for streams only', () => {
  const world = new World({ seed: 'lossy', link: { delayMs: 5, jitterMs: 20, loss: 0.05 } });
  const client = world.host({ name: 'client', addresses: ['192.0.2.1'] });
  const server = world.host({ name: 'server', addresses: ['192.0.2.2'] });
  world.install((packet) =>
    packet.transport === 'udp' ? { kind: 'deliver', delayMs: 5 } : { kind: 'pass' },
  );
  return pairOf(world, {
    client: client.runtime,
    server: server.runtime,
    serverAddress: '192.0.2.2',
  });
});

/** Also asserts that a case leaves nothing open behind itself. */
function pairOf(world: World, pair: Omit<Pair, 'run'>): Pair {
  return {
    ...pair,
    run: async (promise) => {
      const value = await world.run(promise);
      await world.settle(10 * 60 * 1000);
      expect(world.pending).toEqual(idle);
      return value;
    },
  };
}
