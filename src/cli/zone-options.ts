/** What a configuration says of single zones: who may take or change them, what is kept of them. */

import type { JournaledZone } from '../authority/keeper.ts';
import type { Permission, ZonePolicies, ZonePolicy } from '../authority/policy.ts';
import type { DnsName } from '../wire/name.ts';
import type { Config, ConfigPermission, ConfigZone } from './config/config.ts';

export function zonePolicies({ access, zones = [] }: Config): ZonePolicies {
  const others = policyOf(access ?? {});
  const own = zones.flatMap((zone): (readonly [DnsName, ZonePolicy])[] =>
    zone.origin ? [[zone.origin, policyOf(zone)]] : [],
  );
  return { others, zones: own };
}

function policyOf({
  transfer,
  update,
}: {
  readonly transfer?: ConfigPermission;
  readonly update?: ConfigPermission;
}): ZonePolicy {
  return {
    ...(transfer && { transfer: permissionOf(transfer) }),
    ...(update && { update: permissionOf(update) }),
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
