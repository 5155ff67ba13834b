import { expect, test } from 'vitest';

import type { LinkOptions } from '../../src/sim/link-options.ts';
import { World } from '../../src/sim/world.ts';

const SERVER = { address: '192.0.2.2', port: 53 };
const OCTETS = 100_000;

/** Sends a stream over the link; resolves with what arrived and when it ended. */
async function stream(link: LinkOptions): Promise<{ received: Buffer; endMs: number }> {
  const world = new World({ seed: 3, link });
  const client = world.host({ name: 'client', addresses: ['192.0.2.1'] });
  const server = world.host({ name: 'server', addresses: [SERVER.address] });
  const chunks: Buffer[] = [];
  const done = new Promise<number>((resolve) => {
    void server.runtime.network.listenTcp(SERVER, (connection) => {
      connection.start({
        onData: (bytes) => void chunks.push(Buffer.from(Uint8Array.from(bytes))),
        onEnd: () => resolve(world.nowMs),
        onDrain: () => {},
        onClose: () => {},
      });
    });
  });
  const connecting = client.runtime.network.connectTcp(SERVER).then((connection) => {
    connection.start({ onData: () => {}, onEnd: () => {}, onDrain: () => {}, onClose: () => {} });
    connection.write(Buffer.from(Array.from({ length: OCTETS }, (_, place) => place % 251)));
    connection.end();
  });
  await world.run(connecting);
  const endMs = await world.run(done);
  return { received: Buffer.concat(chunks), endMs };
}

const sent = Buffer.from(Array.from({ length: OCTETS }, (_, place) => place % 251));

test.each<[string, LinkOptions]>([
  ['loss', { delayMs: 10, loss: 0.1 }],
  ['copies, swaps and jitter', { delayMs: 10, jitterMs: 20, duplicate: 0.3, swap: 0.3 }],
  ['flipped bits', { delayMs: 10, corrupt: 0.1 }],
  ['a small MTU', { delayMs: 10, mtuOctets: 500 }],
  ['a full queue', { delayMs: 10, bitsPerSecond: 8_000_000, queueOctets: 20_000 }],
])('a stream arrives whole over %s', async (_, link) => {
  const { received } = await stream(link);
  expect(received.equals(sent)).toBe(true);
});

test('what loses datagrams makes a stream late, and a bandwidth bounds it', async () => {
  const { endMs } = await stream({ delayMs: 10 });
  expect((await stream({ delayMs: 10, loss: 0.1 })).endMs).toBeGreaterThanOrEqual(endMs + 200);
  // 100,000 octets at 800,000 bits a second are a second.
  const slow = await stream({ delayMs: 10, bitsPerSecond: 800_000 });
  expect(slow.endMs).toBeGreaterThan(1000);
});
