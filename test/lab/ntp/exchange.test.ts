/** Our server and client in a simulated internet, whose clocks are wrong by what we say. */

import * as fc from 'fast-check';
import { afterEach, describe, expect, test } from 'vitest';

import {
  type NtpQueryOptions,
  type NtpQueryResult,
  queryNtp,
} from '../../../src/lab/ntp/client.ts';
import { readPacket, writePacket } from '../../../src/lab/ntp/packet.ts';
import { judgeReply } from '../../../src/lab/ntp/reply.ts';
import { NtpServer, type NtpServerOptions } from '../../../src/lab/ntp/server.ts';
import type { UdpSocket } from '../../../src/net/ports.ts';
import type { ClockOptions } from '../../../src/sim/host-clock.ts';
import type { SimHost } from '../../../src/sim/host.ts';
import { NS_PER_MS, NS_PER_S } from '../../../src/sim/units.ts';
import { World } from '../../../src/sim/world.ts';

const SERVER = { address: '192.0.2.1', port: 123 };

interface Scene {
  readonly world: World;
  readonly server: SimHost;
  readonly client: SimHost;
  query(options?: Partial<NtpQueryOptions>): Promise<NtpQueryResult>;
}

function scene(
  clocks: { readonly server?: ClockOptions; readonly client?: ClockOptions } = {},
  epochMs?: number,
): Scene {
  const world = new World({ seed: 1, ...(epochMs !== undefined && { epochMs }) });
  const server = world.host({
    addresses: [SERVER.address],
    ...(clocks.server && { clock: clocks.server }),
  });
  const client = world.host({
    addresses: ['192.0.2.2'],
    ...(clocks.client && { clock: clocks.client }),
  });
  world.link(client, server, { delayMs: 30 });
  world.link(server, client, { delayMs: 10 });
  const query = (options: Partial<NtpQueryOptions> = {}): Promise<NtpQueryResult> =>
    queryNtp({
      runtime: client.runtime,
      server: SERVER,
      nowNs: () => client.wallNs(),
      ...{ samples: 1, intervalMs: 1000, timeoutMs: 500 },
      ...options,
    });
  return { world, server, client, query };
}

async function serve(host: SimHost, options: Partial<NtpServerOptions> = {}): Promise<NtpServer> {
  const { runtime } = host;
  const nowNs = (): bigint => host.wallNs();
  return NtpServer.open({ runtime, listen: SERVER, nowNs, stratum: 1, ...options });
}

test('the measured offset is the true one and half of the difference of the ways', async () => {
  const offsetNs = 1_234_567;
  const { world, server, query } = scene({ server: { offsetNs } });
  const { counts } = await serve(server);
  const { best, packet, samples } = await world.run(query({ samples: 3 }));
  expect(best).toMatchObject({ offsetNs: offsetNs + 10 * NS_PER_MS, delayNs: 40 * NS_PER_MS });
  expect(Math.abs(best!.offsetNs - offsetNs)).toBeLessThanOrEqual(best!.rootDistanceNs);
  expect(samples).toHaveLength(3);
  expect(packet).toMatchObject({ stratum: 1, leap: 0, version: 4, mode: 4 });
  expect(counts).toEqual({ answered: 3, kissed: 0, ignored: 0 });
});

test('across the end of era 0 nobody notices', async () => {
  const epochMs = Date.parse('2036-02-07T06:28:14Z');
  const { world, server, query } = scene({ server: { offsetNs: 5 * NS_PER_MS } }, epochMs);
  await serve(server);
  const { samples } = await world.run(query({ samples: 6 }));
  expect(samples.map(({ offsetNs }) => offsetNs)).toEqual(Array.from({ length: 6 }, () => 15e6));
});

test('a server that knows no time says so, and is not believed', async () => {
  const { world, server, query } = scene();
  await serve(server, { stratum: undefined });
  const { best, refusals, silences } = await world.run(query({ samples: 2 }));
  expect({ best, refusals, silences }).toEqual({
    best: undefined,
    refusals: { unsynchronised: 2 },
    silences: 0,
  });
});

test('a server too far from the truth is not believed', async () => {
  const { world, server, query } = scene();
  await serve(server, { rootDelayNs: 1.2e9, rootDispersionNs: 0.5e9 });
  expect((await world.run(query())).refusals).toEqual({ 'too distant': 1 });
});

test('DENY ends it; RATE makes it ask half as often, and once it does it is served', async () => {
  const denied = scene();
  await serve(denied.server, { denies: (address) => address === '192.0.2.2' });
  const outcome = await denied.world.run(denied.query({ samples: 5 }));
  expect(outcome).toMatchObject({ kiss: 'DENY', best: undefined, samples: [] });
  const { world, server, query } = scene();
  const { counts } = await serve(server, { perSecond: 1 });
  const times: number[] = [];
  world.onPacket(({ to }) => {
    if (to.port === SERVER.port) times.push(world.nowMs);
  });
  const slowed = await world.run(query({ samples: 4, intervalMs: 600 }));
  expect(slowed).toMatchObject({ kiss: 'RATE', silences: 0 });
  expect(slowed.samples).toHaveLength(3);
  expect(counts).toEqual({ answered: 3, kissed: 1, ignored: 0 });
  expect(times.slice(1).map((ms, index) => ms - times[index]!)).toEqual([640, 1240, 1240]);
});

test('a flood of one address gets few kisses, and then silence', async () => {
  const { world, server, client } = scene();
  const { counts } = await serve(server, { perSecond: 10 });
  const request = writePacket({ ...BLANK, mode: 3, version: 4 });
  const from = { address: client.addresses[0]!, port: 9 };
  for (let sent = 0; sent < 1000; sent += 1)
    world.inject(client, { from, to: SERVER, bytes: request });
  await world.advance(100);
  expect(counts).toEqual({ answered: 10, kissed: 124, ignored: 866 });
});

