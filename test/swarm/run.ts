/**
 * One seed of the swarm: its world is built, its questions are asked, and five oracles look at what
 * came of it: never a wrong answer, an answer where there must be one, no taint, no query over its
 * budget, nothing left behind.
 */
import { silentLogger } from '../../src/net/logger.ts';
import type { Resolution } from '../../src/resolver/chain.ts';
import { createResolver, type Resolver } from '../../src/resolver/resolver.ts';
import { SeededRandom } from '../../src/sim/random.ts';
import type { SimHost } from '../../src/sim/host.ts';
import { World } from '../../src/sim/world.ts';
import { decodeMessage } from '../../src/wire/decode.ts';
import { encodeMessage } from '../../src/wire/encode.ts';
import { typeText } from '../../src/wire/iana.ts';
import { groupRRsets, type RRset } from '../../src/wire/record.ts';
import { taintIn } from '../attacks/oracles.ts';
import { showRRset } from '../resolver/fixture.ts';
import { bare, lieAbout, openServers } from './authority.ts';
import { isAnswerable } from './answerable.ts';
import { describePlan, makePlan, type Ask, type Plan } from './plan.ts';
import { transcribe } from './transcript.ts';
import { truthOf, type Truth } from './truth.ts';

export interface Verdict {
  readonly seed: number;
  /** What is wrong, for people; none when all is well. */
  readonly problems: readonly string[];
  readonly figures: Figures;
  /** Empty unless asked for. */
  readonly transcript: string;
}

export interface Figures {
  readonly questions: number;
  readonly answered: number;
  /** Of which had to be answered. */
  readonly due: number;
  readonly sends: number;
  readonly mostSends: number;
}

const RESOLVER = '198.51.100.53';
const PACKETS_PER_QUERY = 100;
const QUERY_MS = 6000;
const HOUR_MS = 3_600_000;
/** Worlds are small, and containers allocate their slots at once. */
const tinyCaches = {
  recordOctets: 2e5,
  negativeOctets: 2e5,
  delegationOctets: 2e5,
  failureOctets: 2e5,
};
const TAINT = /203\.0\.113\.|taint/;

export async function runSeed(seed: number, isVerbose: boolean = false): Promise<Verdict> {
  const plan = makePlan(seed);
  const { delayMs, jitterMs, loss } = plan;
  const world = new World({
    seed,
    link: { delayMs, jitterMs, loss },
    recordLimit: isVerbose ? 100_000 : 0,
  });
  const host = world.host({ name: 'resolver', addresses: [RESOLVER] });
  await openServers(world, plan);
  if (plan.forgeries > 0) startForger(world, plan);
  const resolver = resolverFor(plan, host);
  const run = new Run(world, plan, resolver);
  const problems = [...(await run.askAll())];
  problems.push(...taintIn(resolver, []).map((line) => `tainted cache: ${line}`));
  await world.advance(HOUR_MS);
  const { timers, udpSockets, connections } = host.pending;
  const left = timers + udpSockets + connections + resolver.pending;
  if (left > 0) problems.push(`${left} timers, sockets or queries are left after an hour`);
  const transcript = isVerbose ? `${describePlan(plan)}\n${transcribe(world, run.notes)}` : '';
  return { seed, problems, figures: run.figures, transcript };
}

function resolverFor(plan: Plan, { runtime }: SimHost): Resolver {
  const root = plan.zones[0]!;
  const stubs = plan.stubs.map(({ apex, servers }) => ({
    zone: apex,
    addresses: servers.map(({ address }) => address),
  }));
  return createResolver({
    runtime,
    logger: silentLogger,
    rootHints: root.servers.map(({ name, address }) => ({ name, addresses: [address] })),
    cacheLimits: tinyCaches,
    useIPv6: false,
    stubs,
  });
}

/** Somebody who sees that there is a query, and guesses: never all of port, id and question. */
function startForger(world: World, { seed, forgeries }: Plan): void {
  const forger = world.host({ name: 'forger', addresses: ['198.51.100.66'] });
  const random = new SeededRandom(String(seed), 'forger');
  world.onPacket(({ transport, kind, fromHost, from, to, bytes }) => {
    if (transport !== 'udp' || kind !== 'datagram' || fromHost !== 'resolver') return;
    const decoded = decodeMessage(bytes);
    if (!decoded.ok) return;
    const query = decoded.value;
    const lie = lieAbout(bare(query, { aa: true }), query.questions[0]!.name);
    for (let i = 0; i < forgeries; i++) {
      const isRightPort = random.below(8) === 0;
      const port = isRightPort ? from.port : 1024 + random.below(60_000);
      const id =
        isRightPort || port === from.port ? query.id ^ (1 + random.below(65_535)) : query.id;
      world.inject(forger, {
        from: to,
        to: { ...from, port },
        bytes: encodeMessage({ ...lie, id }, 1232),
      });
    }
  });
}

