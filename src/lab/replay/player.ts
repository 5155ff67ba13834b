/**
 * Plays a scenario: performs its steps in order, as the client that asks and looks at answers, and
 * lets the servers do their part on the way.
 *
 * After each step everything that can happen without time passing happens. Time passes when the
 * script says so, and when a step waits for something that only comes with a timer; the TTLs that
 * are expected later may be off by as much.
 */

import { decodeMessage } from '../../wire/decode.ts';
import type { Message } from '../../wire/message.ts';
import { SimulationError, type World } from '../../sim/world.ts';
import { findDifference, type Difference } from './compare.ts';
import { printQuestions } from './print.ts';
import { queryOf, type Packet } from './replies.ts';
import type { Entry, Scenario, Step } from './scenario.ts';
import { Script } from './script.ts';
import type { Setup } from './setup.ts';
import { Servers } from './servers.ts';
import { openStage, type Stage, type Transport } from './stage.ts';
import { Transcript } from './transcript.ts';

export interface PlayOptions {
  readonly setup: Setup;
  readonly isStrict: boolean;
  readonly seed: number;
  /** What comes of queries that nothing in the scenario answers. */
  readonly unscripted: 'servfail' | 'drop';
  /** The resolver's own account of its steps, too. */
  readonly isVerbose: boolean;
}

export interface Play {
  /** Undefined: every step was done. */
  readonly failure: StepFailure | undefined;
  readonly transcript: Transcript;
  /** As `address name type`, each once. */
  readonly unscripted: readonly string[];
}

export interface StepFailure extends Difference {
  /** Undefined: when all steps were done. */
  readonly step: number | undefined;
  readonly line: number | undefined;
}

const playLimits = {
  /** Virtual time that one step waits: longer than the resolver keeps a client waiting. */
  waitMs: 30_000,
} as const;

export async function play(scenario: Scenario, options: PlayOptions): Promise<Play> {
  const player = new Player(scenario, options);
  const failure = await player.run();
  return { failure, transcript: player.transcript, unscripted: player.unscripted };
}

type Query = Extract<Step, { kind: 'query' }>;
type Fail = Extract<Step, { kind: 'timeout' | 'error' }>;
type CheckOutQuery = Extract<Step, { kind: 'check out query' }>;

interface Asking {
  readonly step: Query;
  readonly address: string;
  reply: Message | 'undecodable' | undefined;
  isChecked: boolean;
}

class Player {
  readonly transcript = new Transcript();
  readonly #scenario: Scenario;
  readonly #options: PlayOptions;
  readonly #script: Script;
  readonly #servers: Servers;
  readonly #askings: Asking[] = [];
  #stage: Stage | undefined;
  /** Anything that arrived, here or there. */
  #events = 0;
  #watch: (() => void) | undefined;
  /** Time that passed without being in the script, and whether it was in whole seconds. */
  #waitedMs = 0;
  #isFractional = false;

