/**
 * Clients that ask for the names of one domain through a resolver, while the domain changes: what
 * every experiment on TTLs plays, with other numbers. The resolver and the authorities are the real
 * ones; time is virtual.
 *
 *     clients ─(client delay)─► resolver [─► forwarder…] ─(server delay)─► root, TLD, domain
 */

import { SeededRandom } from '../../sim/random.ts';
import { DnsClass, RRType } from '../../wire/iana.ts';
import { nameOf } from '../../wire/name-text.ts';
import type { Question } from '../../wire/record.ts';
import { isFailure, readAnswer, type ReadAnswer } from './answers.ts';
import type { Gaps } from './arrivals.ts';
import { DNS_PORT, FEW_NAMES, LabInternet, type ResolverPlan } from './internet.ts';
import { authoritiesOf, DOMAIN, domainZone, RESOLVER_ADDRESS, versionAddress } from './one-zone.ts';
import { StubClients, type Outcome } from './stub-clients.ts';
import { Truth } from './truth.ts';
import { NS_PER_MS } from '../../sim/units.ts';

/** Beyond 104 days a Number no longer counts nanoseconds one by one. */
export const MAX_DAYS = 103;
const FORWARDER_NETWORK = '203.0.113.';

export interface TtlRunOptions {
  readonly seed: string;
  readonly ttlSeconds: number;
  /** How many names the domain has; default 1. */
  readonly names?: number;
  /** When somebody asks next; the stream is for this purpose alone. */
  readonly gaps: (random: SeededRandom) => Gaps;
  /** For which name, below `names`; default always the first. */
  readonly choose?: (random: SeededRandom) => () => number;
  /** The run ends with this many questions. */
  readonly queries: number;
  /** When the records change next; default never. All names change together. */
  readonly changes?: (random: SeededRandom) => Gaps;
  /** One way. */
  readonly clientDelayMs: number;
  /** One way, between resolver and authorities, and between resolvers. */
  readonly serverDelayMs: number;
  readonly recursion?: ResolverPlan['recursion'];
  /** How many forwarders stand between the clients and the resolver that walks; default 0. */
  readonly forwarders?: number;
  /** Forwarders give every record at least so long, which they should not; default 0. */
  readonly forwarderTtlSecondsMin?: number;
  /** Other clients ask every resolver of the chain as often as ours ask theirs, unobserved. */
  readonly hasOtherClients?: boolean;
  readonly negativeTtlSeconds?: number;
  readonly nsTtlSeconds?: number;
  /** The first version of a name does not exist. */
  readonly beginsAbsent?: boolean;
  /** Called when everything is up, to script faults. */
  readonly onOpen?: (internet: LabInternet) => void;
  readonly onQuery: (query: ObservedQuery) => void;
  /** At each question that reaches the domain's authority. */
  readonly onUpstream?: (atMs: number) => void;
  /** At each change: for how long the resolver that walks will still have the old record. */
  readonly onChange?: (cachedForMs: number) => void;
}

export interface ObservedQuery {
  readonly name: number;
  readonly askedAtMs: number;
  readonly latencyMs: number;
  /**
   * 'hit': the resolver answered in the instant in which the question came; 'miss': it waited for
   * somebody; 'failed': SERVFAIL or nothing.
   */
  readonly outcome: 'hit' | 'miss' | 'failed';
  readonly answer: ReadAnswer | undefined;
  /** For how long the answer had been untrue when it left the resolver; 0 when it was true. */
  readonly staleMs: number;
}

export interface TtlRunResult {
  readonly traceHash: string;
  /** From the first question to the last. */
  readonly durationMs: number;
  /** Datagrams that each authority got. */
  readonly upstream: Readonly<Record<'root' | 'tld' | 'ns', number>>;
  readonly changes: number;
}

export async function runTtl(options: TtlRunOptions): Promise<TtlRunResult> {
  const run = new TtlRun(options, await openInternet(options));
  return run.play();
}

