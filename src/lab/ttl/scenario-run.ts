/** Plays a scenario once: the world, the clients, the events, and what is seen of it all. */

import { SeededRandom } from '../../sim/random.ts';
import { drop, partition, pass, type RuleGuard } from '../../sim/packet.ts';
import type { Question } from '../../wire/record.ts';
import type { Zone } from '../../zone/zone.ts';
import { isFailure, readAnswer } from './answers.ts';
import { chooser, diurnal, periodic, poisson, type Gaps } from './arrivals.ts';
import { DNS_PORT, FEW_NAMES, LabInternet } from './internet.ts';
import { versionAddress } from './one-zone.ts';
import { authoritiesOf } from './scenario-servers.ts';
import type {
  LinkRule,
  PopulationNode,
  ResolverNode,
  ScenarioEvent,
  ServerNode,
  TtlScenario,
  Workload,
} from './scenario.ts';
import { ScenarioMeter, type ScenarioMetrics } from './scenario-meter.ts';
import { StubClients, type Outcome } from './stub-clients.ts';
import { Truths } from './truths.ts';
import { replaceRRsets } from './zone-edit.ts';
import { addressToBytes } from '../../net/address.ts';
import { NS_PER_MS } from '../../sim/units.ts';

const DEFAULT_LINK = { delayMs: 10 };
/** One way, where no rule says otherwise: a resolver of the client's own provider. */
const CLIENT_LINK = { delayMs: 1 };

export interface ScenarioResult {
  readonly metrics: ScenarioMetrics;
  readonly traceHash: string;
}

export interface ScenarioRunOptions {
  readonly seed?: string;
  readonly onProgress?: (share: number) => void;
  readonly onAnswer?: (told: ToldClient) => void;
  /** What is true of a question from now on: before the first answer, and after each change. */
  readonly onTruth?: (question: Question, value: string, atMs: number) => void;
  /** Before anybody asks. */
  readonly atStart?: (internet: LabInternet) => void;
  /** When the time is over, and everything is still there. */
  readonly atEnd?: (internet: LabInternet, truths: Truths) => Promise<void>;
  /** Questions of nobody in the scenario, of which the truth is to be known at the end. */
  readonly watched?: readonly Question[];
  /** What is asked before this is not measured. Default 0. */
  readonly warmUpMs?: number;
  /** What wall clocks show at the start. */
  readonly epochMs?: number;
}

/** What a client was told, and when the answer left its resolver, since the start. */
export interface ToldClient {
  readonly population: string;
  readonly question: Question;
  /** Undefined: a failure, or silence. */
  readonly value: string | undefined;
  readonly atMs: number;
  /** What was left of it, in seconds; undefined without records. */
  readonly ttlSeconds: number | undefined;
  /** For how long it had been untrue. */
  readonly staleMs: number;
}

export async function runScenario(
  scenario: TtlScenario,
  options: ScenarioRunOptions = {},
): Promise<ScenarioResult> {
  const seed = options.seed ?? scenario.seed;
  const internet = await LabInternet.open({
    seed,
    authorities: authoritiesOf(scenario.servers),
    resolvers: scenario.resolvers.map((node) => ({ ...planOf(node), isSmall: isSmall(scenario) })),
    link: DEFAULT_LINK,
    ...(options.epochMs !== undefined && { epochMs: options.epochMs }),
  });
  options.atStart?.(internet);
  return new ScenarioRun(scenario, internet, { ...options, seed }).play();
}

function isSmall({ workload }: TtlScenario): boolean {
  return workload.reduce((sum, { questions }) => sum + questions.length, 0) <= FEW_NAMES;
}

function planOf(node: ResolverNode): Parameters<typeof LabInternet.open>[0]['resolvers'][number] {
  const { name, address, forwardTo, servesStale, prefetch, maxTtlSeconds, minTtlSeconds } = node;
  const { cutRule } = node;
  return {
    name,
    address,
    ...(forwardTo !== undefined && { forwardTo: [forwardTo] }),
    recursion: {
      prefetch,
      ...(servesStale && { serveStale: {} }),
      ...(cutRule && { cutRule, childNameServers: 'any' }),
      cacheLimits: {
        ...(maxTtlSeconds !== undefined && { ttlSeconds: maxTtlSeconds }),
        ...(minTtlSeconds !== undefined && { ttlSecondsMin: minTtlSeconds }),
      },
    },
  };
}