  constructor(scenario: Scenario, options: PlayOptions) {
    this.#scenario = scenario;
    this.#options = options;
    this.#script = new Script(scenario);
    this.#servers = new Servers({
      script: this.#script,
      dialect: scenario.dialect,
      unscripted: options.unscripted,
      note: (text, message) => this.#note(text, message),
    });
  }

  get unscripted(): readonly string[] {
    return this.#servers.unscripted;
  }

  async run(): Promise<StepFailure | undefined> {
    try {
      return await this.#runSteps();
    } catch (error) {
      if (!(error instanceof SimulationError)) throw error;
      const { step } = this.#script;
      const got = `the simulation ended: ${error.message}`;
      return { step: step?.id, line: step?.line, expected: 'the resolver to go on', got };
    }
  }

  async #runSteps(): Promise<StepFailure | undefined> {
    const { setup, seed, isVerbose } = this.#options;
    this.#stage = await openStage({
      setup,
      seed,
      loopbackServers: setup.recursion.allowLoopback === true ? this.#loopbackServers() : [],
      onQuery: (query) => {
        this.#servers.take(query);
        this.#happened();
      },
      note: (text, level) => {
        if (isVerbose || level === 'error') this.#note(`resolver: ${text}`);
      },
    });
    for (;;) {
      await this.#world.advance(0);
      const { step } = this.#script;
      if (!step) return this.#end();
      const difference = await this.#perform(step);
      if (difference) return { step: step.id, line: step.line, ...difference };
    }
  }

  /** testbound: every answer has to be checked. */
  #end(): StepFailure | undefined {
    const left = this.#askings.find(({ reply, isChecked }) => reply !== undefined && !isChecked);
    if (!left || this.#scenario.dialect === 'deckard') return undefined;
    const expected = 'every answer to be checked';
    return { step: undefined, line: undefined, expected, got: `none for step ${left.step.id}` };
  }

  async #perform(step: Step): Promise<Difference | undefined> {
    switch (step.kind) {
      case 'query':
        this.#advance();
        this.#ask(step);
        return undefined;
      case 'check answer':
        return this.#check(step.entry);
      case 'check out query':
        return this.#checkOutQuery(step);
      case 'reply':
        return this.#reply(step.entry);
      case 'timeout':
      case 'error':
        return this.#fail(step);
      case 'time passes':
        this.#note(`${step.seconds} s pass`);
        this.#advance();
        this.#isFractional ||= !Number.isInteger(step.seconds);
        await this.#world.advance(step.seconds * 1000);
        return undefined;
      case 'traffic':
        await this.#settle();
        this.#advance();
        return undefined;
      case 'nothing':
        this.#advance();
        return undefined;
      case 'foreign':
        return { expected: `a runner that can do ${step.word}`, got: 'this one' };
    }
  }

  // The client.

  #ask(step: Query): void {
    const { address = '127.0.0.1', entry } = step;
    const transport = entry.match.has('tcp') ? 'tcp' : 'udp';
    const packet = queryOf(entry, 1 + this.#askings.length, this.#scenario.dialect);
    const asking: Asking = { step, address, reply: undefined, isChecked: false };
    this.#askings.push(asking);
    this.#send(asking, packet, transport);
  }

  #send(asking: Asking, packet: Packet, transport: Transport): void {
    const { address } = asking;
    this.#note(`client ${address} → resolver, ${transport}`, packet.message);
    const onReply = (reply: Uint8Array): void => {
      const decoded = decodeMessage(reply);
      const got = decoded.ok ? decoded.value : 'undecodable';
      const text = `resolver → client ${address}, ${transport}`;
      if (got === 'undecodable') this.#note(`${text}, ${reply.length} octets that are no message`);
      else this.#note(text, got);
      const isCut = got !== 'undecodable' && got.tc && transport === 'udp';
      if (isCut && !this.#expectsCut()) this.#send(asking, packet, 'tcp');
      else asking.reply = got;
      this.#happened();
    };
    this.#stage!.ask({ octets: packet.octets, address, transport, onReply });
  }

  /** Clients ask again over TCP, unless the script is about the truncation itself. */
  #expectsCut(): boolean {
    const { steps } = this.#scenario;
    const next = steps.slice(steps.indexOf(this.#script.step!)).find(isCheck);
    return next?.entry.packets[0]!.message.tc === true;
  }

  async #check(entry: Entry): Promise<Difference | undefined> {
    const candidates = this.#candidates();
    const match = (): Asking | undefined => candidates.find((one) => !this.#differs(one, entry));
    const isDecided = (): boolean => candidates.every((one) => one.reply !== undefined);
    await this.#waitFor(() => isDecided() || match() !== undefined);
    const asking = match();
    if (asking) {
      asking.isChecked = true;
      this.#note(`the answer is as expected (line ${entry.line})`);
      this.transcript.mark();
      this.#advance();
      return undefined;
    }
    const answered = candidates.find(({ reply }) => reply !== undefined);
    if (answered) return this.#differs(answered, entry);
    const got =
      candidates.length === 0 ? 'none asked for' : `none in ${playLimits.waitMs / 1000} s`;
    return { expected: 'an answer', got };
  }

  /** testbound looks at every answer not yet checked, Deckard at the last one. */
  #candidates(): readonly Asking[] {
    if (this.#scenario.dialect === 'deckard') return this.#askings.slice(-1);
    return this.#askings.filter(({ isChecked }) => !isChecked);
  }

  #differs({ reply, step }: Asking, entry: Entry): Difference | undefined {
    if (reply === undefined) return { expected: 'an answer', got: 'none' };
    if (reply === 'undecodable') return { expected: 'an answer', got: 'octets that are none' };
    const isTcp = step.entry.match.has('tcp');
    return findDifference(reply, entry, {
      dialect: this.#scenario.dialect,
      transport: isTcp ? 'tcp' : 'udp',
      isStrict: this.#options.isStrict,
      ttlToleranceSeconds: Math.ceil(this.#waitedMs / 1000) + (this.#isFractional ? 1 : 0),
    });
  }

  // The servers.

  async #checkOutQuery(step: CheckOutQuery): Promise<Difference | undefined> {
    // Deckard knows the step and does nothing with it.
    if (this.#scenario.dialect === 'deckard') {
      this.#advance();
      return undefined;
    }
    this.#servers.serve();
    await this.#waitFor(() => this.#script.step !== step);
    if (this.#script.step !== step) return undefined;
    const got = this.#servers.waiting.map(({ message }) => printQuestions(message)).join(', ');
    return {
      expected: `a query for ${printQuestions(step.entry.packets[0]!.message)}`,
      got: `waiting queries: ${got || 'none'}`,
    };
  }

  async #reply(entry: Entry): Promise<Difference | undefined> {
    // Deckard's replies are taken when a query comes for them.
    if (this.#scenario.dialect === 'testbound') {
      await this.#waitFor(() => this.#servers.waiting.length > 0);
      if (!this.#servers.reply(entry)) {
        return { expected: 'a waiting query to reply to', got: 'none' };
      }
    }
    this.#advance();
    return undefined;
  }

  async #fail(step: Fail): Promise<Difference | undefined> {
    const isGivenUp = (): boolean => this.#isGivenUp(step);
    const isOver = (): boolean => this.#script.step !== step;
    await this.#waitFor(() => this.#servers.waiting.length > 0 || isGivenUp() || isOver());
    if (isOver()) return undefined;
    if (!this.#servers.fail(step.kind)) {
      if (!isGivenUp()) return { expected: 'a waiting query to fail', got: 'none' };
      this.#note('the resolver has given up before');
      this.#advance();
      return undefined;
    }
    this.#advance();
    const before = this.#events;
    await this.#waitFor(() => this.#events > before);
    return undefined;
  }

  /** How often a question is tried is the resolver's own affair, once that it failed. */
  #isGivenUp(step: Fail): boolean {
    const { steps } = this.#scenario;
    const before = steps[steps.indexOf(step) - 1];
    return before?.kind === step.kind && this.#askings.every(({ reply }) => reply !== undefined);
  }

  // Time.

  get #world(): World {
    return this.#stage!.world;
  }

  #advance(): void {
    this.#script.advance();
    this.#servers.serve();
  }

  /** Until the resolver has nothing under way but what waits for a step to come. */
  async #settle(): Promise<void> {
    const startMs = this.#world.nowMs;
    while (this.#stage!.isBusy && this.#servers.waiting.length === 0) {
      if (this.#world.nowMs - startMs > playLimits.waitMs) break;
      await this.#world.advance(10);
    }
    this.#waitedMs += this.#world.nowMs - startMs;
  }

  /** Lets time pass until something that arrives makes it so, or the wait is over. */
  async #waitFor(isDone: () => boolean): Promise<void> {
    await this.#world.advance(0);
    if (isDone()) return;
    const startMs = this.#world.nowMs;
    await this.#world.run(
      new Promise<void>((resolve) => {
        const timer = this.#stage!.clock.schedule(playLimits.waitMs, resolve);
        this.#watch = () => {
          if (!isDone()) return;
          timer.cancel();
          resolve();
        };
      }),
    );
    this.#watch = undefined;
    this.#waitedMs += this.#world.nowMs - startMs;
  }

  #happened(): void {
    this.#events++;
    this.#watch?.();
  }

  #note(text: string, message?: Message): void {
    this.transcript.add(this.#stage?.world.nowMs ?? 1, text, message);
  }

  #loopbackServers(): readonly string[] {
    const { ranges, settings } = this.#scenario;
    const configured = settings.filter(({ key }) => key.endsWith('-addr'));
    const addresses = [
      ...ranges.flatMap((range) => range.addresses),
      ...configured.map(({ values: [text = ''] }) => text.split('@')[0]!),
    ];
    return [...new Set(addresses.filter((address) => address.startsWith('127.')))];
  }
}

function isCheck(step: Step): step is Extract<Step, { kind: 'check answer' }> {
  return step.kind === 'check answer';
}
