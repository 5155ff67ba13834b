/** Worlds whose addresses are not known beforehand, and forged ICMP errors. */
import { expect, test } from 'vitest';
import { World } from '../../src/sim/world.ts';

const silent = { onDatagram: (): void => {}, onError: (): void => {} };

test('a host made for an address that nobody has gets what was sent there', async () => {
  const world = new World({ seed: 1 });
  const client = world.host({ addresses: ['192.0.2.1'] });
  const settled: string[] = [];
  const received: string[] = [];
  world.onUnsettled((address) => {
    settled.push(address);
    if (address === '192.0.2.9') return;
    const local = { address, port: 53 };
    const host = world.host({ addresses: [address] });
    void host.runtime.network.bindUdp(local, (datagram) => {
      received.push(`${address}: ${datagram.length}`);
      return 0;
    });
  });
  for (const address of ['192.0.2.2', '192.0.2.2', '192.0.2.9']) {
    const socket = await client.runtime.network.connectUdp({ address, port: 53 }, silent);
    socket.send(Uint8Array.of(1, 2));
    socket.close();
  }
  await world.settle();
  expect(received).toEqual(['192.0.2.2: 2', '192.0.2.2: 2']);
  expect(settled).toEqual(['192.0.2.2', '192.0.2.9']);
  expect(world.packets.at(-1)?.fate).toEqual({ kind: 'dropped', reason: 'no-host' });
});

test('TCP finds a host made for it, too', async () => {
  const world = new World({ seed: 1 });
  const client = world.host({ addresses: ['192.0.2.1'] });
  world.onUnsettled((address) => {
    const host = world.host({ addresses: [address] });
    void host.runtime.network.listenTcp({ address, port: 53 }, () => {});
  });
  const opened = client.runtime.network.connectTcp({ address: '192.0.2.2', port: 53 });
  const connection = await world.run(opened);
  expect(connection.remote.address).toBe('192.0.2.2');
});

test('an injected ICMP error reaches the socket whose peer it names, and no other', async () => {
  const world = new World({ seed: 1 });
  const client = world.host({ addresses: ['192.0.2.1'] });
  const stranger = world.host({ addresses: ['192.0.2.66'] });
  const errors: Error[] = [];
  const server = { address: '192.0.2.2', port: 53 };
  const onError = (error: Error): void => void errors.push(error);
  const socket = await client.runtime.network.connectUdp(server, { ...silent, onError });
  const forged = { to: socket.local, bytes: new Uint8Array(0), kind: 'unreachable' } as const;
  world.inject(stranger, { ...forged, from: { ...server, port: 54 } });
  await world.settle();
  expect(errors).toEqual([]);
  world.inject(stranger, { ...forged, from: server });
  await world.settle();
  expect(errors).toHaveLength(1);
});
