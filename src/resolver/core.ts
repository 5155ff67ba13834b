/** What all parts of one resolver share, and what one of its tasks carries about. */

import type { Cancellation } from '../net/cancellation.ts';
import type { Cache } from '../cache/cache.ts';
import type { Logger } from '../net/logger.ts';
import type { ConnectionPool } from '../client/connection-pool.ts';
import type { Runtime } from '../net/ports.ts';
import type { Story } from '../query/story.ts';
import type { Budget } from './budget.ts';
import type { ConfiguredZones } from './configured-zones.ts';
import type { AddressFilter } from './do-not-query.ts';
import type { ResolverLimits } from './limits.ts';
import type { ChildNames, ChildNameServers } from './child-names.ts';
import type { Interiors } from './interiors.ts';
import type { LocalZones } from './local-zones.ts';
import type { Lookup, Lookups } from './lookups.ts';
import type { QnameMinimisation } from './minimise.ts';
import type { MinimisedSteps } from './minimised-steps.ts';
import type { CutRule } from './own-word.ts';
import type { PrivateAddressesOptions } from './private-addresses.ts';
import type { RootServers } from './root-servers.ts';
import type { ServerTable } from './servers.ts';

export interface Core {
  readonly runtime: Runtime;
  readonly cache: Cache;
  readonly servers: ServerTable;
  readonly connections: ConnectionPool;
  readonly lookups: Lookups;
  readonly minimisation: QnameMinimisation;
  readonly minimisedSteps: MinimisedSteps;
  readonly interiors: Interiors;
  readonly childNameServers: ChildNameServers;
  readonly cutRule: CutRule;
  readonly childNames: ChildNames;
  readonly limits: ResolverLimits;
  readonly logger: Logger;
  readonly counters: Counters;
  readonly root: RootServers;
  /** Stub and forward zones. This and `local` are replaced together (`name-policy.ts`). */
  configured: ConfiguredZones;
  /** Names that are answered here. */
  local: LocalZones;
  readonly privateAddresses: PrivateAddressesOptions;
  readonly mayAsk: AddressFilter;
  /** The port of every server: 53, but for test networks. */
  readonly upstreamPort: number;
  readonly useIPv6: boolean;
  readonly randomCase: boolean;
  readonly cookies: boolean;
  readonly upstreamTransport: 'udp' | 'tcp';
}

/** Whoever wants a lookup: a client query, or a lookup that needs the address of a name server. */
export interface Caller {
  readonly budget: Budget;
  /** 0 for a client's question, one more for each NS address that another lookup needs. */
  readonly depth: number;
  /** Ends when the caller waits no more. */
  readonly signal: Cancellation;
  /** The lookup that waits, if one does; for finding circles. */
  readonly waiter?: Lookup;
  /** Zone cuts that are over by then are not used: what is refreshed is asked of new servers. */
  readonly cutsBeyondMs?: number | undefined;
  /** Who wants to know what happens; as a rule nobody. */
  readonly story: Story | undefined;
}

/** A lookup at work: as a caller, it waits for others under its own name. */
export type Task = Caller & { readonly waiter: Lookup };

/** The task as the caller of lookups for the addresses that it needs. */
export function asCaller(task: Task, changes: Partial<Pick<Task, 'depth' | 'story'>>): Task {
  const { budget, depth, signal, waiter, cutsBeyondMs, story } = task;
  return { budget, depth, signal, waiter, cutsBeyondMs, story, ...changes };
}

/** Everything since the start. */
export interface Counters {
  queries: number;
  /** Answered out of the cache, failures included. */
  cacheHits: number;
  /** Lookups that went to servers, and those that joined one under way. */
  lookups: number;
  joined: number;
  sends: number;
  tcpSends: number;
  replies: number;
  timeouts: number;
  referrals: number;
  lame: number;
  /** Exchanges that went on over TCP since somebody sent wrong ids. */
  wrongIds: number;
  /** And since letter case or cookie was not ours. */
  doubts: number;
  /** Replies thrown away since they did not match. */
  ignored: number;
  failures: number;
  /** Look-ups that no client waited for. */
  refreshes: number;
  /** Answers out of data that were over. */
  staleAnswers: number;
  /** Refused since too many were under way. */
  overloads: number;
}

export function zeroCounters(): Counters {
  return {
    queries: 0,
    cacheHits: 0,
    lookups: 0,
    joined: 0,
    sends: 0,
    tcpSends: 0,
    replies: 0,
    timeouts: 0,
    referrals: 0,
    lame: 0,
    wrongIds: 0,
    doubts: 0,
    ignored: 0,
    failures: 0,
    refreshes: 0,
    staleAnswers: 0,
    overloads: 0,
  };
}
