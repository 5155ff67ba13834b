/**
 * The resolver's memory: four bounded stores with separate quotas. Nothing here reads packets or
 * judges where data came from; what is put in has passed the resolver's bailiwick check.
 */

import type { Clock } from '../net/ports.ts';
import { DelegationCache } from './delegation-cache.ts';
import type { StoreStatistics } from './expiring-store.ts';
import { FailureCache } from './failure-cache.ts';
import { cacheLimits, type CacheLimits } from './limits.ts';
import { NegativeCache } from './negative-cache.ts';
import { RecordCache } from './record-cache.ts';

export interface Cache {
  readonly records: RecordCache;
  readonly negatives: NegativeCache;
  readonly failures: FailureCache;
  readonly delegations: DelegationCache;
}

export function createCache(clock: Clock, limits: Partial<CacheLimits> = {}): Cache {
  const all = { ...cacheLimits, ...limits };
  return {
    records: new RecordCache(clock, all),
    negatives: new NegativeCache(clock, all),
    failures: new FailureCache(clock, all),
    delegations: new DelegationCache(clock, all),
  };
}

export type CacheStatistics = Readonly<Record<keyof Cache, StoreStatistics>>;

export function cacheStatistics(cache: Cache): CacheStatistics {
  return {
    records: cache.records.statistics,
    negatives: cache.negatives.statistics,
    failures: cache.failures.statistics,
    delegations: cache.delegations.statistics,
  };
}
