/**
 * The recursive resolver (RFC 1034 §5.3): answers clients' questions out of the cache, or by
 * walking from the root.
 *
 *     answer ─► known ──────────────────────────────────────────────► Answer
 *                 └─ resolve ─► chain of lookups ─► iterate ─► askZone ─► client.exchange
 *                    (budget,       (join equal       (referrals)  (servers, NS addresses
 *                     deadline)      ones, circles)                 by further lookups)
 *
 * RD=0 is answered from local data, and for some clients from the cache, else REFUSED. Deliberately
 * not here: DNSSEC validation (DO is not passed on, AD never set), who may ask at all.
 */

import type { Cancellation } from '../net/cancellation.ts';
import { cacheStatistics, type Cache, type CacheStatistics } from '../cache/cache.ts';
import { flush } from '../cache/inspection.ts';
import type { CacheLimits } from '../cache/limits.ts';
import type { ConnectionLimits } from '../client/limits.ts';
import { addressToBytes } from '../net/address.ts';
import { startDeadline } from '../net/deadline.ts';
import type { Logger } from '../net/logger.ts';
import type { Runtime } from '../net/ports.ts';
import { TransientSet } from '../net/transient.ts';
import { isWithin, type AddressPrefix } from '../query/address-prefix.ts';
import { emptyAnswer, type Answer, type Answerer } from '../query/query.ts';
import { bothStories, logStory, type Story } from '../query/story.ts';
import { DnsClass, ExtendedError, isMetaType, Rcode, RRType, typeText } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import type { Question } from '../wire/record.ts';
import { Budget } from './budget.ts';
import { AnswerChain, type Resolution } from './chain.ts';
import type { ChildNameServers } from './child-names.ts';
import type { Caller, Core, Counters } from './core.ts';
import { createCore } from './create-core.ts';
import type { ResolverLimits } from './limits.ts';
import { KnownAnswers, type Unknown } from './known.ts';
import type { QnameMinimisation } from './minimise.ts';
import { nameRules, zonesWithOtherServers, type NamePolicy } from './name-policy.ts';
import type { CutRule } from './own-word.ts';
import { Refreshes } from './prefetch.ts';
import { Recursions, type Recursion, type RecursionRefusal } from './recursions.ts';
import { busy, exhausted, type Failure, type LookupResult } from './result.ts';
import type { RootHint } from './root-hints.ts';
import type { ServerState } from './servers.ts';
import { aliasSteps, knownStep } from './steps.ts';
import { StaleAnswers, type ServeStaleOptions } from './stale.ts';

export interface ResolverOptions extends NamePolicy {
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
  /**
   * Whose word counts for who serves a zone and how long: default 'shorter', the parent's servers
   * for the shorter of both times. Other values are for comparisons (`own-word.ts`).
   */
  readonly cutRule?: CutRule;
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
  /** Default: none. Addresses that are taken out of answers, but for these domains'. */
  readonly privateAddresses?: readonly AddressPrefix[];
  readonly privateDomains?: readonly DnsName[];
  /** Default: nobody. Who may look into the cache without RD; others get local data alone. */
  readonly allowSnoop?: readonly AddressPrefix[];
  /**
   * Answers out of data that are over, while their servers fail (RFC 8767). Default: none; whoever
   * wants them trades the owner's word for an answer, which is for the operator to decide.
   */
  readonly serveStale?: ServeStaleOptions;
  /** Default false: popular names are refreshed in the last tenth of their TTL. */
  readonly prefetch?: boolean;
  /**
   * Default false: NXDOMAIN covers all names below (RFC 8020). Without DNSSEC a single forged or
   * mistaken reply would take a whole domain away, so it is by choice.
   */
  readonly nxdomainCut?: boolean;
}

export interface Resolver {
  readonly answer: Answerer;
  /** Resolves whatever RD would say; never rejects for what the network does. */
  resolve(question: Question, signal?: Cancellation): Promise<Resolution>;
  readonly cache: Cache;
  readonly cacheStatistics: CacheStatistics;
  readonly counters: Readonly<Counters>;
  /** Queries being resolved now. */
  readonly pending: number;
  /** Whether the question can be answered without asking anybody. */
  knows(question: Question): boolean;
  /** Counts a query that was dropped before it came here, since there were too many. */
  noteShed(): void;
  servers(): Iterable<ServerState>;
  /** Forgets what is known of one server, or of all; returns of how many. */
  forgetServers(address?: string): number;
  /**
   * All of it at once. Of zones that other servers are asked for now the cache keeps nothing, nor,
   * when this resolves, what the old ones still said.
   */
  replaceNames(policy: NamePolicy): Promise<void>;
  /** Ends what runs for no client, and closes the connections to servers: what waits fails. */
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
  readonly #inFlight = new TransientSet<InFlight>();
  readonly #known: KnownAnswers;
  readonly #refreshes: Refreshes;
  readonly #stale: StaleAnswers | undefined;
  readonly #allowSnoop: readonly AddressPrefix[];
  #names: NamePolicy;
  readonly #recursions: Recursions;

