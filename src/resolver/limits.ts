/**
 * What one client query, and all of them together, may make the resolver do. Each limit is checked
 * inside the primitive that spends it; those "per query" are counted on one budget that is carried
 * into every sub-task and that nothing resets (`budget.ts`).
 */

export interface ResolverLimits {
  /** Per query: datagrams and TCP connections to servers. Below the 200 of Unbound and BIND. */
  readonly sends: number;
  /** Per query and zone asked: so one dead zone cannot use up everything. */
  readonly sendsPerStep: number;
  /** Per query: octets received. Replies of many records are the cheapest amplifier. */
  readonly receivedOctets: number;
  /** Per query, absolute. Clients give up after 5 s or so, and ask again. */
  readonly queryMs: number;
  /** NS addresses that need NS addresses that need …: BIND's depth. */
  readonly depth: number;
  /** From here on only one NS name of a delegation is resolved. */
  readonly narrowDepth: number;
  /** Per question: labels bound the walk of honest zones to far less. */
  readonly referrals: number;
  /**
   * Questions for parts of a name, for one question (RFC 9156 §2.3); the first so many of them add
   * one label each. And per query: a long chain of aliases of many labels must not multiply them.
   */
  readonly minimisedSteps: number;
  readonly oneLabelSteps: number;
  readonly minimisedStepsPerQuery: number;
  /**
   * Errors and silences with which a question for part of a name is given up: the whole name may
   * still be answered, within the same time.
   */
  readonly minimisedFailures: number;
  /** CNAME and DNAME steps of one answer, in one packet or in many. */
  readonly aliases: number;
  /** Kept of one NS set, drawn at random. No honest zone has more. */
  readonly nameServers: number;
  /** Kept of one NS name's glue, of both families. */
  readonly addressesPerName: number;
  /** Distinct addresses asked for one zone in one step (self-pointed glue). */
  readonly addressesPerStep: number;
  /** NS names without address that are resolved: for one delegation, and per query (NXNS). */
  readonly nsNamesPerDelegation: number;
  readonly nsNames: number;
  /** Per query: NS names that turn out not to exist, before no more are tried. */
  readonly nsNxdomains: number;
  /** Times one address is asked the same question when it stays silent, having answered before. */
  readonly triesPerAddress: number;
  /**
   * The same for one that never answered, or not of late: so few that the verdict comes before the
   * query's deadline, and can be remembered.
   */
  readonly triesUnproven: number;
  /** Servers known as lame that are asked when a zone has no other. */
  readonly lameTries: number;
  /** Replies with nothing in them at all after each of which another server is asked. */
  readonly emptyReplies: number;
  /** Client queries that wait at once, and so many of one client (`recursions.ts`). */
  readonly recursions: number;
  readonly recursionsPerClient: number;
  /** Look-ups at once that no client waits for. */
  readonly refreshes: number;
  /** Clients that found an entry before it is worth a refresh. */
  readonly popularHits: number;
  /** Queries that may wait for the same question. */
  readonly waiters: number;
  /** Exchanges open at once to one address, and for one zone: on by default, or they are no use. */
  readonly exchangesPerServer: number;
  readonly exchangesPerZone: number;
}

export const resolverLimits: ResolverLimits = {
  sends: 100,
  sendsPerStep: 32,
  receivedOctets: 131_072,
  queryMs: 6000,
  depth: 7,
  narrowDepth: 3,
  referrals: 24,
  minimisedSteps: 10,
  oneLabelSteps: 4,
  minimisedStepsPerQuery: 30,
  minimisedFailures: 2,
  aliases: 11,
  nameServers: 13,
  addressesPerName: 6,
  addressesPerStep: 13,
  nsNamesPerDelegation: 5,
  nsNames: 16,
  nsNxdomains: 5,
  triesPerAddress: 8,
  triesUnproven: 5,
  lameTries: 4,
  emptyReplies: 2,
  recursions: 2000,
  recursionsPerClient: 200,
  refreshes: 100,
  popularHits: 2,
  waiters: 100,
  exchangesPerServer: 100,
  exchangesPerZone: 200,
};

/** The walk ends so much before the query does, so that its reason still reaches the client. */
export const CONCLUSION_MS = 50;

/** How often the root is asked who serves it (`root-servers.ts`). */
export const primingLimits = {
  /** At most so long, whatever the TTL: root servers have changed their addresses before. */
  keptMs: 86_400_000,
  /** No sooner after a success, whatever the TTL: twice a day at most. */
  intervalMs: 43_200_000,
  /** Nor after a failure: the hints work meanwhile. */
  retryMs: 600_000,
} as const;

/** Names without a zone cut that are remembered (`interiors.ts`). */
export const interiorLimits = {
  names: 20_000,
  /** Cuts that appear are found as soon as the zone is asked for anything below. */
  keptMs: 3_600_000,
} as const;

/** NS names that only zones themselves give (`child-names.ts`). */
export const childNameLimits = {
  zones: 5000,
  /** As many as are kept of a parent's NS set. */
  names: 13,
} as const;

/** What is remembered of servers, and for how long (`servers.ts`). */
export const serverLimits = {
  /** Addresses remembered; the longest unused one goes first. */
  addresses: 20_000,
  /** Zones that one address is remembered as lame for. */
  lameZones: 50,
  timeoutMinMs: 50,
  timeoutMaxMs: 1500,
  /** For an address never asked: Unbound's, enough for any place on earth. */
  timeoutUnknownMs: 376,
  /** Each further wait for the same question is so much longer. */
  backoff: 1.5,
  /** Silences in a row after which an address is asked last and less. */
  silencesUntilDead: 8,
  /**
   * How long a silence speaks against a server; twice as long for each further one in a row, and
   * `deadMs` at most. So one that has come back is found again soon, and one that stays away costs
   * a question a minute.
   */
  silenceMs: 2000,
  /** Of so many questions one is used to measure a server that is not the best. */
  explorationOneIn: 20,
  /** A whole address family that has been silent so often in a row, to any server, is doubtful. */
  familySilences: 16,
  familySilenceMs: 600_000,
  deadMs: 60_000,
  lameMs: 60_000,
  /** A server without EDNS may be repaired. */
  noEdnsMs: 600_000,
  /** And so may one that does not repeat the letter case of names. */
  changedCaseMs: 600_000,
  /** When a whole address family cannot be reached. */
  familyDownMs: 60_000,
} as const;
