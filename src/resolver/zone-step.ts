/**
 * What is known in the middle of asking one zone's servers (`ask-zone.ts`): whom to ask next, what
 * was spent, what their replies are worth, and why it failed when it does.
 */

import type { Delegation, NameServer } from '../cache/delegation-cache.ts';
import { exchangeThen } from '../client/exchange.ts';
import { describeOutcome, type Exchange, type ExchangeReply } from '../client/outcome.ts';
import type { ExchangeRequest, ExchangeTransport } from '../client/request.ts';
import { familyOfAddress } from '../net/address.ts';
import type { Story } from '../query/story.ts';
import { codeOf } from '../net/socket-errors.ts';
import { plainEdns } from '../wire/edns.ts';
import { ExtendedError, RRType } from '../wire/iana.ts';
import type { DnsName } from '../wire/name.ts';
import type { Message } from '../wire/message.ts';
import type { Question } from '../wire/record.ts';
import { Candidates } from './candidates.ts';
import { classify, saysNothing, type AnswerMeaning } from './classify.ts';
import { asCaller, type Core, type Task } from './core.ts';
import { findAddresses, glueOf, type FoundAddresses } from './name-server-addresses.ts';
import { heedZone } from './own-word.ts';
import { withoutPrivateAddresses } from './private-addresses.ts';
import type { Referral } from './referral.ts';
import { busy, cancelled, exhausted, unanswered, type Failure } from './result.ts';
import type { AnswerReply } from './stored.ts';
import { roleOf, serverText } from './server-text.ts';
import { beginExchange, type ToldExchange } from './told-exchange.ts';

export interface ZoneQuestion {
  readonly delegation: Delegation;
  readonly question: Question;
  readonly isTentative?: false;
  /** Over TCP from the start. */
  readonly tcp?: boolean;
  /** Sees the reply that is an answer, with what else stands in it. */
  readonly onMessage?: (message: Message) => void;
}

/** A question for part of a name. */
export interface PartQuestion extends Omit<ZoneQuestion, 'isTentative'> {
  /**
   * The whole name can still be asked for: servers that fail are not made to answer, and nothing is
   * held against them.
   */
  readonly isTentative: boolean;
}

export type ZoneReply =
  | { readonly kind: 'answer'; readonly answer: AnswerReply; readonly authoritative: boolean }
  | { readonly kind: 'referral'; readonly referral: Referral }
  | Failure;

export type PartReply = ZoneReply | Undecided;

/** Of tentative questions alone: the whole name may fare better. */
interface Undecided {
  readonly kind: 'undecided';
  /** Nobody said anything, rather than something of no use. */
  readonly isSilent: boolean;
}

/** A question for a server. */
export interface Asking {
  readonly address: string;
  readonly timeoutMs: number;
  readonly told: ToldExchange | undefined;
  readonly done: () => void;
  /** So long as this server is worth, and not what was left of the query's time. */
  readonly waits: boolean;
}

const EDNS = plainEdns();
const RECURSE = { rd: true } as const;

/** Words kept about what went wrong: enough to see the pattern. */
const NOTES = 4;

export class ZoneStep {
  readonly #core: Core;
  readonly #asked: ZoneQuestion | PartQuestion;
  readonly #task: Task;
  readonly #candidates: Candidates;
  /** NS names without addresses, not looked up yet. */
  readonly #unresolved: NameServer[];
  readonly #notes: string[] = [];
  #resolved = 0;
  /** Those that the parent does not name, once they are needed. */
  #childServers: readonly NameServer[] | undefined;
  /** What a server said that has no authority. */
  #repeated: AnswerMeaning | undefined;
  /** The first reply with nothing in it, and how many there were. */
  #empty: AnswerMeaning | undefined;
  #emptyReplies = 0;
  #sends = 0;
  #silences = 0;
  /** Replies that are of no use. */
  #errors = 0;
  /** An NS name was left alone for the sake of the caller's limits, not for its own. */
  #isCurtailed = false;
  /** A server was left out since too many questions to it are open. */
  #isOverloaded = false;
  /** Whether everything that went wrong was the network's doing. */
  #isNetworkOnly = true;

  constructor(core: Core, asked: ZoneQuestion | PartQuestion, task: Task) {
    this.#core = core;
    this.#asked = asked;
    this.#task = task;
    const { zone, nameServers } = asked.delegation;
    this.#candidates = new Candidates(core.servers, core.limits, zone.key);
    this.#unresolved = [];
    for (const server of nameServers) this.#addServer(server);
  }

