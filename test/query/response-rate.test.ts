import { expect, it } from 'vitest';
import { endpointOctets } from '../../src/net/address.ts';
import {
  ResponseRate,
  responseRateLimits,
  type ResponseRateLimits,
} from '../../src/query/response-rate.ts';
import { World } from '../../src/sim/world.ts';

function scene(limits: Partial<ResponseRateLimits> = {}): {
  readonly world: World;
  readonly rate: ResponseRate;
  /** How many of so many answers to this address are allowed. */
  readonly take: (address: string, times: number) => number;
} {
  const world = new World({ seed: 1 });
  const { clock, random } = world.host({ addresses: ['192.0.2.1'] }).runtime;
  const rate = new ResponseRate({ ...responseRateLimits, ...limits }, clock, random);
  const take = (address: string, times: number): number => {
    const octets = endpointOctets(address);
    return Array.from({ length: times }, () => rate.take(octets)).filter(Boolean).length;
  };
  return { world, rate, take };
}

it('a network gets fifty answers a second, and what it did not use for one second', async () => {
  const { world, take } = scene();
  expect(take('198.51.100.1', 200)).toBe(50);
  await world.advance(500);
  expect(take('198.51.100.1', 200)).toBe(25);
  await world.advance(60_000);
  expect(take('198.51.100.1', 200)).toBe(50);
});

it('a network is a /24 or a /56, and its neighbours have their own', () => {
  const { take } = scene();
  expect(take('198.51.100.1', 50)).toBe(50);
  expect(take('198.51.100.255', 10)).toBe(0);
  expect(take('198.51.101.1', 10)).toBe(10);
  expect(take('2001:db8:0:100::1', 50)).toBe(50);
  expect(take('2001:db8:0:1ff:9:9:9:9', 10)).toBe(0);
  expect(take('2001:db8:0:200::1', 10)).toBe(10);
});

it('every second answer above is sent truncated, of each network', () => {
  const { rate } = scene();
  const some = endpointOctets('198.51.100.1');
  const other = endpointOctets('203.0.113.1');
  const seen = Array.from({ length: 6 }, () => [rate.slips(some), rate.slips(other)]);
  expect(seen.map(([a]) => a)).toEqual([false, true, false, true, false, true]);
  expect(seen.map(([, b]) => b)).toEqual([false, true, false, true, false, true]);
});

it('a million forged networks do not set free the one that is limited', async () => {
  const { world, rate, take } = scene();
  take('198.51.100.1', 100);
  await world.advance(10);
  const forged = new Uint8Array(4);
  for (let i = 0; i < 1_000_000; i++) {
    forged[0] = 1 + (i & 127);
    forged[1] = i >> 7;
    forged[2] = i >> 15;
    rate.take(forged);
    rate.take(forged);
  }
  expect(take('198.51.100.1', 100)).toBeLessThanOrEqual(1);
});

it('no limit is no limit', () => {
  expect(scene({ perSecond: 0 }).take('198.51.100.1', 10_000)).toBe(10_000);
});
