/**
 * A scenario on real sockets: our authorities and clients, and between them whatever resolver is at
 * its address. A hit is a question that no authority was asked for meanwhile, so hits are counted
 * at the authorities: what a client waits for says nothing on one machine.
 */

import { startSystem, type System } from '../../app/system.ts';
import { addressToBytes } from '../../net/address.ts';
import { silentLogger } from '../../net/logger.ts';
import type { DatagramHandler, Runtime } from '../../net/ports.ts';
import { SeededRandom } from '../../sim/random.ts';
import { decodeMessage } from '../../wire/decode.ts';
import type { Question } from '../../wire/record.ts';
import type { Zone } from '../../zone/zone.ts';
import { isFailure, readAnswer } from './answers.ts';
import { chooser, type Gaps, poisson } from './arrivals.ts';
import { DNS_PORT } from './internet.ts';
import { versionAddress } from './one-zone.ts';
import { ScenarioMeter, type ScenarioMetrics } from './scenario-meter.ts';
import { gapsOf } from './scenario-run.ts';
import type { ScenarioEvent, TtlScenario, Workload } from './scenario.ts';
import { type Outcome, StubClients } from './stub-clients.ts';
import { Truths } from './truths.ts';
import { replaceRRsets } from './zone-edit.ts';

export interface RealPlay {
  readonly runtime: Runtime;
  readonly seed: string;
  /** Before it nothing is measured: caches are filled. */
  readonly warmUpMs: number;
  readonly clientAddresses: readonly string[];
  /** Called when the authorities answer. */
  readonly startResolver: () => Promise<void>;
}

export interface RealMetrics extends ScenarioMetrics {
  /** Of the names that were asked for, at all authorities. */
  readonly fetches: number;
}

/** Answers that are still under way at the end get so long. */
const GRACE_MS = 1000;
const FIRST_PORT = 5353;

export async function playReal(scenario: TtlScenario, options: RealPlay): Promise<RealMetrics> {
  const play = new Play(scenario, options);
  try {
    return await play.run();
  } finally {
    await play.close();
  }
}

class Play {
  readonly #scenario: TtlScenario;
  readonly #options: RealPlay;
  readonly #systems: System[] = [];
  readonly #clients: StubClients[] = [];
  readonly #truths: Truths;
  readonly #meter: ScenarioMeter;
  readonly #asked: ReadonlySet<string>;
  #fetches = 0;
  #startMs = 0;
  #isOver = false;

  constructor(scenario: TtlScenario, options: RealPlay) {
    this.#scenario = scenario;
    this.#options = options;
    const questions = scenario.workload.flatMap((workload) => workload.questions);
    this.#truths = new Truths(questions);
    this.#asked = new Set(questions.map(keyOf));
    const servers = scenario.servers.map(({ name }) => name);
    this.#meter = new ScenarioMeter(servers, scenario.durationMs - options.warmUpMs);
  }

  async run(): Promise<RealMetrics> {
    const { runtime, startResolver } = this.#options;
    const { servers, workload, events, durationMs } = this.#scenario;
    for (const { name, address, zones } of servers) {
      for (const zone of zones) this.#truths.learn(zone, this.#nowMs);
      const system = await startSystem({
        runtime: this.#counting(name),
        logger: silentLogger,
        listen: [{ address, port: DNS_PORT }],
        zones,
        clients: { rate: { perSecond: 0 }, late: { afterMs: 0 } },
      });
      this.#systems.push(system);
    }
    await startResolver();
    this.#startMs = runtime.clock.monotonic();
    for (const [index, one] of workload.entries()) await this.#startAsking(one, index);
    for (const event of events) this.#script(event);
    await this.#wait(durationMs);
    this.#isOver = true;
    await this.#wait(GRACE_MS);
    return { ...this.#meter.finish(), fetches: this.#fetches };
  }

  async close(): Promise<void> {
    this.#isOver = true;
    for (const clients of this.#clients) clients.close();
    await Promise.all(this.#systems.map((system) => system.close()));
  }

  get #nowMs(): number {
    return this.#options.runtime.clock.monotonic();
  }

  get #elapsedMs(): number {
    return this.#nowMs - this.#startMs;
  }

  get #isMeasured(): boolean {
    return !this.#isOver && this.#startMs > 0 && this.#elapsedMs >= this.#options.warmUpMs;
  }

  #wait(ms: number): Promise<void> {
    return new Promise((resolve) => void this.#options.runtime.clock.schedule(ms, resolve));
  }

