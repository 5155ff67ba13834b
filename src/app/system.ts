/**
 * Configuration becomes a running name server, over any `Runtime`: real sockets or the simulated
 * world. Reads no file and no command line.
 */

import { PolicyTable, type ZonePolicies } from '../authority/policy.ts';
import { transferAnswerer, type TransferLimits } from '../authority/transfer-out.ts';
import { operationAnswerer, type Upkeep } from '../authority/upkeep.ts';
import { ZoneSet } from '../authority/zone-set.ts';
import type { Logger } from '../net/logger.ts';
import type { Endpoint, Runtime } from '../net/ports.ts';
import { explainAnswers } from '../query/explanation.ts';
import { holdsOctets, LOOPBACK_PREFIXES, type AddressPrefix } from '../query/address-prefix.ts';
import { AnswerCache, type AnswerCacheStatistics } from '../query/answer-cache.ts';
import type { AccessRule } from '../query/access.ts';
import { Clients, type ClientOptions } from '../query/clients.ts';
import type { Answerer, Step } from '../query/query.ts';
import type { QueryLog } from '../query/query-log.ts';
import { createResponder, type HeavyQueries } from '../query/respond.ts';
import { Keyring } from '../query/tsig.ts';
import { answerIdentity, type Identity } from '../query/identity.ts';
import { compose, logQueries, rotateAnswers } from '../query/steps.ts';
import { createResolver, type Resolver, type ResolverOptions } from '../resolver/resolver.ts';
import type { NamePolicy } from '../resolver/name-policy.ts';
import { startServer } from '../server/server.ts';
import type { TcpLimits } from '../server/tcp-limits.ts';
import type { TsigKey } from '../tsig/key.ts';
import type { Zone } from '../zone/zone.ts';
import { route, type AnyPolicy } from './route.ts';

export interface SystemOptions {
  readonly runtime: Runtime;
  readonly logger: Logger;
  readonly listen: readonly Endpoint[];
  /** A set is used as it is, and may be changed by others. */
  readonly zones: readonly Zone[] | ZoneSet;
  /** Absent: authoritative only. */
  readonly recursion?: RecursionOptions;
  readonly answers?: AnswerOptions;
  readonly identity?: Identity;
  /** Clients whose answers are explained when they ask for it. Default: this machine's. */
  readonly explainAllow?: readonly AddressPrefix[];
  /** Of finished answers; by default `answerCacheLimits.octets`. */
  readonly answerCacheOctets?: number;
  /** Who asked for what. Whoever opened it closes it, after the system. Absent: not kept. */
  readonly queryLog?: QueryLog;
  readonly clients?: ClientOptions;
  /** By default `tcpLimits`. */
  readonly tcp?: Partial<TcpLimits>;
  /** Shared with others, for signatures (RFC 8945). */
  readonly keys?: readonly TsigKey[];
  /** Who may take or change zones. Default: nobody. */
  readonly policies?: ZonePolicies | PolicyTable;
  /** By default `transferLimits`. */
  readonly transfers?: Partial<TransferLimits>;
  /** Who changes zones, and remembers what was changed. Absent: nobody does. */
  readonly upkeep?: Upkeep;
}

/** How answers out of zones are made. */
export interface AnswerOptions {
  /** Default 'minimal-udp'. */
  readonly any?: AnyPolicy;
  /** Default true: positive answers come without the zone's name servers. */
  readonly isMinimal?: boolean;
  /** Default false: the records of an RRset keep their order. */
  readonly rotate?: boolean;
}

export interface RecursionOptions extends Omit<ResolverOptions, 'runtime' | 'logger'> {
  readonly allow: readonly AddressPrefix[];
}

export interface System {
  readonly endpoints: readonly Endpoint[];
  /** Zones may be replaced while the system runs. */
  readonly zones: ZoneSet;
  readonly resolver: Resolver | undefined;
  readonly answerCacheStatistics: AnswerCacheStatistics;
  /** To be called when answers may have changed before their time: something was flushed. */
  forgetFinishedAnswers(): void;
  /** What holds from now on: all of it between two queries. */
  reconfigure(settings: LiveSettings): void;
  /** Drains and closes everything. */
  close(): Promise<void>;
}