function openInternet(options: TtlRunOptions): Promise<LabInternet> {
  const { seed, serverDelayMs, recursion, forwarders = 0, names = 1 } = options;
  const isSmall = names <= FEW_NAMES;
  const { forwarderTtlSecondsMin: ttlSecondsMin = 0 } = options;
  const walking: ResolverPlan = {
    name: 'resolver',
    address: forwarders === 0 ? RESOLVER_ADDRESS : `${FORWARDER_NETWORK}${forwarders + 1}`,
    isSmall,
    ...(recursion && { recursion }),
  };
  // The clients' own resolver is the last of the chain.
  const chain = Array.from({ length: forwarders }, (_, index): ResolverPlan => {
    const address = `${FORWARDER_NETWORK}${forwarders - index}`;
    const next = `${FORWARDER_NETWORK}${forwarders - index + 1}`;
    const recursionOfIt = { cacheLimits: { ttlSecondsMin } };
    const name = `forwarder ${index + 1}`;
    return { name, address, isSmall, forwardTo: [next], recursion: recursionOfIt };
  });
  return LabInternet.open({
    seed,
    authorities: authoritiesOf(zoneVersion(options, 0)),
    resolvers: [walking, ...chain],
    link: { delayMs: serverDelayMs },
    timeLimitMs: MAX_DAYS * 86_400_000,
  });
}

function zoneVersion(options: TtlRunOptions, version: number): ReturnType<typeof domainZone> {
  const { ttlSeconds, names = 1, negativeTtlSeconds, nsTtlSeconds, beginsAbsent } = options;
  const isAbsent = beginsAbsent === true && version === 0;
  const addresses = Array.from({ length: isAbsent ? 0 : names }, (_, name) => {
    return [labelOf(name), versionAddress(version)] as const;
  });
  return domainZone({
    serial: version + 1,
    ttlSeconds,
    addresses: new Map(addresses),
    ...(negativeTtlSeconds !== undefined && { negativeTtlSeconds }),
    ...(nsTtlSeconds !== undefined && { nsTtlSeconds }),
  });
}

function labelOf(name: number): string {
  return name === 0 ? 'www' : `h${name}`;
}

function questionOf(name: number): Question {
  return { name: nameOf(`${labelOf(name)}.${DOMAIN}`), type: RRType.A, class: DnsClass.IN };
}

class TtlRun {
  readonly #options: TtlRunOptions;
  readonly #internet: LabInternet;
  readonly #truth = new Truth();
  readonly #upstream = { root: 0, tld: 0, ns: 0 };
  readonly #choose: () => number;
  #version = 0;
  #clientHosts = 0;
  #asked = 0;
  #ended = 0;
  #finish: () => void = () => {};

  constructor(options: TtlRunOptions, internet: LabInternet) {
    this.#options = options;
    this.#internet = internet;
    this.#choose = options.choose?.(this.#stream('names')) ?? (() => 0);
  }

