/** A zone's name servers with the addresses that the zone gives them, and the sets of a move. */

import { bytesToAddress } from '../../net/address.ts';
import { DnsClass, RRType } from '../../wire/iana.ts';
import type { DnsName } from '../../wire/name.ts';
import { namesIn } from '../../wire/rdata/rdata.ts';
import type { RRset } from '../../wire/record.ts';
import type { Zone } from '../../zone/zone.ts';

export interface ZoneServer {
  readonly name: DnsName;
  /** IPv4; empty when its name is in another zone. */
  readonly addresses: readonly string[];
}

export function serversOf(zone: Zone): readonly ZoneServer[] {
  const names = (zone.rrset(zone.origin, RRType.NS)?.rdatas ?? []).flatMap((rdata) =>
    namesIn(RRType.NS, rdata),
  );
  return names.map((name) => {
    const rdatas = zone.rrset(name, RRType.A)?.rdatas ?? [];
    return { name, addresses: rdatas.map(bytesToAddress) };
  });
}

/** Each name once, with all addresses that either has for it. */
export function allServers(
  some: readonly ZoneServer[],
  others: readonly ZoneServer[],
): readonly ZoneServer[] {
  const all = new Map(some.map((server) => [server.name.key, server]));
  for (const { name, addresses } of others) {
    const known = all.get(name.key)?.addresses ?? [];
    all.set(name.key, { name, addresses: [...new Set([...known, ...addresses])] });
  }
  return [...all.values()];
}

/** The NS sets of two versions of a zone as one, and the addresses of all servers within it. */
export function unionRRsets(before: Zone, after: Zone, ttl: number): readonly RRset[] {
  const owners = [before.origin, ...allServers(serversOf(before), serversOf(after)).map(nameOf)];
  const types = [RRType.NS, RRType.A, RRType.AAAA];
  return owners.flatMap((name, index) =>
    types
      .filter((type) => (type === RRType.NS) === (index === 0))
      .flatMap((type): readonly RRset[] => {
        const sets = [before, after].flatMap((zone) => zone.rrset(name, type)?.rdatas ?? []);
        const rdatas = [...new Map(sets.map((rdata) => [rdata.join(), rdata])).values()];
        return rdatas.length === 0 ? [] : [{ name, type, class: DnsClass.IN, ttl, rdatas }];
      }),
  );
}

function nameOf({ name }: ZoneServer): DnsName {
  return name;
}
