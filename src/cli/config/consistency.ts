/**
 * What each key of a configuration may say, and all of them together may not: contradictions, and
 * settings that could only be a slip. Pure: files are looked at in `files.ts`.
 */

import { cacheLimits } from '../../cache/limits.ts';
import { addressToBytes } from '../../net/address.ts';
import { isWithin, LOOPBACK_PREFIXES, type AddressPrefix } from '../../query/address-prefix.ts';
import type { ForwardZone, StubZone } from '../../resolver/configured-zones.ts';
import { createAddressFilter } from '../../resolver/do-not-query.ts';
import type { DnsName } from '../../wire/name.ts';
import { DNS_PORT } from '../options.ts';
import type { Config, ConfigPermission, ConfigResolver } from './config.ts';
import { kebabCase } from './key.ts';

/** Something wrong, and where. */
export interface Finding {
  /** Keys as in the file, and places in lists from 0. */
  readonly path: readonly (string | number)[];
  readonly message: string;
  /** For programs. */
  readonly code: string;
}

export function contradictionsIn(config: Config): readonly Finding[] {
  return [
    ...threads(config),
    ...accessLists(config),
    ...signingKeys(config),
    ...policies(config),
    ...secondaryZones(config),
    ...configuredZones(config),
    ...repeated(config.resolver?.localZones ?? [], ({ name }) => name, ['resolver', 'local-zones']),
    ...ranges(config.resolver ?? {}),
  ];
}

function threads({ workers = 1, io }: Config): readonly Finding[] {
  if (workers === 1 || io !== 'dgram') return [];
  const message = 'workers share their ports, which takes batched UDP: leave out io: dgram';
  return [{ path: ['io'], message, code: 'workers-and-dgram' }];
}

/** A key in one way, not in two, and none twice. */
function signingKeys({ keys = [] }: Config): readonly Finding[] {
  const seen = new Set<string>();
  return keys.flatMap(({ name, algorithm, secret, file }, i): Finding[] => {
    const path = ['keys', i];
    const isFile = file !== undefined;
    if (isFile ? (algorithm ?? secret) !== undefined : !name || secret === undefined) {
      const message = 'a key has a name and a secret, or a file where both stand';
      return [{ path, message, code: 'half-a-key' }];
    }
    if (!name) return [];
    const isTwice = seen.has(name.key);
    seen.add(name.key);
    const message = `the key ${name.toString()} stands in this list before`;
    return isTwice ? [{ path: [...path, 'name'], message, code: 'key-twice' }] : [];
  });
}

/** Keys that are named exist, and zones that have rules of their own have their name. */
function policies(config: Config): readonly Finding[] {
  const { zones = [], access = {} } = config;
  return [
    ...unknownKeys(config, access.transfer, ['access', 'transfer']),
    ...zones.flatMap(({ origin, transfer, update, journal }, i): readonly Finding[] => {
      const path = ['zones', i];
      const message = 'a zone with rules of its own needs its origin here';
      const nameless = [{ path, message, code: 'origin-missing' }];
      return [
        ...((transfer ?? update ?? journal) !== undefined && !origin ? nameless : []),
        ...unknownKeys(config, transfer, [...path, 'transfer']),
        ...unknownKeys(config, update, [...path, 'update']),
      ];
    }),
  ];
}

/** A zone comes from one place. */
function secondaryZones(config: Config): readonly Finding[] {
  const { secondaries = [], zones = [] } = config;
  const own = new Set(zones.map(({ origin }) => origin?.key));
  return [
    ...repeated(secondaries, ({ zone }) => zone, ['secondaries']),
    ...secondaries.flatMap(
      ({ zone, primaries, transfer, update, notifyFrom }, i): readonly Finding[] => {
        const path = ['secondaries', i];
        const message = `${zone.toString()} is a zone with a file of its own as well`;
        const keys = primaries.flatMap(({ key }) => (key ? [{ key }] : []));
        return [
          ...(own.has(zone.key) ? [{ path, message, code: 'zone-twice' }] : []),
          ...unknownKeys(config, keys, [...path, 'primaries']),
          ...unknownKeys(config, transfer, [...path, 'transfer']),
          ...unknownKeys(config, update, [...path, 'update']),
          ...unknownKeys(config, notifyFrom, [...path, 'notify-from']),
        ];
      },
    ),
  ];
}

function unknownKeys(
  { keys = [] }: Config,
  permission: ConfigPermission | undefined,
  path: Finding['path'],
): readonly Finding[] {
  // A file tells its key's name only when it is read.
  if (keys.some(({ name }) => !name)) return [];
  return (permission ?? []).flatMap((one, i): Finding[] => {
    if (!('key' in one) || keys.some(({ name }) => name?.equals(one.key) === true)) return [];
    const message = `there is no key ${one.key.toString()} in keys`;
    return [{ path: [...path, i], message, code: 'key-unknown' }];
  });
}

