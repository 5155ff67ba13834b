/**
 * Zones whose servers the operator names: stubs, which are asked as authorities in place of those
 * that the parent names, and forwards, which are asked to resolve for us (RD set). The longest
 * match wins.
 *
 *     question ─► longest match ─┬─ forward ─► its servers, for everything below
 *                                ├─ stub ────► its servers, or a cut below that they granted
 *                                └─ none ────► the closest cut that is known, else the root
 *
 * Neither is trusted further than its zone: what they say about other names is not even read
 * (`relevant.ts`), a referral from a forwarder is rejected (`classify.ts`), and an alias that leads
 * out of the zone is followed by a lookup of its own. Our own addresses are not asked, unless a
 * port is named; a circle, through other resolvers too, ends where the same question is under way.
 */

import type { ConfiguredServers, Delegation } from '../cache/delegation-cache.ts';
import { addressToBytes } from '../net/address.ts';
import type { DnsName } from '../wire/name.ts';
import { createAddressFilter, type AddressFilter } from './do-not-query.ts';

export interface StubZone {
  readonly zone: DnsName;
  readonly addresses?: readonly string[];
  /** Name servers without addresses: looked up when they are needed. */
  readonly names?: readonly DnsName[];
  /** Default: as for all servers. With a port of its own, loopback and our addresses are asked. */
  readonly port?: number;
  /** Default false: when all of them fail, walk from the root as if there were no such zone. */
  readonly first?: boolean;
  /** Default true. False: every question is asked anew. */
  readonly isCached?: boolean;
}

export interface ForwardZone extends Omit<StubZone, 'names'> {
  readonly addresses: readonly string[];
  /** Default false: UDP, and TCP for what does not fit. */
  readonly tcp?: boolean;
}

export interface ConfiguredZonesOptions {
  readonly stubs: readonly StubZone[];
  readonly forwards: readonly ForwardZone[];
  readonly mayAsk: AddressFilter;
}

/** What an operator may mean by an address and a port. */
const isPossible: AddressFilter = createAddressFilter({ allowLoopback: true, addresses: [] });

export class ConfiguredZones {
  readonly #byZone = new Map<string, Delegation>();
  /** The most labels of a zone here: nothing is looked for below. */
  #labels = -1;

  constructor({ stubs, forwards, mayAsk }: ConfiguredZonesOptions) {
    for (const stub of stubs) this.#add(stub, { kind: 'stub', tcp: false }, mayAsk);
    for (const forward of forwards) {
      const { tcp = false } = forward;
      this.#add(forward, { kind: 'forward', tcp }, mayAsk);
    }
  }

  /** The deepest of these zones at or above `name` with at most so many labels. */
  closest(name: DnsName, labelsMax: number = Infinity): Delegation | undefined {
    for (let labels = Math.min(name.labelCount, this.#labels, labelsMax); labels >= 0; labels--) {
      const found = this.#byZone.get(name.ancestor(labels).key);
      if (found) return found;
    }
    return undefined;
  }

  /** Of the deepest zone at or above `name`: what others know of names above says nothing here. */
  labelsAbove(name: DnsName): number {
    return this.closest(name)?.zone.labelCount ?? 0;
  }

  #add(
    { zone, addresses = [], names = [], port, first = false, isCached = true }: StubZone,
    servers: Pick<ConfiguredServers, 'kind' | 'tcp'>,
    mayAsk: AddressFilter,
  ): void {
    const usable = addresses.flatMap((text) => {
      const octets = addressToBytes(text);
      return (octets && (port === undefined ? mayAsk : isPossible)(octets)) ?? [];
    });
    const nameServers = names.map((name) => ({ name, addresses: [] as readonly string[] }));
    // The name is for people: addresses of configuration have none.
    if (usable.length > 0) nameServers.unshift({ name: zone, addresses: usable });
    const configured = { ...servers, first, isCached, ...(port !== undefined && { port }) };
    this.#byZone.set(zone.key, { zone, nameServers, expiresAtMs: Infinity, configured });
    this.#labels = Math.max(this.#labels, zone.labelCount);
  }
}