  async play(): Promise<TtlRunResult> {
    const { onOpen, gaps, changes } = this.#options;
    const { world } = this.#internet;
    const clients = await this.#openClients('clients', this.#nearest, (outcome) => {
      this.#take(outcome);
    });
    this.#truth.set(this.#options.beginsAbsent === true ? 'NXDOMAIN' : versionAddress(0), 0);
    world.onPacket(({ toHost, transport, kind }) => {
      if (toHost === 'root' || toHost === 'tld' || toHost === 'ns') {
        if (transport !== 'udp' || kind !== 'datagram') return;
        this.#upstream[toHost] += 1;
        if (toHost === 'ns') this.#options.onUpstream?.(world.nowMs);
      }
    });
    onOpen?.(this.#internet);
    if (changes) this.#changeNext(changes(this.#stream('changes')));
    const startMs = world.nowMs;
    const finished = new Promise<void>((resolve) => {
      this.#finish = resolve;
    });
    if (this.#options.hasOtherClients === true) await this.#openOthers();
    this.#askNext(clients, gaps(this.#stream('arrivals')));
    await world.run(finished);
    const durationMs = world.nowMs - startMs;
    await this.#internet.close();
    return {
      traceHash: world.traceHash,
      durationMs,
      upstream: this.#upstream,
      changes: this.#version,
    };
  }

  #openClients(
    name: string,
    resolverName: string,
    onOutcome: (outcome: Outcome) => void,
  ): Promise<StubClients> {
    const { names = 1, clientDelayMs } = this.#options;
    const { world } = this.#internet;
    this.#clientHosts += 1;
    const host = world.host({ name, addresses: [`198.51.100.${this.#clientHosts}`] });
    const resolver = this.#internet.host(resolverName);
    world.linkBoth(host, resolver, { delayMs: clientDelayMs });
    const questions = Array.from({ length: names }, (_, index) => questionOf(index));
    const address = resolver.addresses[0]!;
    const to = { address, port: DNS_PORT };
    return world.run(StubClients.open({ host, questions, onOutcome, resolver: to }));
  }

  /** At every resolver but the one that is observed. */
  async #openOthers(): Promise<void> {
    const { forwarders = 0, gaps } = this.#options;
    for (let level = 0; level < forwarders; level += 1) {
      const resolver = level === 0 ? 'resolver' : `forwarder ${level}`;
      const others = await this.#openClients(`others of ${resolver}`, resolver, () => {});
      this.#keepAsking(others, gaps(this.#stream(`others ${level}`)));
    }
  }

  #keepAsking(clients: StubClients, gaps: Gaps): void {
    const gapMs = gaps();
    if (gapMs === undefined) return;
    this.#internet.host('root').runtime.clock.schedule(gapMs, () => {
      if (this.#ended === this.#options.queries) return;
      clients.ask(0, this.#choose());
      this.#keepAsking(clients, gaps);
    });
  }

  /** The resolver that the clients ask. */
  get #nearest(): string {
    const { forwarders = 0 } = this.#options;
    return forwarders === 0 ? 'resolver' : `forwarder ${forwarders}`;
  }

  #stream(purpose: string): SeededRandom {
    return new SeededRandom(this.#options.seed, `lab ttl ${purpose}`);
  }

  #askNext(clients: StubClients, gaps: Gaps): void {
    const gapMs = gaps();
    if (gapMs === undefined || this.#asked === this.#options.queries) {
      if (this.#asked === this.#ended) this.#finish();
      return;
    }
    this.#asked += 1;
    const { clock } = this.#internet.host('root').runtime;
    clock.schedule(gapMs, () => {
      clients.ask(0, this.#choose());
      this.#askNext(clients, gaps);
    });
  }

  #changeNext(gaps: Gaps): void {
    const gapMs = gaps();
    if (gapMs === undefined) return;
    const { world } = this.#internet;
    world.at(world.nowMs + gapMs, () => {
      this.#options.onChange?.(this.#cachedForMs());
      this.#version += 1;
      this.#internet.replaceZone(zoneVersion(this.#options, this.#version));
      this.#truth.set(versionAddress(this.#version), world.nowMs);
      this.#changeNext(gaps);
    });
  }

  /** 0 when the resolver has no record of the first name. */
  #cachedForMs(): number {
    const { resolver } = this.#internet.resolver('resolver');
    const { name, type } = questionOf(0);
    const cached = resolver?.cache.records.get(name, type);
    if (cached?.expiresAtMs === undefined) return 0;
    return Math.max(0, cached.expiresAtMs - this.#internet.world.nowMs);
  }

  #take({ question, askedAtMs, endedAtMs, reply }: Outcome): void {
    const answer = reply && readAnswer(reply);
    const latencyMs = endedAtMs - askedAtMs;
    this.#ended += 1;
    this.#options.onQuery({
      name: question,
      askedAtMs,
      latencyMs,
      outcome: this.#outcomeOf(answer, latencyMs),
      answer,
      staleMs: this.#staleMs(answer, endedAtMs),
    });
    if (this.#ended === this.#options.queries) this.#finish();
  }

  #outcomeOf(answer: ReadAnswer | undefined, latencyMs: number): ObservedQuery['outcome'] {
    if (answer === undefined || isFailure(answer)) return 'failed';
    const roundTripNs = Math.round(2 * this.#options.clientDelayMs * NS_PER_MS);
    return Math.round(latencyMs * NS_PER_MS) === roundTripNs ? 'hit' : 'miss';
  }

  #staleMs(answer: ReadAnswer | undefined, endedAtMs: number): number {
    if (answer === undefined || isFailure(answer)) return 0;
    const leftAtMs = endedAtMs - this.#options.clientDelayMs;
    return Math.max(0, this.#truth.staleMs(answer.value, leftAtMs) ?? 0);
  }
}