  /** The same machine, whose datagrams to an authority are counted. */
  #counting(server: string): Runtime {
    const { runtime } = this.#options;
    const counted =
      (handler: DatagramHandler): DatagramHandler =>
      (datagram, ...rest) => {
        if (this.#isMeasured) this.#count(server, datagram);
        return handler(datagram, ...rest);
      };
    const bindUdp: Runtime['network']['bindUdp'] = (local, handler) =>
      runtime.network.bindUdp(local, counted(handler));
    return { ...runtime, network: { ...runtime.network, bindUdp } };
  }

  #count(server: string, datagram: Uint8Array): void {
    this.#meter.countUpstream(server);
    const decoded = decodeMessage(datagram);
    const [question] = decoded.ok ? decoded.value.questions : [];
    if (!question || !this.#asked.has(keyOf(question))) return;
    this.#fetches += 1;
    this.#meter.countFetch(this.#elapsedMs - this.#options.warmUpMs);
  }

  async #startAsking(workload: Workload, index: number): Promise<void> {
    const { seed, runtime, clientAddresses } = this.#options;
    const [resolver] = this.#scenario.resolvers;
    const clients = await StubClients.open({
      host: { addresses: clientAddresses, runtime },
      port: FIRST_PORT + index,
      resolver: { address: resolver!.address, port: DNS_PORT },
      questions: workload.questions,
      onOutcome: (outcome) => this.#take(workload, outcome),
    });
    this.#clients.push(clients);
    const stream = (purpose: string): SeededRandom =>
      new SeededRandom(seed, `scenario ${purpose} ${index}`);
    const { arrivals, shares } = workload;
    const whom = stream('clients');
    const ask = (question: number): void => clients.ask(whom.below(clients.count), question);
    if (arrivals.kind === 'log') {
      for (const { atMs, question } of arrivals.asks) this.#at(atMs, () => ask(question));
      return;
    }
    const choose = shares ? chooser(shares, stream('names')) : (): number => 0;
    this.#repeat(0, gapsOf(arrivals, stream('arrivals')), () => ask(choose()));
  }

  /** By the plan, not from one to the next: a timer that is late delays nothing behind it. */
  #repeat(beforeMs: number, gaps: Gaps, act: () => void): void {
    const gapMs = gaps();
    if (gapMs === undefined || beforeMs + gapMs > this.#scenario.durationMs) return;
    const atMs = beforeMs + gapMs;
    this.#at(atMs, () => {
      act();
      this.#repeat(atMs, gaps, act);
    });
  }

  #at(atMs: number, act: () => void): void {
    const delayMs = Math.max(0, atMs - this.#elapsedMs);
    this.#options.runtime.clock.schedule(delayMs, () => {
      if (!this.#isOver) act();
    });
  }

  #take({ questions }: Workload, { question: index, askedAtMs, endedAtMs, reply }: Outcome): void {
    const question = questions[index]!;
    const atMs = askedAtMs - this.#startMs - this.#options.warmUpMs;
    if (atMs < 0) return;
    const latencyMs = endedAtMs - askedAtMs;
    const answer = reply && readAnswer(reply, question.type);
    if (answer === undefined || isFailure(answer)) {
      this.#meter.add({ atMs, latencyMs, outcome: 'failed', staleMs: 0 });
      return;
    }
    const staleMs = this.#truths.staleMs(question, answer.value, endedAtMs);
    this.#meter.add({ atMs, latencyMs, outcome: 'hit', staleMs });
  }

  #script(event: ScenarioEvent): void {
    if (event.kind === 'zone') this.#at(event.atMs, () => this.#publish(event.zone));
    if (event.kind !== 'churn') return;
    const { question, perSecond, atMs } = event;
    const random = new SeededRandom(this.#options.seed, `scenario churn ${atMs}`);
    let version = 0;
    this.#repeat(atMs, poisson(perSecond, random), () => {
      version += 1;
      this.#renew(question, version);
    });
  }

  #renew({ name, type }: Question, version: number): void {
    const zones = new Map<string, Zone>();
    for (const system of this.#systems) {
      for (const zone of system.zones) zones.set(zone.origin.key, zone);
    }
    for (const zone of zones.values()) {
      const rrset = zone.rrset(name, type);
      const rdata = addressToBytes(versionAddress(version))!;
      if (rrset) this.#publish(replaceRRsets(zone, [{ ...rrset, rdatas: [rdata] }]));
    }
  }

  #publish(zone: Zone): void {
    for (const { zones } of this.#systems) {
      if (zones.get(zone.origin) !== undefined) zones.put(zone);
    }
    this.#truths.learn(zone, this.#nowMs);
  }
}

function keyOf({ name, type }: Question): string {
  return `${type} ${name.key}`;
}
