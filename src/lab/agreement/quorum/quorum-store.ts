/**
 * A store with a dial: of N nodes that keep a value a write waits for W, and a read for R.
 *
 *     client ─ write ─► coordinator ── put ──► N, or W of them      ◄─ stored ─ each
 *     client ─ read ──► coordinator ── get ──► N, or R of them      ◄─ got ──── each
 *
 * Any node coordinates. With R + W > N every read meets every acknowledged write. A sloppy quorum
 * takes other nodes where the N cannot be reached, which keep a hint and hand it over when they can
 * (Dynamo, SOSP 2007, §4.6): more is accepted, and R + W > N promises nothing any more.
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import { readPayload } from '../../process/payload.ts';
import type { Context, NodeId, Payload, Process } from '../../process/process.ts';
import { isRead, isStrong, type QuorumOptions } from './quorum-options.ts';
import { Request } from './request.ts';
import { Vault } from './vault.ts';
import { isNewer, isVersion, newVersion, type Version, valueOf } from './version.ts';

const SHAPES = {
  put: { request: 'u32', home: 'u16', version: 'list' },
  stored: { request: 'u32', home: 'u16', version: 'list' },
  get: { request: 'u32' },
  got: { request: 'u32', version: 'list' },
  compare: { version: 'list', isBack: 'u8' },
} as const;
type Message = MessageOf<typeof SHAPES>;
const format: MessageFormat<Message> = messageFormat(SHAPES);

/** No client waits for what is stored. */
const NOBODY_WAITS = 2 ** 32 - 1;
/** Added to the number of a read that writes back what it has read before it answers. */
const WRITE_BACK = 2 ** 31;
/** So that no time is below 0, which no message holds. */
const BASE_NS = 3_600_000_000_000;
/** Until others are asked in place of those that do not answer. */
const PATIENCE_SHARE = 0.5;

export class QuorumStore implements Process {
  readonly #context: Context;
  readonly #options: QuorumOptions;
  readonly #vault: Vault;
  readonly #homes: readonly NodeId[];
  /** In the order in which this node would take them: itself first. */
  readonly #fallbacks: readonly NodeId[];
  readonly #requests = new Map<number, Request>();
  #ticks = 0;
  #isHandingOver = false;

  constructor(context: Context, options: QuorumOptions) {
    const { self, nodeCount } = context;
    const nodes = Array.from({ length: nodeCount }, (_, node) => node);
    this.#context = context;
    this.#options = options;
    this.#vault = new Vault(context, options.mutant);
    this.#homes = nodes.slice(0, options.homes);
    const fallbacks = nodes.slice(options.homes);
    const own = Math.max(0, fallbacks.indexOf(self));
    this.#fallbacks = [...fallbacks.slice(own), ...fallbacks.slice(0, own)];
  }

