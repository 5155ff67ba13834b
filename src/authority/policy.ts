/** Who may take a zone, change it, or tell us of a new version: nobody, unless it is said. */

import { isWithin, type AddressPrefix } from '../query/address-prefix.ts';
import type { DnsName } from '../wire/name.ts';

/** Any of these will do. */
export interface Permission {
  readonly prefixes: readonly AddressPrefix[];
  /** Names of keys (RFC 8945): whoever signs with one, from wherever. */
  readonly keys: readonly DnsName[];
}

/** Whoever asks for something. */
export interface Asker {
  readonly address: string;
  /** The key of a signature that was found good. */
  readonly key?: DnsName | undefined;
}

export interface ZonePolicy {
  /** Who may take the zone, whole (AXFR) or what has changed (IXFR). */
  readonly transfer?: Permission | undefined;
  /** Who may change it (RFC 2136). */
  readonly update?: Permission | undefined;
  /** Who may say that there is a newer version (RFC 1996), beside the primaries. */
  readonly notify?: Permission | undefined;
}

/** What holds for which zone. */
export interface ZonePolicies {
  /** For zones that have none of their own. */
  readonly others?: ZonePolicy;
  readonly zones?: readonly (readonly [origin: DnsName, policy: ZonePolicy])[];
}

/** Policies by the origins of zones; all of them are replaced at once. */
export class PolicyTable {
  #others: ZonePolicy = {};
  #zones: ReadonlyMap<string, ZonePolicy> = new Map();

  /** A table as it is, or a new one. */
  static of(policies: ZonePolicies | PolicyTable = {}): PolicyTable {
    return policies instanceof PolicyTable ? policies : new PolicyTable(policies);
  }

  constructor(policies: ZonePolicies = {}) {
    this.replace(policies);
  }

  replace({ others = {}, zones = [] }: ZonePolicies): void {
    this.#others = others;
    this.#zones = new Map(zones.map(([origin, policy]) => [origin.key, policy]));
  }

  /** What a zone's own policy leaves out, that of the others says. */
  for(origin: DnsName): ZonePolicy {
    const own = this.#zones.get(origin.key);
    return own ? { ...this.#others, ...own } : this.#others;
  }
}

export function permits(permission: Permission | undefined, { address, key }: Asker): boolean {
  if (!permission) return false;
  const isKnown = key !== undefined && permission.keys.some((known) => known.equals(key));
  return isKnown || isWithin(address, permission.prefixes);
}
