/**
 * A primary and its secondary, each with a keeper, in a simulated world. They share a key; nobody
 * else may take the zone or change it, unless the secondary's policies say so.
 */
import { startKeptSystem, type KeptSystem } from '../../src/app/kept-system.ts';
import type { KeeperOptions } from '../../src/authority/keeper.ts';
import type { Permission, ZonePolicies } from '../../src/authority/policy.ts';
import { silentLogger } from '../../src/net/logger.ts';
import { parsePrefix } from '../../src/query/address-prefix.ts';
import { SimDisk } from '../../src/sim/disk.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { World } from '../../src/sim/world.ts';
import type { TsigKey } from '../../src/tsig/key.ts';
import type { DnsName } from '../../src/wire/name.ts';
import { nameOf } from '../../src/wire/name-text.ts';
import { zoneOf } from '../zone/answer.ts';
import { keyNamed } from './transfer-kit.ts';

export const origin: DnsName = nameOf('example.');
export const PRIMARY = { address: '192.0.2.53', port: 53 };
export const SECONDARY = { address: '192.0.2.54', port: 53 };
const DEAD = { address: '192.0.2.99', port: 53 };
export const key: TsigKey = keyNamed('transfer.');
export const CLIENTS: Permission = { prefixes: [parsePrefix('198.51.100.0/24')!], keys: [] };
const BY_KEY = { prefixes: [], keys: [key.name] };
const zone = zoneOf('$TTL 300\n@ SOA ns h 1 600 60 3600 60\n@ NS ns\nns A 192.0.2.1\n', 'example.');

export interface KeptPair {
  readonly world: World;
  readonly client: SimHost;
  readonly primary: KeptSystem;
  readonly secondary: KeptSystem;
}

export async function openPair(
  policies: ZonePolicies,
  more: Partial<KeeperOptions> = {},
): Promise<KeptPair> {
  const world = new World({ seed: 1, link: { delayMs: 5 } });
  const start = (at: typeof PRIMARY, options: object): Promise<KeptSystem> => {
    const { runtime } = world.host({ name: at.address, addresses: [at.address] });
    const storage = new SimDisk({ seed: 1 }).open(runtime.clock);
    const served = { runtime, storage, logger: silentLogger, listen: [at], keys: [key] };
    return world.run(startKeptSystem({ ...served, zones: [], policies: {}, ...options }));
  };
  // The primary believes the key alone: whoever asked the secondary does not matter to it.
  const primary = await start(PRIMARY, {
    zones: [zone],
    policies: { others: { transfer: BY_KEY, update: BY_KEY } },
    journaled: [{ origin, journal: 'journal' }],
    targetsOf: () => ({ also: [SECONDARY] }),
  });
  const primaries = [
    { server: DEAD, key },
    { server: PRIMARY, key },
  ];
  const secondaries = [{ origin, file: 'kept', primaries }];
  const secondary = await start(SECONDARY, { policies, secondaries, ...more });
  // The first primary is waited for in vain for half a minute.
  await world.advance(60_000);
  const client = world.host({ addresses: ['198.51.100.1'] });
  return { world, client, primary, secondary };
}
