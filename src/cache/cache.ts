/**
 * The resolver's memory: four bounded stores with separate quotas. Nothing here reads packets or
 * judges where data came from; what is put in has passed the resolver's bailiwick check.
 */

import type { Clock, Random } from '../net/ports.ts';
import type { DnsName } from '../wire/name.ts';
import { NameHash } from '../wire/name-hash.ts';
import { DelegationCache } from './delegation-cache.ts';
import type { StoreStatistics } from './expiring-store.ts';
import { FailureCache } from './failure-cache.ts';
import { cacheLimits, type CacheLimits } from './limits.ts';
import { NegativeCache } from './negative-cache.ts';
import { OctetStore } from './octet-store.ts';
import { RecordCache } from './record-cache.ts';

export interface Cache {
  readonly records: RecordCache;
  readonly negatives: NegativeCache;
  readonly failures: FailureCache;
  readonly delegations: DelegationCache;
  /**
   * Where NXDOMAIN covers the names below (RFC 8020): above how many labels it does not, since
   * somebody else answers there. Absent: it covers its own name alone.
   */
  readonly cutsBelow?: CutsBelow;
}

type CutsBelow = (name: DnsName) => number;

export interface CacheExtras {
  /** How long data stay when they are over, for the time when their servers fail. Default 0. */
  readonly staleSeconds?: number;
  readonly cutsBelow?: CutsBelow | undefined;
  /** What strangers must not know: makes names fall where they cannot tell. Default: known. */
  readonly random?: Pick<Random, 'below'>;
}

export function createCache(
  clock: Clock,
  limits: Partial<CacheLimits> = {},
  { staleSeconds = 0, cutsBelow, random }: CacheExtras = {},
): Cache {
  const all = { ...cacheLimits, ...limits };
  const word = (): number => random?.below(2 ** 32) ?? 0;
  const shared = { clock, staleMs: staleSeconds * 1000, hash: new NameHash(word(), word()) };
  const records = new OctetStore({ ...shared, maxOctets: all.recordOctets });
  const negatives = new OctetStore({ ...shared, maxOctets: all.negativeOctets });
  return {
    ...(cutsBelow && { cutsBelow }),
    records: new RecordCache(records, all),
    negatives: new NegativeCache(negatives, all),
    failures: new FailureCache(clock, all),
    delegations: new DelegationCache(clock, all),
  };
}

type StoreName = 'records' | 'negatives' | 'failures' | 'delegations';

export type CacheStatistics = Readonly<Record<StoreName, StoreStatistics>>;

export function cacheStatistics(cache: Cache): CacheStatistics {
  return {
    records: cache.records.statistics,
    negatives: cache.negatives.statistics,
    failures: cache.failures.statistics,
    delegations: cache.delegations.statistics,
  };
}