class Run {
  readonly notes: { readonly atMs: number; readonly text: string }[] = [];
  readonly #world: World;
  readonly #plan: Plan;
  readonly #resolver: Resolver;
  readonly #problems: string[] = [];
  #answered = 0;
  #due = 0;
  #mostSends = 0;

  constructor(world: World, plan: Plan, resolver: Resolver) {
    this.#world = world;
    this.#plan = plan;
    this.#resolver = resolver;
  }

  get figures(): Figures {
    const { sends } = this.#resolver.counters;
    return {
      questions: this.#plan.asks.length,
      answered: this.#answered,
      due: this.#due,
      sends,
      mostSends: this.#mostSends,
    };
  }

  /** Asks everything; what is wrong. */
  async askAll(): Promise<readonly string[]> {
    const { asks } = this.#plan;
    for (let at = 0; at < asks.length;) {
      let end = at + 1;
      while (end < asks.length && asks[end]!.afterMs === 0) end++;
      await this.#world.advance(asks[at]!.afterMs);
      await this.#askTogether(asks.slice(at, end));
      at = end;
    }
    return this.#problems;
  }

  async #askTogether(asks: readonly Ask[]): Promise<void> {
    const before = this.#resolver.counters.sends;
    const startMs = this.#world.nowMs;
    const outcomes = await this.#world.run(
      Promise.all(asks.map(({ name, type }) => this.#resolver.resolve({ name, type, class: 1 }))),
    );
    const sends = this.#resolver.counters.sends - before;
    const elapsedMs = this.#world.nowMs - startMs;
    const who = asks.map(describeAsk).join(' and ');
    if (sends > PACKETS_PER_QUERY * asks.length) this.#problems.push(`${who}: ${sends} packets`);
    if (Math.floor(elapsedMs) > QUERY_MS) this.#problems.push(`${who}: ${elapsedMs} ms`);
    this.#mostSends = Math.max(this.#mostSends, Math.ceil(sends / asks.length));
    asks.forEach((ask, index) => this.#judge(ask, outcomes[index]!));
  }

  #judge(ask: Ask, outcome: Resolution): void {
    const truth = truthOf(this.#plan, ask.name, ask.type);
    const came = describeOutcome(outcome);
    const text = `${describeAsk(ask)}: ${came}`;
    this.notes.push({ atMs: this.#world.nowMs, text });
    if (TAINT.test(came)) this.#problems.push(`tainted answer: ${text}`);
    const isDue = isAnswerable(this.#plan, truth);
    if (isDue) this.#due++;
    if (outcome.kind === 'failure') {
      if (isDue) this.#problems.push(`should have been answered: ${text}`);
      return;
    }
    this.#answered++;
    const expected = describeTruth(truth);
    if (came !== expected) this.#problems.push(`wrong answer: ${text}; the zones say ${expected}`);
  }
}

function describeAsk({ name, type }: Ask): string {
  return `${name.toString()} ${typeText(type)}`;
}

function describeOutcome(outcome: Resolution): string {
  if (outcome.kind === 'failure') return `failure: ${outcome.text}`;
  return describeAnswer(outcome.rcode, outcome.answers);
}

function describeTruth({ rcode, answers }: Truth): string {
  return rcode === undefined ? 'nothing at all' : describeAnswer(rcode, groupRRsets(answers));
}

/**
 * Without TTLs, without letter case, which forgers are made to guess (0x20), and without order but
 * that of the chain.
 */
function describeAnswer(rcode: number, answers: readonly RRset[]): string {
  const lines = answers.map((rrset) => {
    const rdatas = rrset.rdatas.toSorted((a, b) => Buffer.compare(a, b));
    return showRRset({ ...rrset, ttl: 0, rdatas });
  });
  return `rcode ${rcode}: ${lines.join('; ').toLowerCase()}`;
}
