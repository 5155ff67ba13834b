/**
 * A running name server whose zones change: what answers (`system.ts`) and who looks after the
 * zones (`src/authority/keeper.ts`), on one set of zones, in one thread.
 */

import { Keeper, type KeeperOptions } from '../authority/keeper.ts';
import { PolicyTable, type ZonePolicies } from '../authority/policy.ts';
import { ZoneSet } from '../authority/zone-set.ts';
import type { Zone } from '../zone/zone.ts';
import { startSystem, type System, type SystemOptions } from './system.ts';

export interface KeptSystemOptions
  extends
    Omit<SystemOptions, 'upkeep' | 'zones' | 'policies'>,
    Omit<KeeperOptions, 'zones' | 'policies'> {
  readonly zones: readonly Zone[] | ZoneSet;
  readonly policies: ZonePolicies | PolicyTable;
}

export interface KeptSystem {
  readonly system: System;
  readonly keeper: Keeper;
  /** Drains, closes everything, and waits until what is under way is on disk. */
  close(): Promise<void>;
}

/**
 * Tells secondaries of all versions once it listens. Rejects with `StorageError` when a journal
 * cannot be read, with `BindError` when an endpoint cannot be opened; nothing is left running then.
 */
export async function startKeptSystem(options: KeptSystemOptions): Promise<KeptSystem> {
  const zones = ZoneSet.of(options.zones);
  const policies = PolicyTable.of(options.policies);
  const keeper = await Keeper.open({ ...options, zones, policies });
  let system: System;
  try {
    system = await startSystem({ ...options, zones, policies, upkeep: keeper });
  } catch (error) {
    await keeper.close();
    throw error;
  }
  keeper.announce();
  return {
    system,
    keeper,
    async close() {
      await system.close();
      await keeper.close();
    },
  };
}