/** The same prefix on two lists: no longest prefix decides between them. */
function accessLists({ access = {} }: Config): readonly Finding[] {
  const { recursion = [], refuse = [], drop = [] } = access;
  const lists = Object.entries({ recursion, refuse, drop });
  const seen = new Map<string, string>();
  return lists.flatMap(([list, prefixes]) =>
    prefixes.flatMap((prefix, i): Finding[] => {
      const key = keyOfPrefix(prefix);
      const other = seen.get(key) ?? list;
      seen.set(key, other);
      if (other === list) return [];
      const message = `this prefix is on access.${other} as well: which of them is meant?`;
      return [{ path: ['access', list, i], message, code: 'two-lists' }];
    }),
  );
}

/** Equal for prefixes of the same addresses, whatever stands behind their length. */
function keyOfPrefix({ octets, bits }: AddressPrefix): string {
  const masked = octets.map((octet, i) => {
    const kept = Math.max(0, Math.min(8, bits - 8 * i));
    return octet & (0xff << (8 - kept));
  });
  return `${masked.join('.')}/${bits}`;
}

function configuredZones(config: Config): readonly Finding[] {
  const { stubs = [], forwards = [] } = config.resolver ?? {};
  const zoneOf = ({ zone }: StubZone): DnsName => zone;
  const forwarded = new Set(forwards.map(({ zone }) => zone.key));
  const mayAsk = createAddressFilter({
    allowLoopback: config.resolver?.allowLoopback ?? config.resolver?.rootHints !== undefined,
    addresses: [...(config.resolver?.doNotQuery ?? []), ...ownAddresses(config)],
  });
  return [
    ...stubs.flatMap((stub, i) => {
      const path = ['resolver', 'stubs', i];
      const isBoth = forwarded.has(stub.zone.key);
      const message = `${stub.zone.toString()} is a forward zone as well`;
      const twice = { path: [...path, 'zone'], message, code: 'zone-twice' };
      return [...serversOf(stub, path, mayAsk), ...(isBoth ? [twice] : [])];
    }),
    ...forwards.flatMap((zone, i) => serversOf(zone, ['resolver', 'forwards', i], mayAsk)),
    ...repeated(stubs, zoneOf, ['resolver', 'stubs']),
    ...repeated(forwards, zoneOf, ['resolver', 'forwards']),
  ];
}

/** Those that would make us ask ourselves. */
function ownAddresses({ listen = [], resolver }: Config): readonly string[] {
  const { upstreamPort = DNS_PORT } = resolver ?? {};
  return listen.filter(({ port }) => port === upstreamPort).map(({ address }) => address);
}

function serversOf(
  zone: StubZone | ForwardZone,
  path: Finding['path'],
  mayAsk: ReturnType<typeof createAddressFilter>,
): readonly Finding[] {
  const { addresses = [], port } = zone;
  const names = 'names' in zone ? (zone.names ?? []) : [];
  if (addresses.length + names.length === 0) {
    const message = `${zone.zone.toString()} has no servers: give its addresses`;
    return [{ path, message, code: 'no-servers' }];
  }
  // With a port of its own any address is meant, whatever it is.
  if (port !== undefined) return [];
  return addresses.flatMap((address, i): Finding[] => {
    const octets = addressToBytes(address);
    if (octets === undefined || mayAsk(octets) !== undefined) return [];
    const message = `${address} would never be asked: ${whyNot(octets, address)}`;
    return [{ path: [...path, 'addresses', i], message, code: 'never-asked' }];
  });
}

/** Why the address of a server that was named is not asked, and what helps. */
function whyNot(octets: Uint8Array, address: string): string {
  if (isWithin(address, LOOPBACK_PREFIXES)) {
    return 'for loopback addresses give the port, or resolver.allow-loopback';
  }
  return isServable(octets) === undefined
    ? 'no server has such an address'
    : 'this server listens there, or resolver.do-not-query forbids it; a port of its own helps';
}

const isServable = createAddressFilter({ allowLoopback: true, addresses: [] });

function repeated<Item>(
  items: readonly Item[],
  nameOf: (item: Item) => DnsName,
  path: Finding['path'],
): readonly Finding[] {
  const seen = new Set<string>();
  return items.flatMap((item, i): Finding[] => {
    const name = nameOf(item);
    if (!seen.has(name.key)) {
      seen.add(name.key);
      return [];
    }
    const message = `${name.toString()} stands in this list before`;
    return [{ path: [...path, i], message, code: 'zone-twice' }];
  });
}

/** A least above its most: of the one that is absent the default counts. */
function ranges({ cache = {} }: ConfigResolver): readonly Finding[] {
  return RANGES.flatMap(([least, most]): Finding[] => {
    const [low, high] = [cache[least] ?? cacheLimits[least], cache[most] ?? cacheLimits[most]];
    if (low <= high) return [];
    const given = kebabCase(cache[least] === undefined ? most : least);
    const message = `${kebabCase(least)} (${low}) is above ${kebabCase(most)} (${high})`;
    return [{ path: ['resolver', 'cache', given], message, code: 'empty-range' }];
  });
}

const RANGES = [
  ['ttlSecondsMin', 'ttlSeconds'],
  ['negativeTtlSecondsMin', 'negativeTtlSeconds'],
  ['failureSeconds', 'failureSecondsMax'],
] as const;
