/**
 * The recursive resolver (RFC 1034 §5.3): answers clients' questions out of the cache, or by
 * walking from the root.
 *
 *     answer ─► cache ──────────────────────────────────────────────► Answer
 *                 └─ resolve ─► chain of lookups ─► iterate ─► askZone ─► client.exchange
 *                    (budget,       (join equal       (referrals)  (servers, NS addresses
 *                     deadline)      ones, circles)                 by further lookups)
 *
 * RD=0 is answered from the cache alone, REFUSED where the cache does not know. Deliberately not
 * here: DNSSEC validation (DO is not passed on, AD never set), access control.
 */

import { cacheStatistics, createCache, type Cache, type CacheStatistics } from '../cache/cache.ts';
import type { Delegation } from '../cache/delegation-cache.ts';
import type { CacheLimits } from '../cache/limits.ts';
import { ConnectionPool } from '../client/connection-pool.ts';
import type { ConnectionLimits } from '../client/limits.ts';
import { addressToBytes } from '../net/address.ts';
import { startDeadline } from '../net/deadline.ts';
import { silentLogger, type Logger } from '../net/logger.ts';
import type { Runtime } from '../net/ports.ts';
import { emptyAnswer, type Answer, type Answerer } from '../query/query.ts';
import { bothStories, logStory, type Story } from '../query/story.ts';
import { DnsClass, ExtendedError, isMetaType, Rcode, RRType, typeText } from '../wire/iana.ts';
import { DnsName } from '../wire/name.ts';
import type { Question } from '../wire/record.ts';
import { Arrivals } from './arrivals.ts';
import { Budget } from './budget.ts';
import { AnswerChain, type Resolution } from './chain.ts';
import { ChildNames, type ChildNameServers } from './child-names.ts';
import { ConfiguredZones, type ForwardZone, type StubZone } from './configured-zones.ts';
import { zeroCounters, type Caller, type Core, type Counters } from './core.ts';
import { createAddressFilter, type AddressFilter } from './do-not-query.ts';
import { Interiors } from './interiors.ts';
import { iterate } from './iterate.ts';
import { resolverLimits, type ResolverLimits } from './limits.ts';
import { Lookups } from './lookups.ts';
import type { QnameMinimisation } from './minimise.ts';
import { MinimisedSteps } from './minimised-steps.ts';
import { busy, exhausted, type Failure, type LookupResult } from './result.ts';
import type { RootHint } from './root-hints.ts';
import { RootServers } from './root-servers.ts';
import { ServerTable, type ServerState } from './servers.ts';
import { aliasSteps, hitStep } from './steps.ts';
import { readCache } from './stored.ts';

export interface ResolverOptions {
  readonly runtime: Runtime;
  /** At least one address that may be asked. */
  readonly rootHints: readonly RootHint[];
  readonly logger?: Logger;
  /** Default 53. */
  readonly upstreamPort?: number;
  readonly limits?: Partial<ResolverLimits>;
  readonly cacheLimits?: Partial<CacheLimits>;
  /** Addresses never to be asked, such as our own; beside the ones that are never asked anyway. */
  readonly doNotQuery?: readonly string[];
  /** Default false: 127.0.0.0/8 and ::1 are not asked. */
  readonly allowLoopback?: boolean;
  /** Zones whose servers are known here, and zones that others resolve for us. */
  readonly stubs?: readonly StubZone[];
  readonly forwards?: readonly ForwardZone[];
  /** Default true: IPv6 servers too, once IPv4 has failed or IPv6 has been seen to work. */
  readonly useIPv6?: boolean;
  /**
   * How much of a name servers are shown (RFC 9156). Default 'relaxed': the whole name where a part
   * of it is not answered.
   */
  readonly qnameMinimisation?: QnameMinimisation;
  /**
   * Whether servers that only a zone itself names are a last resort when its parent's have failed.
   * Default 'proven': those that came in a reply which cannot have been forged.
   */
  readonly childNameServers?: ChildNameServers;
  /** Default true: names are sent in random letter case, which replies must repeat (0x20). */
  readonly randomCase?: boolean;
  /** Default true: servers are sent cookies (RFC 7873), and once they give some, must show ours. */
  readonly cookies?: boolean;
  /** Default true: the root is asked who serves it (RFC 8109), by way of the hints. */
  readonly priming?: boolean;
  /** Default 'udp', with TCP where it is needed. */
  readonly upstreamTransport?: 'udp' | 'tcp';
  /** Of the TCP connections to servers. */
  readonly connectionLimits?: Partial<ConnectionLimits>;
}

export interface Resolver {
  readonly answer: Answerer;
  /** Resolves whatever RD would say; never rejects for what the network does. */
  resolve(question: Question, signal?: AbortSignal): Promise<Resolution>;
  readonly cache: Cache;
  readonly cacheStatistics: CacheStatistics;
  readonly counters: Readonly<Counters>;
  /** Queries being resolved now. */
  readonly pending: number;
  servers(): Iterable<ServerState>;
  /** Closes the connections to servers; what waits for them fails. */
  close(): void;
  /** Each query being resolved now. */
  inFlight(): Iterable<QueryInFlight>;
  /** Whether the rules and the configuration allow to ask the address. */
  mayAsk(address: string): boolean;
}