type RunOptions = ScenarioRunOptions & { readonly seed: string };

class ScenarioRun {
  readonly #scenario: TtlScenario;
  readonly #internet: LabInternet;
  readonly #options: RunOptions;
  readonly #meter: ScenarioMeter;
  readonly #truths: Truths;
  readonly #startMs: number;

  constructor(scenario: TtlScenario, internet: LabInternet, options: RunOptions) {
    this.#scenario = scenario;
    this.#internet = internet;
    this.#options = options;
    this.#startMs = internet.world.nowMs;
    this.#meter = new ScenarioMeter(
      scenario.servers.map(({ name }) => name),
      scenario.durationMs - this.#warmUpMs,
    );
    const asked = scenario.workload.flatMap((workload) => workload.questions);
    const questions = [...asked, ...(options.watched ?? [])];
    this.#truths = new Truths(questions, (question, value, atMs) =>
      options.onTruth?.(question, value, atMs - this.#startMs),
    );
    for (const { zones } of scenario.servers) {
      for (const zone of zones) this.#truths.learn(zone, this.#startMs);
    }
  }

  async play(): Promise<ScenarioResult> {
    const { world } = this.#internet;
    const scenario = this.#scenario;
    const populations = new Map(scenario.populations.map((node) => [node.name, node]));
    const hosts = this.#openHosts();
    for (const rule of scenario.links) this.#link(rule);
    const askers = new Set(scenario.resolvers.map(({ name }) => name));
    world.onPacket(({ fromHost, toHost, transport, kind }) => {
      const isQuestion = transport === 'udp' && kind === 'datagram' && askers.has(fromHost);
      if (!isQuestion) return;
      if (this.#elapsedMs >= this.#warmUpMs) this.#meter.countUpstream(toHost);
    });
    for (const [index, workload] of scenario.workload.entries()) {
      const population = populations.get(workload.population)!;
      const clients = await this.#openClients(workload, population, hosts.get(population.name)!);
      this.#start(workload, clients, index);
    }
    for (const event of scenario.events) this.#script(event);
    await this.#advance();
    await this.#internet.close();
    return { metrics: this.#meter.finish(), traceHash: world.traceHash };
  }

  /** In steps, so that somebody can be told how far it is. */
  async #advance(): Promise<void> {
    const { world } = this.#internet;
    const { durationMs } = this.#scenario;
    const steps = this.#options.onProgress ? 100 : 1;
    for (let step = 1; step <= steps; step += 1) {
      await world.advance(durationMs / steps);
      this.#options.onProgress?.(step / steps);
    }
    await this.#options.atEnd?.(this.#internet, this.#truths);
    // Whoever still waits when the time is over gets its answer, or gives up.
    await world.advance(GRACE_MS);
  }

  #openHosts(): ReadonlyMap<string, ReturnType<LabInternet['world']['host']>> {
    const { world } = this.#internet;
    return new Map(
      this.#scenario.populations.map(({ name, count, resolver }, population) => {
        const addresses = Array.from({ length: count }, (_, client) => {
          return `10.${200 + population}.${client >>> 8}.${client & 255}`;
        });
        const host = world.host({ name, addresses });
        world.linkBoth(host, this.#internet.host(resolver), CLIENT_LINK);
        return [name, host] as const;
      }),
    );
  }

  #link({ from, to, link }: LinkRule): void {
    const everybody = [
      ...this.#scenario.servers,
      ...this.#scenario.resolvers,
      ...this.#scenario.populations,
    ].map(({ name }) => name);
    const named = (names: readonly string[]): readonly string[] =>
      names.includes('*') ? everybody : names;
    for (const one of named(from)) {
      for (const other of named(to)) {
        if (one !== other) this.#internet.world.link(one, other, link);
      }
    }
  }

  #openClients(
    workload: Workload,
    population: PopulationNode,
    host: ReturnType<LabInternet['world']['host']>,
  ): Promise<StubClients> {
    const resolver = this.#internet.host(population.resolver);
    const wayMs = this.#wayMs(population);
    return this.#internet.world.run(
      StubClients.open({
        host,
        port: FIRST_CLIENT_PORT + this.#scenario.workload.indexOf(workload),
        resolver: { address: resolver.addresses[0]!, port: DNS_PORT },
        questions: workload.questions,
        onOutcome: (outcome) => this.#take(workload, outcome, wayMs),
      }),
    );
  }

  /** One way between clients and their resolver: the same both ways, without jitter. */
  #wayMs({ name, resolver }: PopulationNode): number {
    const rules = this.#scenario.links.filter(
      ({ from, to }) => fits(from, name) && fits(to, resolver),
    );
    return rules.at(-1)?.link.delayMs ?? CLIENT_LINK.delayMs;
  }

  #start(workload: Workload, clients: StubClients, index: number): void {
    const { seed } = this.#options;
    const stream = (purpose: string): SeededRandom =>
      new SeededRandom(seed, `scenario ${purpose} ${index}`);
    const { arrivals, shares, questions } = workload;
    const whom = stream('clients');
    const choose = shares ? chooser(shares, stream('names')) : () => 0;
    if (arrivals.kind === 'log') {
      for (const { atMs, question } of arrivals.asks) {
        this.#internet.world.at(this.#startMs + atMs, () =>
          clients.ask(whom.below(clients.count), question % questions.length),
        );
      }
      return;
    }
    this.#askNext(gapsOf(arrivals, stream('arrivals')), () =>
      clients.ask(whom.below(clients.count), choose()),
    );
  }

  #askNext(gaps: Gaps, ask: () => void): void {
    const gapMs = gaps();
    if (gapMs === undefined || this.#elapsedMs + gapMs > this.#scenario.durationMs) return;
    this.#internet.host(this.#scenario.servers[0]!.name).runtime.clock.schedule(gapMs, () => {
      ask();
      this.#askNext(gaps, ask);
    });
  }

  get #warmUpMs(): number {
    return this.#options.warmUpMs ?? 0;
  }

  get #elapsedMs(): number {
    return this.#internet.world.nowMs - this.#startMs;
  }

  #take(workload: Workload, outcome: Outcome, wayMs: number): void {
    const { reply, askedAtMs, endedAtMs } = outcome;
    const latencyMs = endedAtMs - askedAtMs;
    const question = workload.questions[outcome.question]!;
    const answer = reply && readAnswer(reply, question.type);
    const atMs = endedAtMs - wayMs - this.#startMs;
    const told = { population: workload.population, question, atMs };
    const asked = { atMs: askedAtMs - this.#startMs - this.#warmUpMs, latencyMs };
    if (asked.atMs < 0) return;
    if (answer === undefined || isFailure(answer)) {
      this.#options.onAnswer?.({ ...told, value: undefined, ttlSeconds: undefined, staleMs: 0 });
      this.#meter.add({ ...asked, outcome: 'failed', staleMs: 0 });
      return;
    }
    const isHit = Math.round(latencyMs * NS_PER_MS) === Math.round(2 * wayMs * NS_PER_MS);
    const staleMs = this.#truths.staleMs(question, answer.value, endedAtMs - wayMs);
    const { value, ttlSeconds } = answer;
    this.#options.onAnswer?.({ ...told, value, ttlSeconds, staleMs });
    this.#meter.add({ ...asked, outcome: isHit ? 'hit' : 'miss', staleMs });
  }

  #script(event: ScenarioEvent): void {
    const { world } = this.#internet;
    const { atMs, forMs } = event;
    const guards: RuleGuard[] = [];
    world.at(this.#startMs + atMs, () => guards.push(...this.#begin(event)));
    if (forMs === undefined) return;
    world.at(this.#startMs + atMs + forMs, () => {
      for (const guard of guards) guard.uninstall();
      if (event.kind === 'crash') for (const name of event.nodes) this.#internet.host(name).up();
      if (event.kind === 'clock') this.#setClocks(event, -1);
    });
  }

  #begin(event: ScenarioEvent): readonly RuleGuard[] {
    const { world } = this.#internet;
    switch (event.kind) {
      case 'zone':
        this.#publish(event.zone);
        return [];
      case 'loss': {
        const random = new SeededRandom(this.#options.seed, `scenario loss ${event.atMs}`);
        const { to, chance } = event;
        return [
          world.install(({ toHost }) =>
            to.includes(toHost ?? '') && random.below(RANGE) / RANGE < chance ? drop : pass,
          ),
        ];
      }
      case 'partition': {
        const { groups } = event;
        const pairs = groups.flatMap((one, index) =>
          groups.slice(index + 1).map((other) => partition(one, other)),
        );
        return pairs.map((rule) => world.install(rule));
      }
      case 'crash':
        for (const name of event.nodes) this.#internet.host(name).down();
        return [];
      case 'churn':
        this.#churn(event);
        return [];
      case 'clock':
        this.#setClocks(event, 1);
        return [];
    }
  }

  #setClocks(
    { nodes, stepMs, ppm }: Extract<ScenarioEvent, { kind: 'clock' }>,
    sign: 1 | -1,
  ): void {
    for (const name of nodes) {
      const host = this.#internet.host(name);
      if (stepMs !== 0) host.stepWall(sign * stepMs * NS_PER_MS);
      if (ppm !== 0) host.steerClock(sign > 0 ? ppm : 0);
    }
  }

  /** Secondaries hear of it from their primaries. */
  #publish(zone: Zone): void {
    const isCopy = (server: ServerNode): boolean =>
      (server.copies ?? []).some(({ origin }) => origin.equals(zone.origin));
    const servers = this.#scenario.servers.filter((server) => !isCopy(server));
    this.#internet.replaceZone(
      zone,
      servers.map(({ name }) => name),
    );
    this.#truths.learn(zone, this.#internet.world.nowMs);
  }

  #churn({
    question,
    perSecond,
    atMs,
    forMs = Infinity,
  }: Extract<ScenarioEvent, { kind: 'churn' }>): void {
    const gaps = poisson(perSecond, new SeededRandom(this.#options.seed, `scenario churn ${atMs}`));
    const { world } = this.#internet;
    let version = 0;
    const next = (): void => {
      const gapMs = gaps()!;
      if (this.#elapsedMs + gapMs > Math.min(this.#scenario.durationMs, atMs + forMs)) return;
      world.at(world.nowMs + gapMs, () => {
        version += 1;
        this.#renew(question, version);
        next();
      });
    };
    next();
  }

  /** A new address for the record, in every zone that has it. */
  #renew({ name, type }: Question, version: number): void {
    for (const zone of this.#internet.zones()) {
      const rrset = zone.rrset(name, type);
      if (!rrset) continue;
      const rdata = addressToBytes(versionAddress(version))!;
      this.#publish(replaceRRsets(zone, [{ ...rrset, rdatas: [rdata] }]));
    }
  }
}

const RANGE = 2 ** 32;
const FIRST_CLIENT_PORT = 5353;
/** Longer than a client asks for. */
const GRACE_MS = 20_000;

function fits(names: readonly string[], name: string): boolean {
  return names.includes('*') || names.includes(name);
}

/** Of arrivals that are drawn. */
export function gapsOf(
  arrivals: Exclude<Workload['arrivals'], { kind: 'log' }>,
  random: SeededRandom,
): Gaps {
  switch (arrivals.kind) {
    case 'poisson':
      return poisson(arrivals.perSecond, random);
    case 'every':
      return periodic(arrivals.periodMs, arrivals.periodMs);
    case 'diurnal':
      return diurnal(arrivals.perSecond, arrivals.amplitude, random);
  }
}
