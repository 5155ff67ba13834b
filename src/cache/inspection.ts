/**
 * Looking into the cache and taking things out of it, for the operator: entries of all stores in
 * one form, and flushing by name and type. Nothing here counts as a use of an entry.
 */

import type { DnsName } from '../wire/name.ts';
import type { RRset } from '../wire/record.ts';
import type { Cache } from './cache.ts';
import type { Delegation } from './delegation-cache.ts';
import { partsOfKey } from './key.ts';

export type CacheEntry =
  | ({ readonly kind: 'records' } & CachedRecords)
  | ({ readonly kind: 'negative' } & CachedNegative)
  | ({ readonly kind: 'failure' } & CachedFailureOf)
  | { readonly kind: 'delegation'; readonly delegation: Delegation };

/** TTLs in here are those that are left: of what is stale, 0. */
export interface CachedRecords {
  readonly rrset: RRset;
  readonly credibility: number;
  /** Milliseconds of the monotonic clock; in the past when it is stale. */
  readonly expiresAtMs: number;
}

export interface CachedNegative {
  readonly name: DnsName;
  /** Undefined: the name does not exist. */
  readonly type: number | undefined;
  readonly rcode: number;
  readonly soa: RRset;
  readonly expiresAtMs: number;
}

export interface CachedFailureOf {
  readonly name: DnsName;
  readonly type: number;
  readonly text: string;
  readonly expiresAtMs: number;
}

/** Everything that is live, or stale and still there. */
export function* entriesOf(cache: Cache): Generator<CacheEntry, void, undefined> {
  for (const entry of cache.delegations.entries()) yield { kind: 'delegation', delegation: entry };
  for (const entry of cache.records.inspect()) yield { kind: 'records', ...entry };
  for (const entry of cache.negatives.inspect()) yield { kind: 'negative', ...entry };
  for (const entry of cache.failures.inspect()) yield { kind: 'failure', ...entry };
}

/** Whose entry it is. */
export function ownerOf(entry: CacheEntry): DnsName {
  switch (entry.kind) {
    case 'records':
      return entry.rrset.name;
    case 'delegation':
      return entry.delegation.zone;
    case 'negative':
    case 'failure':
      return entry.name;
  }
}

/** What is to go: a name, everything at and below it, or one type of it. */
export interface FlushScope {
  readonly name: DnsName;
  readonly scope: 'name' | 'subtree' | 'type';
  /** Of scope 'type'. */
  readonly type?: number;
}

/** Returns how many entries are gone. */
export function flush(cache: Cache, { name, scope, type }: FlushScope): number {
  const isMeant = (owner: DnsName, ownType: number): boolean => {
    if (scope === 'subtree') return owner.isSubdomainOf(name);
    return owner.equals(name) && (scope === 'name' || ownType === type);
  };
  // NXDOMAIN denies each type, so it goes with any.
  const isDenied = (owner: DnsName, ownType: number): boolean =>
    isMeant(owner, ownType) || (scope === 'type' && ownType === 0 && owner.equals(name));
  const isKeyMeant = (key: string): boolean => {
    const entry = partsOfKey(key);
    return isMeant(entry.name, entry.type);
  };
  const { records, negatives, failures, delegations } = cache;
  const gone = records.deleteWhere(isMeant) + negatives.deleteWhere(isDenied);
  return gone + failures.deleteWhere(isKeyMeant) + delegations.deleteWhere(isKeyMeant);
}