  constructor(options: ResolverOptions) {
    this.#core = createCore(options, () => this.#core);
    this.#recursions = new Recursions(options.runtime.clock, this.#core.limits);
    const { prefetch = false, serveStale, allowSnoop = [] } = options;
    this.#allowSnoop = allowSnoop;
    this.#names = options;
    this.#stale = serveStale && new StaleAnswers(this.#core, serveStale);
    this.#refreshes = new Refreshes(() => this.#core);
    const known = { refreshes: this.#refreshes, stale: this.#stale, prefetch };
    this.#known = new KnownAnswers(this.#core, known);
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

  knows(question: Question): boolean {
    return refuse(question) !== undefined || this.#known.has(question);
  }

  noteShed(): void {
    this.#core.counters.overloads++;
  }

  servers(): Iterable<ServerState> {
    return this.#core.servers.states();
  }

  forgetServers(address?: string): number {
    return this.#core.servers.forget(address);
  }

  async replaceNames(policy: NamePolicy): Promise<void> {
    const { cache, lookups, mayAsk } = this.#core;
    const { configured, local } = nameRules(policy, mayAsk);
    this.#core.configured = configured;
    this.#core.local = local;
    const zones = zonesWithOtherServers(this.#names, policy);
    this.#names = policy;
    const forget = (name: DnsName): number => flush(cache, { name, scope: 'subtree' });
    zones.forEach(forget);
    await Promise.all(zones.map((zone) => lookups.ended(zone)));
    zones.forEach(forget);
  }

  close(): void {
    this.#refreshes.stop();
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
    const { rd } = query.message;
    const mayReadCache = rd || isWithin(query.client.address, this.#allowSnoop);
    const story = this.#story(query.story);
    const isAnswerable = refuse(question) === undefined;
    const client = { mayReadCache: mayReadCache && isAnswerable, isRecursive: rd, story };
    const known = this.#known.find(question, client);
    if (typeof known !== 'string') return repeatable(known);
    const refusal = refuse(question) ?? (rd ? undefined : withoutRecursion(mayReadCache));
    if (refusal) return toldRefusal(refusal, story);
    const recursion = this.#recursions.begin(query, signal);
    if (typeof recursion === 'string') return this.#turnAway(recursion);
    return this.#answerByRecursion({ question, known, story }, recursion);
  };

  resolve(asked: Question, signal?: Cancellation): Promise<Resolution> {
    const question = plain(asked);
    const story = this.#story(undefined);
    const client = { mayReadCache: true, isRecursive: true, story };
    const known = this.#known.find(question, client);
    if (typeof known !== 'string') return Promise.resolve(known);
    const { counters, limits } = this.#core;
    const wanted = { question, known, story };
    if (this.#inFlight.size < limits.recursions) return this.#resolveAnew(wanted, signal);
    counters.overloads++;
    return Promise.resolve(busy(FULL));
  }

  /** Of one more query: for its client, and for the log, as far as they want to know. */
  #story(explanation: Story | undefined): Story | undefined {
    const { counters, logger } = this.#core;
    counters.queries++;
    return bothStories(explanation, logStory(logger, counters.queries));
  }

  #answerByRecursion(wanted: Wanted, recursion: Recursion): Promise<Answer> {
    const conclude = (resolution: Resolution): Answer => {
      recursion.end();
      if (!recursion.isShed) return toAnswer(resolution);
      this.#core.counters.overloads++;
      return toAnswer(busy(SHED));
    };
    if (!this.#stale) return this.#recurse(wanted, recursion, conclude);
    const running = this.#recurse(wanted, recursion, asItIs);
    return this.#stale.insteadOf(wanted.question, running, wanted.story).then(conclude);
  }

  #turnAway(why: RecursionRefusal): Answer {
    // The reply to the first of them answers this one as well: they have the same id.
    if (why === 'duplicate') return { ...emptyAnswer(Rcode.SERVFAIL), isDropped: true };
    this.#core.counters.overloads++;
    return toAnswer(busy(why === 'client' ? CLIENT_FULL : FULL));
  }

  #resolveAnew(wanted: Wanted, signal: Cancellation | undefined): Promise<Resolution> {
    const running = this.#recurse(wanted, { signal }, asItIs);
    return this.#stale?.insteadOf(wanted.question, running, wanted.story) ?? running;
  }

  /** `conclude` makes of it what the caller wants, for a promise less. */
  async #recurse<Result>(
    wanted: Wanted,
    asker: Asker,
    conclude: (resolution: Resolution) => Result,
  ): Promise<Result> {
    const { signal } = asker;
    const { question, known, story } = wanted;
    const { counters, limits, runtime } = this.#core;
    const deadline = startDeadline(runtime.clock, limits.queryMs, signal);
    const budget = new Budget(counters.queries, runtime.clock, limits);
    const chain = new AnswerChain(question, limits.aliases);
    const place = this.#inFlight.add({ question, chain, budget });
    try {
      const caller = { budget, depth: 0, signal: deadline.signal, story };
      // The rest of the chain is another function's, for most have one part.
      const first = chain.add(await this.#findPart(question, caller, known));
      const resolution = this.#conclude(question, {
        resolution: first ?? (await this.#followChain(chain, caller)),
        caller,
        isAbandoned: signal?.aborted === true,
      });
      return conclude(resolution);
    } finally {
      deadline.cancel();
      this.#inFlight.remove(place);
      asker.end?.();
      asker.release?.();
    }
  }

  async #followChain(chain: AnswerChain, caller: Caller): Promise<Resolution> {
    for (;;) {
      const resolution = chain.add(await this.#findPart(chain.question, caller, 'open'));
      if (resolution) return resolution;
    }
  }

  #findPart(
    question: Question,
    caller: Caller,
    known: Unknown,
  ): LookupResult | Promise<LookupResult> {
    const { story } = caller;
    const { lookups } = this.#core;
    const found =
      known === 'unknown'
        ? lookups.findElsewhere(question, caller)
        : (this.#findHere(question, story) ?? lookups.find(question, caller));
    if (!story) return found;
    return Promise.resolve(found).then((result) => {
      for (const step of aliasSteps(result)) story.tell(step);
      return result;
    });
  }

  #findHere(question: Question, story: Story | undefined): LookupResult | undefined {
    const here = this.#core.local.answer(question);
    if (here) story?.tell(knownStep(question, here));
    return here;
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

/** What a recursion is for. */
interface Wanted {
  readonly question: Question;
  readonly known: Unknown;
  readonly story: Story | undefined;
}

/** Whoever waits for a recursion. */
interface Asker {
  readonly signal: Cancellation | undefined;
  /** There is an answer, if it had none before, or there will be none. */
  end?(): void;
  /** Nothing is done for it any more. */
  readonly release?: () => void;
}

function asItIs(resolution: Resolution): Resolution {
  return resolution;
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

const FULL = 'too many queries are being resolved';
const CLIENT_FULL = 'too many queries of this client are being resolved';
const SHED = 'too many queries are being resolved, and this one has waited longest';

/** A question may be a view of a packet, whose fields are read on access; this one stays. */
function plain({ name, type, class: dnsClass }: Question): Question {
  return { name, type, class: dnsClass };
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

function toldRefusal(refusal: Answer, story: Story | undefined): Answer {
  const why = refusal.extendedErrors?.[0]?.text;
  if (why !== undefined) story?.tell({ kind: 'refused', why });
  return refusal;
}

function withoutRecursion(hasLooked: boolean): Answer {
  const why = hasLooked ? 'the cache does not know' : 'the cache is not for this address to search';
  const text = `recursion was not asked for, and ${why}`;
  return emptyAnswer(Rcode.REFUSED, [{ code: ExtendedError.NOT_AUTHORITATIVE, text }]);
}

function toAnswer(resolution: Resolution): Answer {
  if (resolution.kind === 'failure') {
    return emptyAnswer(Rcode.SERVFAIL, explain(resolution));
  }
  const { rcode, answers, authorities, remarks } = resolution;
  const { extendedErrors, isLocal = false, isDenied = false } = remarks;
  const answer = { rcode, authoritative: isLocal, answers, authorities, additionals: [] };
  if (!extendedErrors && !isDenied) return answer;
  return {
    ...answer,
    ...(extendedErrors && { extendedErrors }),
    ...(isDenied && { isDropped: true }),
  };
}

/** What the cache answered, it answers until the first part of it is over, or due for a refresh. */
function repeatable(known: Resolution): Answer {
  const answer = toAnswer(known);
  let repeatableUntilMs = known.kind === 'resolved' ? (known.dueAtMs ?? Infinity) : Infinity;
  for (const section of [answer.answers, answer.authorities]) {
    for (const { expiresAtMs = 0 } of section) {
      repeatableUntilMs = Math.min(repeatableUntilMs, expiresAtMs);
    }
  }
  return Number.isFinite(repeatableUntilMs) ? { ...answer, repeatableUntilMs } : answer;
}

function explain({ code, text, reason }: Failure): Answer['extendedErrors'] {
  const why = { code, text };
  if (reason !== 'cached') return [why];
  return [why, { code: ExtendedError.CACHED_ERROR, text: 'failed a short while ago' }];
}