export interface QueryInFlight {
  readonly question: Question;
  /** When it came, by the monotonic clock; nothing sets it anew. */
  readonly startedMs: number;
  /** Packets to servers so far. */
  readonly sends: number;
  /** What it waits for: a lookup of its own or of others, and the server that is asked for it. */
  readonly awaits: { readonly question: Question; readonly server: string | undefined } | undefined;
}

export function createResolver(options: ResolverOptions): Resolver {
  return new RecursiveResolver(options);
}

class RecursiveResolver implements Resolver {
  readonly #core: Core;
  readonly #inFlight = new Set<InFlight>();

  constructor(options: ResolverOptions) {
    const { runtime, stubs = [], forwards = [] } = options;
    const limits = { ...resolverLimits, ...options.limits };
    const mayAsk = createAddressFilter({
      allowLoopback: options.allowLoopback ?? false,
      addresses: options.doNotQuery ?? [],
    });
    this.#core = {
      runtime,
      mayAsk,
      cache: createCache(runtime.clock, options.cacheLimits),
      servers: new ServerTable(runtime.clock, runtime.random),
      connections: new ConnectionPool(runtime, options.connectionLimits),
      lookups: new Lookups(() => this.#core, iterate),
      arrivals: new Arrivals(runtime.clock),
      minimisation: options.qnameMinimisation ?? 'relaxed',
      minimisedSteps: new MinimisedSteps(),
      interiors: new Interiors(runtime.clock),
      childNameServers: options.childNameServers ?? 'proven',
      childNames: new ChildNames(runtime.clock),
      randomCase: options.randomCase ?? true,
      cookies: options.cookies ?? true,
      upstreamTransport: options.upstreamTransport ?? 'udp',
      limits,
      logger: options.logger ?? silentLogger,
      counters: zeroCounters(),
      root: new RootServers({
        clock: runtime.clock,
        hints: rootDelegation(options.rootHints, mayAsk),
        mayAsk,
        limits,
        isPrimed: options.priming ?? true,
      }),
      configured: new ConfiguredZones({ stubs, forwards, mayAsk }),
      upstreamPort: options.upstreamPort ?? DNS_PORT,
      useIPv6: options.useIPv6 ?? true,
    };
  }

  get cache(): Cache {
    return this.#core.cache;
  }

  get cacheStatistics(): CacheStatistics {
    return cacheStatistics(this.#core.cache);
  }

  get counters(): Readonly<Counters> {
    return this.#core.counters;
  }

  get pending(): number {
    return this.#inFlight.size;
  }

  servers(): Iterable<ServerState> {
    return this.#core.servers.states();
  }

  close(): void {
    this.#core.connections.close();
  }

  *inFlight(): Generator<QueryInFlight, void, undefined> {
    for (const { question, chain, budget } of this.#inFlight) {
      const lookup = this.#core.lookups.awaited(chain.question);
      const awaits = lookup && { question: lookup.question, server: lookup.asks };
      yield { question, startedMs: budget.startedMs, sends: budget.sends, awaits };
    }
  }

  mayAsk(address: string): boolean {
    const octets = addressToBytes(address);
    return octets !== undefined && this.#core.mayAsk(octets) === address;
  }

  readonly answer: Answerer = (query, signal) => {
    const question = plain(query.question);
    const refusal = refuse(question);
    if (refusal) return refusal;
    const story = this.#story(query.story);
    const known = this.#resolveFromCache(question, story);
    if (known) return repeatable(toAnswer(known));
    if (!query.message.rd) return withoutRecursion();
    return this.#answerByRecursion(question, signal, story);
  };

  resolve(asked: Question, signal?: AbortSignal): Promise<Resolution> {
    const question = plain(asked);
    const story = this.#story(undefined);
    const known = this.#resolveFromCache(question, story);
    return known ? Promise.resolve(known) : this.#recurse(question, signal, story);
  }

  /** Of one more query: for its client, and for the log, as far as they want to know. */
  #story(explanation: Story | undefined): Story | undefined {
    const { counters, logger } = this.#core;
    counters.queries++;
    return bothStories(explanation, logStory(logger, counters.queries));
  }

