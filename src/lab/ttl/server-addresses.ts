/**
 * Which address each server has: the one it was given, or what the zones say. A zone's NS set names
 * its servers; the server is the one whose node is called like the first label, or the only one.
 */

import { bytesToAddress } from '../../net/address.ts';
import { RRType } from '../../wire/iana.ts';
import type { DnsName } from '../../wire/name.ts';
import { namesIn } from '../../wire/rdata/rdata.ts';
import type { Zone } from '../../zone/zone.ts';

interface UnplacedServer {
  readonly name: string;
  readonly zones: readonly Zone[];
  readonly address: string | undefined;
}

export function addressesOfServers(
  servers: readonly UnplacedServer[],
  zones: readonly Zone[],
): ReadonlyMap<string, string> {
  const addresses = new Map<string, string>();
  for (const server of servers) {
    const address = server.address ?? addressInZones(server, servers, zones);
    if (address !== undefined) addresses.set(server.name, address);
  }
  return addresses;
}

function addressInZones(
  { name, zones: served }: UnplacedServer,
  servers: readonly UnplacedServer[],
  zones: readonly Zone[],
): string | undefined {
  for (const zone of served) {
    const targets = nameServersOf(zone);
    const isServed = ({ zones: theirs }: UnplacedServer): boolean =>
      theirs.some(({ origin }) => origin.equals(zone.origin));
    const others = servers.filter(isServed);
    const named = targets.find((target) => firstLabel(target) === name.toLowerCase());
    const target = named ?? (others.length === 1 ? targets[0] : undefined);
    const address = target && addressOf(target, zones);
    if (address !== undefined) return address;
  }
  return undefined;
}

function nameServersOf(zone: Zone): readonly DnsName[] {
  const rrset = zone.rrset(zone.origin, RRType.NS);
  return (rrset?.rdatas ?? []).flatMap((rdata) => namesIn(RRType.NS, rdata));
}

function firstLabel(name: DnsName): string {
  return name.toString().split('.')[0]!.toLowerCase();
}

function addressOf(name: DnsName, zones: readonly Zone[]): string | undefined {
  for (const zone of zones) {
    const [rdata] =
      zone.rrset(name, RRType.A)?.rdatas ?? zone.rrset(name, RRType.AAAA)?.rdatas ?? [];
    if (rdata) return bytesToAddress(rdata);
  }
  return undefined;
}
