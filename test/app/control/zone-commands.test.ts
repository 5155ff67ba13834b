/** `ts-dns ctl zone` and `ctl notify`, at a primary and at its secondary in a simulated world. */
import { expect, test } from 'vitest';

import { controlHandler } from '../../../src/app/control/commands.ts';
import { startKeptSystem, type KeptSystem } from '../../../src/app/kept-system.ts';
import { silentLogger } from '../../../src/net/logger.ts';
import { parsePrefix } from '../../../src/query/address-prefix.ts';
import { SimDisk } from '../../../src/sim/disk.ts';
import { drop, pass } from '../../../src/sim/packet.ts';
import { World } from '../../../src/sim/world.ts';
import { nameOf } from '../../../src/wire/name-text.ts';
import type { Zone } from '../../../src/zone/zone.ts';
import { zoneOf } from '../../zone/answer.ts';
import { desk } from './desk.ts';

const origin = nameOf('example.');
const PRIMARY = { address: '192.0.2.53', port: 53 };
const SECONDARY = { address: '192.0.2.54', port: 53 };
const ANYBODY = { prefixes: [parsePrefix('0.0.0.0/0')!], keys: [] };

function version(serial: number): Zone {
  const text = `$TTL 300\n@ SOA ns h ${serial} 600 60 3600 60\n@ NS ns\nns A 192.0.2.1\n`;
  return zoneOf(text, 'example.');
}

interface Site {
  readonly world: World;
  readonly primary: KeptSystem;
  readonly secondary: KeptSystem;
  ask(at: KeptSystem, request: object): Promise<unknown>;
}

async function open(): Promise<Site> {
  const world = new World({ seed: 1, link: { delayMs: 5 } });
  const start = (at: typeof PRIMARY, options: object): Promise<KeptSystem> => {
    const { runtime } = world.host({ name: at.address, addresses: [at.address] });
    const storage = new SimDisk({ seed: 1 }).open(runtime.clock);
    const served = { runtime, storage, logger: silentLogger, listen: [at] };
    return world.run(startKeptSystem({ ...served, zones: [], policies: {}, ...options }));
  };
  const primary = await start(PRIMARY, {
    zones: [version(1)],
    policies: { others: { transfer: ANYBODY } },
    // Told by hand only.
    targetsOf: () => ({ also: [SECONDARY] }),
  });
  const taken = { origin, file: 'kept', primaries: [{ server: PRIMARY }] };
  const secondary = await start(SECONDARY, { secondaries: [taken] });
  await world.advance(2000);
  const { target } = await desk();
  const ask = ({ system, keeper }: KeptSystem, request: object): Promise<unknown> =>
    world.run(Promise.resolve(controlHandler({ ...target, system, keeper })({ ...request })));
  return { world, primary, secondary, ask };
}

test('zone status tells where it is from, how it stands and when it is asked for next', async () => {
  const { primary, secondary, ask } = await open();
  expect(await ask(primary, { command: 'zone', name: 'example' })).toEqual({
    ok: true,
    result: { zone: 'example.', from: [], serial: 1, records: 3 },
  });
  const taken = await ask(secondary, { command: 'zone', name: 'example' });
  expect(taken).toMatchObject({
    result: { zone: 'example.', from: ['192.0.2.53:53'], serial: 1, records: 3 },
  });
  const { nextCheckSeconds, expiresSeconds } = (taken as { result: Record<string, number> }).result;
  expect(nextCheckSeconds).toBeGreaterThan(530);
  expect(expiresSeconds).toBeGreaterThan(3590);
  expect(await ask(secondary, { command: 'zone', name: 'other' })).toMatchObject({ ok: false });
});

test('zone refresh takes a newer version now, and says what is wrong when it cannot', async () => {
  const { world, primary, secondary, ask } = await open();
  // As if the NOTIFY had been lost.
  const deaf = world.install(({ to }) => (to.address === SECONDARY.address ? drop : pass));
  primary.system.zones.put(version(2));
  const cut = await ask(secondary, { command: 'zone', name: 'example', action: 'refresh' });
  expect(cut).toMatchObject({ result: { serial: 1, problem: '192.0.2.53#53: timeout' } });
  deaf.uninstall();
  const taken = await ask(secondary, { command: 'zone', name: 'example', action: 'refresh' });
  expect(taken).toMatchObject({ result: { serial: 2 } });
  expect((taken as { result: object }).result).not.toHaveProperty('problem');
});

test('zone retransfer takes the whole zone, even one with an older serial', async () => {
  const { world, primary, secondary, ask } = await open();
  const quiet = world.install(({ from, transport }) =>
    from.address === PRIMARY.address && transport === 'udp' ? drop : pass,
  );
  primary.system.zones.put(version(0));
  const taken = await ask(secondary, { command: 'zone', name: 'example', action: 'retransfer' });
  expect(taken).toMatchObject({ result: { serial: 0 } });
  quiet.uninstall();
  const own = await ask(primary, { command: 'zone', name: 'example', action: 'retransfer' });
  expect(own).toMatchObject({ ok: false, error: 'example. is no zone that comes from elsewhere' });
});

test('notify tells the secondaries, which ask at once', async () => {
  const { world, primary, secondary, ask } = await open();
  const deaf = world.install(({ to }) => (to.address === SECONDARY.address ? drop : pass));
  primary.system.zones.put(version(2));
  await world.advance(10_000);
  deaf.uninstall();
  expect(secondary.system.zones.get(origin)?.serial).toBe(1);
  expect(await ask(primary, { command: 'notify', name: 'example' })).toMatchObject({
    result: { told: 1 },
  });
  await world.advance(1000);
  expect(secondary.system.zones.get(origin)?.serial).toBe(2);
  expect(await ask(primary, { command: 'notify', name: 'other' })).toMatchObject({ ok: false });
});
