/**
 * What an operator decides about names: who is asked for some of them, and which are answered here.
 * It may be replaced while the resolver runs: all of it at once, between two questions. What is
 * under way then ends as it began.
 */

import type { DnsName } from '../wire/name.ts';
import type { ResourceRecord } from '../wire/record.ts';
import { ConfiguredZones, type ForwardZone, type StubZone } from './configured-zones.ts';
import type { AddressFilter } from './do-not-query.ts';
import { LocalZones, type LocalZone } from './local-zones.ts';
import { specialUseZones } from './special-use.ts';

export interface NamePolicy {
  /** Zones whose servers are known here, and zones that others resolve for us. */
  readonly stubs?: readonly StubZone[];
  readonly forwards?: readonly ForwardZone[];
  /** Names that are answered here whatever the internet says. */
  readonly localZones?: readonly LocalZone[];
  readonly localData?: readonly ResourceRecord[];
  /** Default true: special-use names are answered here (RFC 6761 §5); `localhost` always is. */
  readonly specialUse?: boolean;
  /** Default true: reverse zones of private addresses are answered here (RFC 6303). */
  readonly privateReverse?: boolean;
}

/** The policy as it is asked of each name. */
export interface NameRules {
  readonly configured: ConfiguredZones;
  readonly local: LocalZones;
}

export function nameRules(policy: NamePolicy, mayAsk: AddressFilter): NameRules {
  const { stubs = [], forwards = [], localZones = [], localData = [] } = policy;
  const { specialUse = true, privateReverse = true } = policy;
  const configured = new ConfiguredZones({ stubs, forwards, mayAsk });
  const local = new LocalZones({
    zones: localZones,
    data: localData,
    builtIn: specialUseZones({ names: specialUse, privateReverse }),
    isDelegated: (name, zone) => configured.closest(name)?.zone.isSubdomainOf(zone) === true,
  });
  return { configured, local };
}

/** The zones that other servers are asked for under `after` than under `before`. */
export function zonesWithOtherServers(before: NamePolicy, after: NamePolicy): readonly DnsName[] {
  const [old, now] = [zonesByText(before), zonesByText(after)];
  return [
    ...[...old].filter(([text]) => !now.has(text)),
    ...[...now].filter(([text]) => !old.has(text)),
  ].map(([, zone]) => zone);
}

/** By a text that is the same for zones that are asked for alike. */
function zonesByText({ stubs = [], forwards = [] }: NamePolicy): ReadonlyMap<string, DnsName> {
  const textOf = (kind: string, { zone, ...servers }: StubZone): string => {
    const names = servers.names?.map(({ key }) => key);
    const { addresses, port, first, isCached } = servers;
    const tcp = 'tcp' in servers && servers.tcp;
    return JSON.stringify([kind, zone.key, names, addresses, port, first, isCached, tcp]);
  };
  return new Map([
    ...stubs.map((stub) => [textOf('stub', stub), stub.zone] as const),
    ...forwards.map((forward) => [textOf('forward', forward), forward.zone] as const),
  ]);
}