  onStart(): void {
    if (this.#isHome) this.#vault.tell();
    if (this.#isHome && this.#options.periodNs > 0) this.#nextRound();
    if (this.#vault.hints.size > 0) this.#handOverLater();
  }

  onCommand(payload: Payload): void {
    const message = readPayload(payload);
    if (message === undefined) return;
    const { timeoutNs, writeQuorum, mutant } = this.#options;
    const needed = isRead(message) ? this.#readQuorum(message) : writeQuorum;
    const request = new Request({
      payload,
      isRead: isRead(message),
      needed: mutant === 'one-short' && needed > 1 ? needed - 1 : needed,
      ...(!isRead(message) && { version: this.#newVersion(message) }),
    });
    this.#requests.set(message, request);
    request.timer = this.#context.setTimer(timeoutNs, 'give up', message);
    if (this.#options.isSloppy) {
      this.#context.setTimer(Math.floor(timeoutNs * PATIENCE_SHARE), 'others', message);
    }
    for (const home of this.#chosen(request.needed)) this.#ask(message, request, [home, home]);
  }

  onTimer(name: string, detail: number): void {
    if (name === 'compare') this.#compareWithNext();
    else if (name === 'hand over') this.#handOver();
    else if (name === 'others') this.#askOthers(detail);
    else this.#giveUp(detail);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message === undefined) return;
    if ('version' in message && !isVersion(message.version)) return;
    switch (message.kind) {
      case 'put':
        this.#store(message.home, message.version);
        this.#send(from, { ...message, kind: 'stored' });
        return;
      case 'stored':
        this.#vault.handedOver(message.home, message.version);
        this.#take(message.request, from, message.version);
        return;
      case 'get':
        this.#send(from, { kind: 'got', request: message.request, version: this.#best });
        return;
      case 'got':
        this.#take(message.request, from, message.version);
        return;
      case 'compare':
        this.#compare(from, message);
    }
  }

  describeState(): Readonly<Record<string, string | number>> {
    const { version, hints } = this.#vault;
    return { value: valueOf(version), ...(hints.size > 0 && { hints: hints.size }) };
  }

  get #isHome(): boolean {
    return this.#context.self < this.#options.homes;
  }

  /** The newest that it has, be it kept for somebody else. */
  get #best(): Version {
    const { version, hints } = this.#vault;
    return [...hints.values()].reduce((best, one) => (isNewer(one, best) ? one : best), version);
  }

  #readQuorum(message: number): number {
    const { homes, readQuorum, writeQuorum, strongEvery } = this.#options;
    return isStrong(message, strongEvery) ? homes - writeQuorum + 1 : readQuorum;
  }

  #newVersion(value: number): Version {
    const ns = BASE_NS + this.#context.wallNs();
    return newVersion({ ns, node: this.#context.self }, value);
  }

  /** All, or so many by chance. */
  #chosen(count: number): readonly NodeId[] {
    if (this.#options.asksAll) return this.#homes;
    const left = [...this.#homes];
    return Array.from({ length: count }, () => {
      const [one = 0] = left.splice(this.#context.random.below(left.length), 1);
      return one;
    });
  }

  /** `node` is asked, in place of `home`; it may be this one. */
  #ask(message: number, request: Request, [node, home]: readonly [NodeId, NodeId]): void {
    const { version } = request;
    if (node === this.#context.self) {
      if (!request.isRead) this.#store(home, version);
      this.#take(message, node, request.isRead ? this.#best : version);
    } else if (request.isRead) this.#send(node, { kind: 'get', request: message });
    else this.#send(node, { kind: 'put', request: message, home, version });
  }

  #store(home: NodeId, version: Version): void {
    if (home === this.#context.self) this.#vault.keep(version);
    else {
      this.#vault.keepFor(home, version);
      this.#context.note('keeps a hint', valueOf(version));
      this.#handOverLater();
    }
  }

  #take(message: number, from: NodeId, version: Version): void {
    const request = this.#requests.get(message);
    if (request === undefined) return;
    request.take(from, version);
    if (request.isOver) this.#repair(request);
    else if (request.isEnough) this.#finish(message, request);
  }

  #finish(message: number, request: Request): void {
    this.#end(request);
    const { repair, writeQuorum, mutant } = this.#options;
    const isKnown = valueOf(request.version) >= 0;
    const isShort = request.isRead && isKnown && request.holders < writeQuorum;
    if (repair === 'before' && isShort && mutant !== 'answers-first') {
      this.#writeBack(message, request);
      return;
    }
    this.#context.deliver(request.payload, this.#context.self, request.answer);
    this.#repair(request);
  }

  /** The read goes on as a write of what it has read; its client waits for that. */
  #writeBack(message: number, { payload, version, answer }: Request): void {
    const { writeQuorum: needed, timeoutNs } = this.#options;
    const back = new Request({ payload, isRead: false, needed, version, answer });
    const number = message + WRITE_BACK;
    this.#requests.set(number, back);
    back.timer = this.#context.setTimer(timeoutNs, 'give up', number);
    for (const home of this.#chosen(needed)) this.#ask(number, back, [home, home]);
  }

  #end(request: Request): void {
    request.isOver = true;
    request.timer?.cancel();
  }

  #repair(request: Request): void {
    if (this.#options.repair === 'none' || !request.isRead) return;
    const { version } = request;
    for (const node of request.takeStale()) {
      if (node >= this.#options.homes) continue;
      this.#context.note('repairs', valueOf(version));
      if (node === this.#context.self) this.#vault.keep(version);
      else this.#send(node, { kind: 'put', request: NOBODY_WAITS, home: node, version });
    }
  }

  #giveUp(message: number): void {
    const request = this.#requests.get(message);
    if (request === undefined || request.isOver) return;
    this.#end(request);
    this.#context.deliver(request.payload, this.#context.self, { tag: 'gives up' });
  }

  /** One of the others for each of the N that has not answered. */
  #askOthers(message: number): void {
    const request = this.#requests.get(message);
    if (request === undefined || request.isOver) return;
    const missing = this.#homes.filter((home) => !request.hasAnswered(home));
    for (const [place, home] of missing.entries()) {
      const node = this.#fallbacks[place];
      if (node !== undefined) this.#ask(message, request, [node, home]);
    }
  }

  #handOverLater(): void {
    if (this.#isHandingOver) return;
    this.#isHandingOver = true;
    this.#context.setTimer(this.#options.timeoutNs, 'hand over');
  }

  #handOver(): void {
    this.#isHandingOver = false;
    this.#vault.tick();
    for (const [home, version] of this.#vault.hints) {
      this.#send(home, { kind: 'put', request: NOBODY_WAITS, home, version });
      if (this.#options.mutant === 'drops-hint') this.#vault.handedOver(home, version);
    }
    if (this.#vault.hints.size > 0) this.#handOverLater();
  }

  #nextRound(): void {
    this.#context.setTimer(this.#options.periodNs, 'compare');
  }

  #compareWithNext(): void {
    this.#vault.tick();
    const others = this.#homes.filter((home) => home !== this.#context.self);
    const to = others[this.#ticks % Math.max(1, others.length)];
    this.#ticks += 1;
    const { version } = this.#vault;
    if (to !== undefined) this.#send(to, { kind: 'compare', version, isBack: 0 });
    this.#nextRound();
  }

  #compare(from: NodeId, { version, isBack }: Extract<Message, { kind: 'compare' }>): void {
    const own = this.#vault.version;
    if (isNewer(own, version) && isBack === 0) {
      this.#send(from, { kind: 'compare', version: own, isBack: 1 });
    } else this.#vault.keep(version);
  }

  #send(to: NodeId, message: Message): void {
    this.#context.send(to, format.write(message), { tag: message.kind });
  }
}