  async #answerByRecursion(
    question: Question,
    signal: AbortSignal,
    story: Story | undefined,
  ): Promise<Answer> {
    return toAnswer(await this.#recurse(question, signal, story));
  }

  /** The whole answer, or undefined as soon as one part of it is not known. */
  #resolveFromCache(question: Question, story: Story | undefined): Resolution | undefined {
    const { cache, limits, counters } = this.#core;
    const parts = story && new Map<Question, LookupResult>();
    const chain = new AnswerChain(question, limits.aliases);
    for (;;) {
      const part = readCache(cache, chain.question);
      if (!part) return undefined;
      parts?.set(chain.question, part);
      const resolution = chain.add(part);
      if (!resolution) continue;
      counters.cacheHits++;
      for (const [asked, found] of parts ?? []) story?.tell(hitStep(asked, found));
      return resolution;
    }
  }

  async #recurse(
    question: Question,
    signal: AbortSignal | undefined,
    story: Story | undefined,
  ): Promise<Resolution> {
    const { counters, limits, runtime } = this.#core;
    if (this.#inFlight.size >= limits.recursions) {
      counters.overloads++;
      return busy('too many queries are being resolved');
    }
    const deadline = startDeadline(runtime.clock, limits.queryMs, signal);
    const budget = new Budget(counters.queries, runtime.clock, limits);
    const chain = new AnswerChain(question, limits.aliases);
    const inFlight = { question, chain, budget };
    this.#inFlight.add(inFlight);
    try {
      const caller = { budget, depth: 0, signal: deadline.signal, story };
      return this.#conclude(question, {
        resolution: await this.#followChain(chain, caller),
        caller,
        isAbandoned: signal?.aborted === true,
      });
    } finally {
      deadline.cancel();
      this.#inFlight.delete(inFlight);
    }
  }

  async #followChain(chain: AnswerChain, caller: Caller): Promise<Resolution> {
    const { lookups } = this.#core;
    for (;;) {
      const found = await lookups.find(chain.question, caller);
      if (caller.story) for (const step of aliasSteps(found)) caller.story.tell(step);
      const resolution = chain.add(found);
      if (resolution) return resolution;
    }
  }

  #conclude(question: Question, ending: Ending): Resolution {
    const { resolution, caller, isAbandoned } = ending;
    if (resolution.kind !== 'failure') return resolution;
    const { cache, counters, limits } = this.#core;
    counters.failures++;
    const isLate = resolution.reason === 'cancelled' && !isAbandoned;
    const failure = isLate ? exhausted(`gave up after ${limits.queryMs} ms`) : resolution;
    // Under the client's own question: what was asked last on its behalf may be innocent.
    const isLasting = failure.reason === 'unanswered' || failure.reason === 'exhausted';
    if (isLasting) cache.failures.put(question, failure);
    const { sends } = caller.budget;
    caller.story?.tell({ kind: 'failed', why: failure.text, sends });
    return failure;
  }
}

interface InFlight {
  readonly question: Question;
  /** Knows which name of the chain of aliases is looked up. */
  readonly chain: AnswerChain;
  readonly budget: Budget;
}

interface Ending {
  readonly resolution: Resolution;
  readonly caller: Caller;
  /** The client has gone. */
  readonly isAbandoned: boolean;
}

const DNS_PORT = 53;

/** A question may be a view of a packet, whose fields are read on access; this one stays. */
function plain({ name, type, class: dnsClass }: Question): Question {
  return { name, type, class: dnsClass };
}

function rootDelegation(hints: readonly RootHint[], mayAsk: AddressFilter): Delegation {
  const nameServers = hints.map(({ name, addresses }) => ({
    name,
    addresses: addresses.flatMap((text) => {
      const octets = addressToBytes(text);
      return (octets && mayAsk(octets)) ?? [];
    }),
  }));
  return { zone: DnsName.root, nameServers, expiresAtMs: Infinity };
}

/** Questions that no walk can answer. */
function refuse({ type, class: dnsClass }: Question): Answer | undefined {
  if (dnsClass !== DnsClass.IN) {
    const text = 'only class IN is resolved';
    return emptyAnswer(Rcode.REFUSED, [{ code: ExtendedError.NOT_SUPPORTED, text }]);
  }
  if (!isMetaType(type) || type === RRType.ANY) return undefined;
  const text = `${typeText(type)} is not resolved`;
  return emptyAnswer(Rcode.NOTIMP, [{ code: ExtendedError.NOT_SUPPORTED, text }]);
}

function withoutRecursion(): Answer {
  const text = 'recursion was not asked for, and the cache does not know';
  return emptyAnswer(Rcode.REFUSED, [{ code: ExtendedError.NOT_AUTHORITATIVE, text }]);
}

function toAnswer(resolution: Resolution): Answer {
  if (resolution.kind === 'failure') {
    return emptyAnswer(Rcode.SERVFAIL, explain(resolution));
  }
  const { rcode, answers, authorities } = resolution;
  return { rcode, authoritative: false, answers, authorities, additionals: [] };
}

/** What the cache answered, it answers until the first part of it is over. */
function repeatable(answer: Answer): Answer {
  let repeatableUntilMs = Infinity;
  for (const section of [answer.answers, answer.authorities]) {
    for (const { expiresAtMs = 0 } of section) {
      repeatableUntilMs = Math.min(repeatableUntilMs, expiresAtMs);
    }
  }
  return repeatableUntilMs === Infinity ? answer : { ...answer, repeatableUntilMs };
}

function explain({ code, text, reason }: Failure): Answer['extendedErrors'] {
  const why = { code, text };
  if (reason !== 'cached') return [why];
  return [why, { code: ExtendedError.CACHED_ERROR, text: 'failed a short while ago' }];
}
