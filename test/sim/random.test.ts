import { expect, test } from 'vitest';

import { SeededRandom } from '../../src/sim/random.ts';
import { World } from '../../src/sim/world.ts';
import { chiSquare } from './chi-square.ts';

test('a stream is the same on every machine, for ever', () => {
  const random = new SeededRandom('42', 'golden');
  const drawn = [random.uint32(), random.uint32(), random.uint16(), random.below(1000)];
  expect(drawn).toMatchInlineSnapshot(`
    [
      699781291,
      458715818,
      57541,
      635,
    ]
  `);
});

test('streams with different names have nothing in common, and each is spread evenly', () => {
  const one = new SeededRandom('1', 'one');
  const two = new SeededRandom('1', 'two');
  const cells: number[] = [];
  let equal = 0;
  for (let draws = 0; draws < 20_000; draws += 1) {
    const [a, b] = [one.below(16), two.below(16)];
    cells.push(a);
    if (a === b) equal += 1;
  }
  expect(chiSquare(cells, 16)).toBeLessThan(50);
  expect(equal / 20_000).toBeCloseTo(1 / 16, 2);
});

test('ephemeral ports of connected sockets are spread over 1024 to 65535', async () => {
  const world = new World({ seed: 5 });
  const { network } = world.host({ addresses: ['192.0.2.1'] }).runtime;
  const ports: number[] = [];
  for (let count = 0; count < 2000; count += 1) {
    const remote = { address: '192.0.2.2', port: 53 };
    const socket = await network.connectUdp(remote, { onDatagram: () => {}, onError: () => {} });
    ports.push(socket.local.port);
  }
  expect(new Set(ports).size).toBe(2000);
  expect(
    chiSquare(
      ports.map((port) => Math.floor(((port - 1024) * 16) / 64512)),
      16,
    ),
  ).toBeLessThan(50);
});