const BLANK = {
  leap: 0,
  version: 4,
  mode: 4,
  stratum: 1,
  poll: 4,
  precision: -20,
  rootDelay: 0,
  rootDispersion: 0,
  referenceId: 0,
  reference: 1n,
  origin: 0n,
  receive: 5n,
  transmit: 6n,
} as const;

describe('a reply', () => {
  const sent = 0x0123_4567_89ab_cdefn;
  const reply = { ...BLANK, origin: sent };
  const because = (changes: object): unknown => {
    const judged = judgeReply(writePacket({ ...reply, ...changes }), sent);
    return judged.kind === 'refused' ? judged.because : judged.kind;
  };

  test.each<[string, object, string]>([
    ['that repeats what was asked is believed', {}, 'answer'],
    ['to another question is forged', { origin: sent + 1n }, 'forged origin'],
    ['without an origin is forged', { origin: 0n }, 'forged origin'],
    ['of a client is none', { mode: 3 }, 'no answer'],
    ['of a broadcaster is none', { mode: 5 }, 'no answer'],
    ['of version 7 is none', { version: 7 }, 'no answer'],
    ['with leap indicator 3 is of a server without time', { leap: 3 }, 'unsynchronised'],
    ['of stratum 16 is of one too', { stratum: 16 }, 'unsynchronised'],
    ['that was never sent says nothing', { transmit: 0n }, 'no times'],
    ['of stratum 0 and RATE is a kiss', { stratum: 0, referenceId: 0x52415445 }, 'kiss'],
    ['of stratum 0 and an unknown word is refused', { stratum: 0, leap: 0 }, 'kiss'],
    ['with a kiss and a forged origin is forged', { stratum: 0, origin: 7n }, 'forged origin'],
    ['1 s from the truth is too far', { rootDelay: 0x0002_0000 }, 'too distant'],
  ])('%s', (_, changes, expected) => {
    expect(because(changes)).toBe(expected);
  });

  test('when nothing was asked is forged', () => {
    const late = judgeReply(writePacket(reply), undefined);
    expect(late).toEqual({ kind: 'refused', because: 'forged origin' });
    expect(judgeReply(new Uint8Array(47), sent)).toMatchObject({ because: 'short' });
  });
});

test('forged answers that come first do not count, and neither does the same answer twice', async () => {
  const { world, server, query } = scene();
  const forged = 3600n * BigInt(NS_PER_S);
  const sockets: UdpSocket[] = [];
  sockets.push(
    await server.runtime.network.bindUdp(SERVER, (bytes, peer) => {
      const request = readPacket(bytes)!;
      const now = request.transmit;
      const lie = { ...BLANK, receive: now + forged, transmit: now + forged };
      sockets[0]!.send(writePacket({ ...lie, origin: now ^ 2n }), peer);
      sockets[0]!.send(new Uint8Array(3), peer);
      const truth = writePacket({ ...BLANK, origin: now, receive: 5n << 32n, transmit: 5n << 32n });
      sockets[0]!.send(truth, peer);
      sockets[0]!.send(truth, peer);
      return 0;
    }),
  );
  const { samples, refusals } = await world.run(query({ samples: 2 }));
  expect(samples).toHaveLength(2);
  expect(refusals).toEqual({ 'forged origin': 3, short: 2 });
});

describe('a packet of any octets', () => {
  const servers: NtpServer[] = [];
  afterEach(async () => {
    await Promise.all(servers.splice(0).map((server) => server.close()));
  });
  const octets = fc.oneof(
    fc.uint8Array({ maxLength: 600 }),
    // Nearly requests: a sensible first octet, and 48 of them.
    fc
      .tuple(fc.constantFrom(0x1b, 0x23, 0xe3, 0x24, 0xdc), fc.uint8Array({ minLength: 47 }))
      .map(([first, rest]) => Uint8Array.of(first, ...rest)),
  );

  test('does not harm a server, whose answers are never longer than the question', async () => {
    const { world, server, client } = scene();
    const service = await serve(server, { perSecond: 1e6 });
    servers.push(service);
    let asked = 0;
    world.onPacket((packet) => {
      if (packet.from.port === SERVER.port) expect(packet.bytes).toHaveLength(48);
    });
    const from = { address: client.addresses[0]!, port: 9 };
    const packets = fc.sample(octets, 3000);
    for (const bytes of packets) {
      if (bytes.length === 0) continue;
      asked += 1;
      world.inject(client, { from, to: SERVER, bytes });
      await world.advance(1);
    }
    await world.advance(100);
    const { answered, ignored } = service.counts;
    expect(answered + ignored).toBe(asked);
    expect([answered > 100, ignored > 100]).toEqual([true, true]);
  });

  test('does not harm a client, and is no sample', async () => {
    const { world, server, query } = scene();
    const packets = fc.sample(octets, 400);
    const socket: { send?: UdpSocket['send'] } = {};
    const bound = await server.runtime.network.bindUdp(SERVER, (_, peer) => {
      for (const bytes of packets.splice(0, 20)) if (bytes.length > 0) socket.send!(bytes, peer);
      return 0;
    });
    socket.send = (bytes, peer) => bound.send(bytes, peer);
    const { samples, refusals } = await world.run(query({ samples: 20, timeoutMs: 100 }));
    expect(samples).toEqual([]);
    expect(Object.values(refusals).reduce((sum, count) => sum + count, 0)).toBeGreaterThan(300);
  });
});