/** Rejects with `BindError` when an endpoint cannot be opened; nothing is left running then. */
export async function startSystem(options: SystemOptions): Promise<System> {
  const { runtime, logger, recursion, listen, tcp, queryLog } = options;
  const zones = ZoneSet.of(options.zones);
  const resolver = recursion && createResolver({ ...recursion, runtime, logger });
  const policies = PolicyTable.of(options.policies);
  const { upkeep: history, transfers: limits } = options;
  const transfer = { zones, policies, history, clock: runtime.clock, logger, limits };
  const routes = {
    zones,
    transfer: transferAnswerer(transfer),
    ...options.answers,
    ...(resolver && { recursion: { resolver } }),
  };
  const { id, nsid = id === undefined ? undefined : new TextEncoder().encode(id) } =
    options.identity ?? {};
  let flushes = 0;
  const snoop = recursion?.allowSnoop ?? [];
  const answerCache = new AnswerCache({
    clock: runtime.clock,
    seed: runtime.random.below(2 ** 32),
    revision: () => zones.revision + flushes,
    rotates: options.answers?.rotate === true,
    isLogged: queryLog !== undefined,
    ...(options.answerCacheOctets !== undefined && { octets: options.answerCacheOctets }),
  });
  const rules = accessRules({ recurse: recursion?.allow, ...options.clients });
  const { clock, random } = runtime;
  const clients = new Clients(options.clients ?? {}, { clock, random, rules });
  const responder = createResponder({
    answerer: compose(stepsFor(options), route(routes)),
    clock: runtime.clock,
    logger,
    recursionAvailable: resolver !== undefined,
    keys: new Keyring(options.keys),
    operations: operationsOf(options.upkeep),
    finished: {
      cache: answerCache,
      // All that an answer depends on of its client: whether it may use recursion, and the cache
      // without asking for recursion.
      viewOf: (access, client) =>
        (access === 'recurse' ? 1 : 0) + (holdsOctets(snoop, client) ? 2 : 0),
    },
    clients,
    ...(resolver && { heavy: heavyQueries(zones, resolver) }),
    explainAllow: options.explainAllow ?? LOOPBACK_PREFIXES,
    ...(nsid && { nsid }),
    queryLog,
  });
  const server = await startServer({ runtime, logger, responder, listen, tcp });
  return {
    endpoints: server.endpoints,
    zones,
    resolver,
    get answerCacheStatistics() {
      return answerCache.statistics;
    },
    forgetFinishedAnswers: () => void flushes++,
    async close(): Promise<void> {
      await server.close();
      resolver?.close();
    },
    reconfigure({ access, names, policies: now }) {
      policies.replace(now ?? {});
      clients.replaceRules(accessRules(resolver ? access : { ...access, recurse: [] }));
      flushes++;
      // What the servers of before still say must not stay in finished answers either.
      void resolver?.replaceNames(names).then(() => flushes++);
    },
  };
}

/** Those that servers have to be asked for. */
function heavyQueries(zones: ZoneSet, resolver: Resolver): HeavyQueries {
  return {
    isHeavy: (question) => !zones.holds(question.name) && !resolver.knows(question),
    shed: () => resolver.noteShed(),
  };
}

/** Who answers what is no query. */
function operationsOf(upkeep: Upkeep | undefined): ReadonlyMap<number, Answerer> {
  if (!upkeep) return new Map();
  const answerer = operationAnswerer(upkeep);
  return new Map([...upkeep.opcodes].map((opcode) => [opcode, answerer]));
}

/** Settings that may change while a system runs. */
export interface LiveSettings {
  readonly access: AccessLists;
  readonly names: NamePolicy;
  /** Default: nobody may take or change zones. */
  readonly policies?: ZonePolicies;
}

export interface AccessLists {
  /** Who may use recursion, where there is any. */
  readonly recurse?: readonly AddressPrefix[] | undefined;
  readonly refuse?: readonly AddressPrefix[];
  readonly drop?: readonly AddressPrefix[];
}

/** Everybody else is served out of zones. */
function accessRules({ recurse = [], refuse = [], drop = [] }: AccessLists): AccessRule[] {
  return [
    ...recurse.map((prefix) => ({ prefix, access: 'recurse' }) as const),
    ...refuse.map((prefix) => ({ prefix, access: 'refuse' }) as const),
    ...drop.map((prefix) => ({ prefix, access: 'drop' }) as const),
  ];
}

/** Every step of the pipeline, in the order in which a query passes them. */
function stepsFor(options: SystemOptions): readonly Step[] {
  const { logger, runtime, identity, answers } = options;
  return [
    logQueries(logger, runtime.clock),
    explainAnswers(options.explainAllow ?? LOOPBACK_PREFIXES, runtime.clock),
    answerIdentity(identity ?? {}, options.recursion !== undefined),
    ...(answers?.rotate === true ? [rotateAnswers()] : []),
  ];
}
