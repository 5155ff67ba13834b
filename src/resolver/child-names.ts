/**
 * NS names that a zone gives itself and its parent does not: kept from answers of its servers, for
 * when all servers that the parent names have failed. Names alone; their addresses are looked up
 * like any other.
 *
 * Such an NS set comes unasked, which is how forgers take over zones. So it counts only from a
 * reply that nobody off the path can have written ('proven'), unless configured otherwise. And it
 * is forgotten with the delegation that it stood beside: a zone that its parent has withdrawn
 * cannot keep itself alive, though RFC 2181 §5.4.1 ranks its word above the parent's.
 */

import type { Delegation } from '../cache/delegation-cache.ts';
import { ownName } from '../cache/packed-rrset.ts';
import type { Clock } from '../net/ports.ts';
import { DnsClass, RRType } from '../wire/iana.ts';
import type { Message } from '../wire/message.ts';
import type { DnsName } from '../wire/name.ts';
import { isWellFormed, namesIn } from '../wire/rdata/rdata.ts';
import { childNameLimits } from './limits.ts';

export type ChildNameServers = 'never' | 'proven' | 'any';

interface Entry {
  readonly names: readonly DnsName[];
  readonly expiresAtMs: number;
}

/** The TTL that the zone gives its own NS set beside an answer, if it stands there. */
export function ownNsTtl(message: Message, zone: DnsName): number | undefined {
  const ttls = message.authorities.flatMap(({ name, type, class: dnsClass, ttl }) =>
    type === RRType.NS && dnsClass === DnsClass.IN && name.equals(zone) ? [ttl] : [],
  );
  return ttls.length === 0 ? undefined : Math.min(...ttls);
}

export class ChildNames {
  readonly #clock: Clock;
  /** By the key of the zone, the last added last. */
  readonly #entries = new Map<string, Entry>();

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get(zone: DnsName): readonly DnsName[] {
    const entry = this.#entries.get(zone.key);
    return entry !== undefined && this.#clock.monotonic() < entry.expiresAtMs ? entry.names : [];
  }

  /** Takes what stands beside an authoritative answer of one of the delegation's servers. */
  addFrom(message: Message, { zone, nameServers, expiresAtMs }: Delegation): void {
    // What is configured has no parent that could withdraw it.
    if (expiresAtMs === Infinity) return;
    const names: DnsName[] = [];
    for (const { name, type, class: dnsClass, rdata } of message.authorities) {
      if (type !== RRType.NS || dnsClass !== DnsClass.IN || !name.equals(zone)) continue;
      if (names.length === childNameLimits.names || !isWellFormed(type, rdata)) continue;
      const target = namesIn(RRType.NS, rdata)[0]!;
      if (!nameServers.some((server) => server.name.equals(target))) names.push(ownName(target));
    }
    if (names.length === 0) return;
    this.#entries.delete(zone.key);
    this.#entries.set(zone.key, { names, expiresAtMs });
    if (this.#entries.size <= childNameLimits.zones) return;
    for (const oldest of this.#entries.keys()) {
      this.#entries.delete(oldest);
      return;
    }
  }
}
