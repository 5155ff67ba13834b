/**
 * Parent and child both say who serves a zone, and for how long (RFC 9199 §3.6: most resolvers
 * follow the child, some the parent). Ours asks the servers that the parent names, for the shorter
 * of the two times. The other two ways exist to be compared with it (docs/lab): a resolver that
 * follows the parent alone, and one that follows the child once it has heard it, which lets a zone
 * live on for a while after its parent has withdrawn it.
 */

import type { Delegation, NameServer } from '../cache/delegation-cache.ts';
import { secondsLeft } from '../cache/ttl.ts';
import { bytesToAddress } from '../net/address.ts';
import { DnsClass, RRType } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import { isWellFormed, namesIn } from '../wire/rdata/rdata.ts';
import type { Question } from '../wire/record.ts';
import { ownNsTtl } from './child-names.ts';
import type { Core } from './core.ts';
import { childNameLimits } from './limits.ts';
import type { Found } from './result.ts';

export type CutRule = 'shorter' | 'parent' | 'child';

/** Takes what an authoritative reply of one of the zone's servers says of the zone's servers. */
export function heedZone(core: Core, message: Message, delegation: Delegation): void {
  const { cutRule, childNames, cache } = core;
  const { zone } = delegation;
  childNames.addFrom(message, delegation);
  const ownTtl = ownNsTtl(message, zone);
  if (ownTtl === undefined || cutRule === 'parent') return;
  if (cutRule === 'shorter') {
    cache.delegations.shorten(zone, ownTtl);
    return;
  }
  const nameServers = namedByZone(message, delegation);
  if (nameServers.length > 0) {
    cache.delegations.replace({ zone, nameServers, ttlSeconds: ownTtl });
  }
}

function namedByZone(message: Message, { zone, nameServers }: Delegation): readonly NameServer[] {
  const named = message.authorities.filter(
    ({ name, type, class: dnsClass, rdata }) =>
      type === RRType.NS &&
      dnsClass === DnsClass.IN &&
      name.equals(zone) &&
      isWellFormed(type, rdata),
  );
  return named.slice(0, childNameLimits.names).map(({ rdata }): NameServer => {
    const name = namesIn(RRType.NS, rdata)[0]!;
    const glue = message.additionals.flatMap((record) =>
      record.type === RRType.A && record.name.equals(name) && name.isSubdomainOf(zone)
        ? [bytesToAddress(record.rdata)]
        : [],
    );
    const known = nameServers.find((server) => server.name.equals(name))?.addresses ?? [];
    return { name, addresses: glue.length > 0 ? glue : known };
  });
}

/** The parent's own NS set as an answer, where the parent's word is all that counts. */
export function parentsWord(
  core: Core,
  { name, type }: Question,
  { zone, nameServers, expiresAtMs }: Delegation,
): Found | undefined {
  if (core.cutRule !== 'parent' || type !== RRType.NS || !zone.equals(name)) return undefined;
  if (expiresAtMs === Infinity) return undefined;
  const ttl = secondsLeft(expiresAtMs, core.runtime.clock.monotonic());
  const rdatas = nameServers.map((server) => server.name.wire);
  const rrsets = [{ name: zone, type, class: DnsClass.IN, ttl, rdatas }];
  return { kind: 'found', aliases: [], name: zone, end: { kind: 'data', rrsets } };
}
