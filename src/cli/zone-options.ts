/** What a configuration says of single zones: who may take or change them, what is kept of them. */

import type { JournaledZone, SecondaryZone } from '../authority/keeper.ts';
import type { NotifyTargets } from '../authority/notifier.ts';
import type { Permission, PolicyTable, ZonePolicies, ZonePolicy } from '../authority/policy.ts';
import type { TsigKey } from '../tsig/key.ts';
import type { DnsName } from '../wire/name.ts';
import type { Config, ConfigPermission, ConfigZone } from './config/config.ts';
import { CommandError } from './failure.ts';

export function zonePolicies({ access, zones = [], secondaries = [] }: Config): ZonePolicies {
  const others = policyOf(access ?? {});
  const taken = secondaries.map((one) => [one.zone, policyOf(one)] as const);
  const own = zones.flatMap((zone): (readonly [DnsName, ZonePolicy])[] =>
    zone.origin ? [[zone.origin, policyOf(zone)]] : [],
  );
  return { others, zones: [...own, ...taken] };
}

interface Permissions {
  readonly transfer?: ConfigPermission;
  readonly update?: ConfigPermission;
  readonly notifyFrom?: ConfigPermission;
}

function policyOf({ transfer, update, notifyFrom }: Permissions): ZonePolicy {
  return {
    ...(transfer && { transfer: permissionOf(transfer) }),
    ...(update && { update: permissionOf(update) }),
    ...(notifyFrom && { notify: permissionOf(notifyFrom) }),
  };
}

function permissionOf(items: ConfigPermission): Permission {
  return {
    prefixes: items.flatMap((item) => ('key' in item ? [] : [item])),
    keys: items.flatMap((item) => ('key' in item ? [item.key] : [])),
  };
}

/** Zones whose changes are kept: those that may be updated, and those with a `journal`. */
export function journaledZones({ zones = [] }: Config): readonly JournaledZone[] {
  return zones.flatMap((zone) => {
    const journal = journalOf(zone);
    return zone.origin && journal !== undefined ? [{ origin: zone.origin, journal }] : [];
  });
}

function journalOf({ file, update, journal }: ConfigZone): string | undefined {
  return journal ?? (update && `${file}.journal`);
}

/** Zones that come from elsewhere; `keys` are those of the configuration. */
export function secondaryZones(
  { secondaries = [] }: Config,
  keys: readonly TsigKey[],
): readonly SecondaryZone[] {
  return secondaries.map(({ zone: origin, primaries, file }) => ({
    origin,
    file,
    primaries: primaries.map(({ server, key: name }) => {
      const key = name && keys.find((one) => one.name.equals(name));
      // The one that is named in a file of its own is known only now.
      if (name && !key) throw new CommandError(`there is no key ${name.toString()} in keys`);
      return { server, key };
    }),
  }));
}

/**
 * Who is told of new versions: nobody of zones that nobody may take, unless it is said. Secondaries
 * in a chain tell those behind them.
 */
export function notifyTargets(
  config: Config,
  policies: Pick<PolicyTable, 'for'>,
): (origin: DnsName) => NotifyTargets | undefined {
  const { zones = [], secondaries = [] } = config;
  const said = new Map<string, Pick<ConfigZone, 'notify' | 'alsoNotify'>>([
    ...zones.flatMap((zone) => (zone.origin ? [[zone.origin.key, zone] as const] : [])),
    ...secondaries.map((zone) => [zone.zone.key, zone] as const),
  ]);
  return (origin) => {
    const { notify, alsoNotify = [] } = said.get(origin.key) ?? {};
    const isTaken = policies.for(origin).transfer !== undefined || alsoNotify.length > 0;
    return (notify ?? isTaken) ? { also: alsoNotify } : undefined;
  };
}