  /** Why to stop now, if there is a reason. */
  stop(): Failure | undefined {
    if (this.#task.signal.aborted) return cancelled;
    const spent = this.#task.budget.exhausted;
    return spent === undefined ? undefined : exhausted(`${spent}${this.#noteText()}`, this.#code());
  }

  /** The best address that was not asked yet, if it needs no lookup. */
  addressAtHand(): string | undefined {
    return this.#isSpent ? undefined : this.#candidates.best('fresh');
  }

  async nextAddress(): Promise<string | undefined> {
    if (this.#isSpent) return undefined;
    const fresh = await this.#nextFresh();
    if (fresh !== undefined) return fresh;
    if (this.#empty || this.stop()) return undefined;
    this.#addGlueOfNames();
    this.#addChildNames();
    const other = await this.#nextFresh();
    if (other !== undefined) return other;
    if (this.stop()) return undefined;
    this.#addGlueOfNames();
    const candidates = this.#candidates;
    return candidates.best('fresh') ?? candidates.best('silent') ?? candidates.best('lame');
  }

  /** As many datagrams as one step may have, or as a part of a name is worth. */
  get #isSpent(): boolean {
    const { limits } = this.#core;
    if (this.#sends >= limits.sendsPerStep) return true;
    return this.#isTentative && this.#silences + this.#errors >= limits.minimisedFailures;
  }

  /** An address that was not asked yet and may well answer. */
  async #nextFresh(): Promise<string | undefined> {
    for (;;) {
      const fresh = this.#candidates.best('fresh');
      if (fresh !== undefined) return fresh;
      if (this.stop() || !(await this.#resolveOne())) return undefined;
    }
  }

  beginAtHand(): Asking | undefined {
    const address = this.addressAtHand();
    return address === undefined ? undefined : this.begin(address);
  }

  /** To ask the server; undefined: it has too much to do already. */
  begin(address: string): Asking | undefined {
    const { limits, servers } = this.#core;
    const done = servers.beginExchange(address, this.#asked.delegation.zone.key, limits);
    if (!done) {
      this.#isOverloaded = true;
      this.#task.story?.tell({ kind: 'limit', what: `too many questions to ${address} are open` });
      this.#candidates.exclude(address);
      return undefined;
    }
    const tries = this.#candidates.take(address);
    const wantedMs = servers.timeoutMs(address, tries);
    const timeoutMs = Math.min(wantedMs, this.#task.budget.remainingMs);
    const told = this.#tellAsking(address, { tries, timeoutMs });
    this.#task.waiter.asks = address;
    return { address, timeoutMs, told, done, waits: timeoutMs === wantedMs };
  }

  /** To be called when its outcome is there. */
  end({ done }: Asking): void {
    this.#task.waiter.asks = undefined;
    done();
  }

  /** What the server says that is of use, or undefined: ask another. */
  take({ address, told, waits }: Asking, outcome: Exchange): ZoneReply | undefined {
    if (outcome.kind === 'reply') return this.#judge(address, outcome, told);
    this.#noteFailure(address, outcome, waits);
    told?.failed(outcome);
    return undefined;
  }

  fail(): PartReply {
    if (this.#isTentative && this.#silences + this.#errors > 0) {
      return { kind: 'undecided', isSilent: this.#errors === 0 };
    }
    if (this.#empty) return this.#answer(this.#empty, true);
    if (this.#repeated) return this.#answer(this.#repeated, false);
    const zone = this.#asked.delegation.zone.toString();
    const server = roleOf(this.#asked.delegation);
    if (this.#isCurtailed) return exhausted(`gave up looking for servers of ${zone}`, this.#code());
    if (this.#isOverloaded) return busy(`too many questions to the servers of ${zone}`);
    if (this.#notes.length === 0) {
      const text = `no address is known for a ${server} of ${zone}`;
      return unanswered(text, ExtendedError.NO_REACHABLE_AUTHORITY);
    }
    return unanswered(`no ${server} of ${zone} gave an answer${this.#noteText()}`, this.#code());
  }

  get #isTentative(): boolean {
    return this.#asked.isTentative === true;
  }

  #code(): number {
    if (this.#notes.length === 0) return ExtendedError.OTHER;
    return this.#isNetworkOnly ? ExtendedError.NETWORK_ERROR : ExtendedError.NO_REACHABLE_AUTHORITY;
  }

  #addServer(server: NameServer): void {
    const known = server.addresses.length > 0 ? server.addresses : this.#cachedAddresses(server);
    this.#addUsable(known);
    // Without glue, a name inside the zone can only be asked of the zone itself: a circle.
    if (known.length > 0 || server.name.isSubdomainOf(this.#asked.delegation.zone)) return;
    this.#unresolved.push(server);
  }

  /**
   * A zone and its parent may differ about the address of a server, and the parent be right. Only
   * for names with addresses that were tried: the limit on lookups is one on names made up to have
   * others asked, too.
   */
  #addGlueOfNames(): void {
    const { nameServers } = this.#asked.delegation;
    for (const server of [...nameServers, ...(this.#childServers ?? [])]) {
      if (server.addresses.length > 0 || this.#unresolved.includes(server)) continue;
      const glue = glueOf(this.#core, server.name);
      this.#addUsable(glue);
    }
  }

  /** Once. */
  #addChildNames(): void {
    if (this.#childServers) return;
    const names = this.#core.childNames.get(this.#asked.delegation.zone);
    this.#childServers = names.map((name) => ({ name, addresses: [] }));
    for (const server of this.#childServers) this.#addServer(server);
  }

  #addUsable(addresses: readonly string[]): void {
    const { useIPv6 } = this.#core;
    for (const address of addresses) {
      if (useIPv6 || familyOfAddress(address) === 4) this.#candidates.add(address);
    }
  }

  #cachedAddresses({ name }: NameServer): readonly string[] {
    const { cache, limits, mayAsk } = this.#core;
    const rrsets = [RRType.A, RRType.AAAA].flatMap((type) => cache.records.get(name, type) ?? []);
    const addresses = rrsets.flatMap(({ rdatas }) =>
      rdatas.flatMap((rdata) => mayAsk(rdata) ?? []),
    );
    return addresses.slice(0, limits.addressesPerName);
  }

  /** Looks up one more NS name. False when there is none left, or no allowance for one. */
  async #resolveOne(): Promise<boolean> {
    const { limits, runtime } = this.#core;
    const { depth, budget } = this.#task;
    if (this.#unresolved.length === 0 || this.#resolved >= limits.nsNamesPerDelegation)
      return false;
    const isNarrow = depth >= limits.narrowDepth && this.#resolved > 0;
    if (isNarrow || depth >= limits.depth || !budget.spendNsName()) {
      this.#isCurtailed = true;
      this.#task.story?.tell({
        kind: 'limit',
        what: 'no more servers are looked up by their names',
      });
      return false;
    }
    this.#resolved++;
    const drawn = runtime.random.below(this.#unresolved.length);
    const [server] = this.#unresolved.splice(drawn, 1);
    const found = await this.#findAddresses(server!.name);
    this.#addUsable(found.addresses);
    if (found.problem !== undefined) this.#note(found.problem, false);
    if (found.isCurtailed === true) this.#isCurtailed = true;
    return true;
  }

  async #findAddresses(serverName: DnsName): Promise<FoundAddresses> {
    const { story } = this.#task;
    if (!story) return findAddresses(this.#core, serverName, this.#task);
    const zone = this.#asked.delegation.zone.toString();
    const step = { kind: 'server address', name: serverName.toString(), zone } as const;
    const told = story.begin(step);
    const found = await findAddresses(
      this.#core,
      serverName,
      asCaller(this.#task, { story: told }),
    );
    told.end({ ...step, outcome: found.problem ?? found.addresses.join(', ') });
    return found;
  }

  /** Calls back once, perhaps before it returns. */
  ask(
    { address, timeoutMs }: Asking,
    onOutcome: (outcome: Exchange | Promise<Exchange>) => void,
  ): void {
    const { runtime, servers, connections, randomCase, cookies, upstreamTransport } = this.#core;
    const { configured } = this.#asked.delegation;
    const request: ExchangeRequest = {
      server: { address, port: this.#port },
      tcp: upstreamTransport === 'tcp' || configured?.tcp === true || this.#asked.tcp === true,
      flags: configured?.kind === 'forward' ? RECURSE : undefined,
      randomCase: randomCase && !servers.changesCase(address),
      connections,
      cookies: cookies ? servers.cookiesOf(address) : undefined,
      question: this.#asked.question,
      timeoutMs,
      edns: servers.lacksEdns(address) ? false : EDNS,
      signal: this.#task.signal,
      spend: (transport) => this.#spend(transport),
    };
    exchangeThen(runtime, request, onOutcome);
  }

  get #port(): number {
    return this.#asked.delegation.configured?.port ?? this.#core.upstreamPort;
  }

  #spend(transport: ExchangeTransport): boolean {
    const { counters, limits } = this.#core;
    if (this.#sends >= limits.sendsPerStep || !this.#task.budget.spendSend()) return false;
    this.#sends++;
    counters.sends++;
    if (transport === 'tcp') counters.tcpSends++;
    return true;
  }

  #judge(
    address: string,
    reply: ExchangeReply,
    told: ToldExchange | undefined,
  ): ZoneReply | undefined {
    const { limits } = this.#core;
    const { delegation, question } = this.#asked;
    const { message } = reply;
    this.#learnFrom(address, reply);
    const aliasLimit = limits.aliases;
    const isForwarder = delegation.configured?.kind === 'forward';
    const { zone } = delegation;
    const meaning = classify(message, { zone, question, aliasLimit, isForwarder });
    told?.replied(reply, meaning);
    if (meaning.kind === 'referral') return meaning;
    if (meaning.kind === 'answer') {
      if (!isForwarder && this.#setAsideEmpty(address, message, meaning)) return undefined;
      this.#asked.onMessage?.(message);
      if (message.aa && !isForwarder && this.#believesNames(reply)) {
        heedZone(this.#core, message, delegation);
      }
      // A forwarder's AA is about a zone of its own, or copied: it is believed no more for it.
      return this.#answer(meaning, message.aa && !isForwarder, told?.story);
    }
    if (meaning.kind === 'lame') this.#noteLame(address, meaning.repeated);
    this.#errors++;
    this.#candidates.exclude(address);
    this.#note(`${serverText(address, delegation)} said ${meaning.why}`, false);
    return undefined;
  }

  /** Whether another server is to be asked for want of anything in this one's reply. */
  #setAsideEmpty(address: string, message: Message, meaning: AnswerMeaning): boolean {
    if (!saysNothing(message, meaning) || this.#isTentative) return false;
    if (this.#emptyReplies === this.#core.limits.emptyReplies) return false;
    this.#emptyReplies++;
    this.#empty ??= meaning;
    this.#candidates.exclude(address);
    return true;
  }

  #answer(
    meaning: AnswerMeaning,
    authoritative: boolean,
    story: Story | undefined = this.#task.story,
  ): Extract<ZoneReply, { kind: 'answer' }> {
    const answer = withoutPrivateAddresses(meaning, this.#core.privateAddresses, story);
    return { kind: 'answer', answer, authoritative };
  }

  /** What every reply tells about the server, whatever it says. */
  #learnFrom(address: string, reply: ExchangeReply): void {
    const { counters, servers } = this.#core;
    this.#task.budget.addReceived(reply.octets.length);
    counters.replies++;
    counters.ignored += reply.ignored;
    this.#countDoubt(reply);
    if (reply.changesCase) servers.addChangedCase(address);
    if (reply.transport === 'udp') servers.addReply(address, reply.rttMs);
    if (reply.withoutEdns) servers.addMissingEdns(address);
  }

  #countDoubt({ tcpBecause }: ExchangeReply): void {
    const { counters } = this.#core;
    if (tcpBecause === 'wrong id') counters.wrongIds++;
    else if (tcpBecause !== undefined && tcpBecause !== 'truncated') counters.doubts++;
  }

  #noteLame(address: string, repeated: AnswerMeaning | undefined): void {
    this.#repeated ??= repeated;
    if (this.#isTentative) return;
    this.#core.counters.lame++;
    this.#core.servers.addLame(address, this.#asked.delegation.zone.key);
  }

  /** Whether what the zone says about its servers may count, as a last resort. */
  #believesNames({ transport, hasCookie }: ExchangeReply): boolean {
    const { childNameServers } = this.#core;
    const isProven = transport === 'tcp' || hasCookie;
    return childNameServers === 'any' || (childNameServers === 'proven' && isProven);
  }

  #noteFailure(address: string, outcome: Exclude<Exchange, ExchangeReply>, waited: boolean): void {
    const { counters, servers } = this.#core;
    const text = `${serverText(address, this.#asked.delegation)} ${describeOutcome(outcome)}`;
    if (outcome.kind === 'cancelled' || outcome.kind === 'out of budget') return;
    this.#note(text, outcome.kind === 'unreachable');
    if (outcome.kind === 'timeout') {
      counters.timeouts++;
      this.#silences++;
      // A wait that our own deadline cut short says nothing about the server, and one in which
      // mismatching replies came says more about a forger.
      if (waited && outcome.ignored === 0) servers.addSilence(address);
      return;
    }
    servers.addSilence(address);
    this.#candidates.exclude(address);
    if (outcome.kind === 'unreachable' && isFamilyError(address, outcome.error)) {
      servers.addUnreachableFamily(address);
    }
  }

  #note(text: string, isNetwork: boolean): void {
    if (!isNetwork) this.#isNetworkOnly = false;
    if (this.#notes.length < NOTES && !this.#notes.includes(text)) this.#notes.push(text);
  }

  #noteText(): string {
    return this.#notes.length === 0 ? '' : `: ${this.#notes.join(', ')}`;
  }

  #tellAsking(
    server: string,
    { tries, timeoutMs }: { readonly tries: number; readonly timeoutMs: number },
  ): ToldExchange | undefined {
    const { story } = this.#task;
    return story && beginExchange(story, this.#core, { ...this.#asked, server, tries, timeoutMs });
  }
}

/** This machine has no way to any address of that family, rather than to that server. */
function isFamilyError(address: string, error: Error): boolean {
  const code = codeOf(error.cause) ?? codeOf(error);
  const isNoRoute = code === 'ENETUNREACH' || code === 'EAFNOSUPPORT' || code === 'EADDRNOTAVAIL';
  return isNoRoute && familyOfAddress(address) === 6;
}
