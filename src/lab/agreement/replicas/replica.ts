/**
 * A replica that always answers at once, whether the others can be reached or not.
 *
 *     user ── update ──► state, disk ──► done          others: push (all of the state)
 *     user ── read ────► what is known here            at every tick, one of them: ask
 *                                                      who has more answers: state
 *
 * All of a state travels, so whoever hears of an update hears of all that its user knew: causality
 * costs octets here, not waiting. What is merged or written is on disk before it is told.
 */

import { HybridClock } from '../../clocks/hybrid-clock.ts';
import { others } from '../../order/multicast.ts';
import { messageFormat, type MessageFormat, type MessageOf } from '../../process/message-format.ts';
import { readPayload } from '../../process/payload.ts';
import type { Context, Disk, NodeId, Payload, Process } from '../../process/process.ts';
import { NotYetWritten } from '../not-yet-written.ts';
import { TwiceWritten } from '../twice-written.ts';
import { isRead, operationOf } from './operations.ts';
import { noteOperation, noteShown } from './replica-notes.ts';
import type { ReplicaOptions } from './replica-options.ts';
import { isWithin, largerOf, type Operation, type ReplicatedType } from './replicated-type.ts';
import { isRegister, replicatedType } from './types.ts';

const KNOWN = { seen: 'list', l: 'u53', c: 'u32', state: 'list' } as const;
const SHAPES = {
  push: KNOWN,
  state: KNOWN,
  ask: { seen: 'list', isBack: 'u8' },
} as const;
type Message = MessageOf<typeof SHAPES>;
type Known = Exclude<Message, { readonly kind: 'ask' }>;
const format: MessageFormat<Message> = messageFormat(SHAPES);

const KEY = 'known';
/** So that no stamp is below 0, which no message holds: more than any clock is set back. */
const BASE_NS = 3_600_000_000_000;

export class Replica implements Process {
  readonly #context: Context;
  readonly #options: ReplicaOptions;
  readonly #type: ReplicatedType<unknown>;
  readonly #others: readonly NodeId[];
  readonly #unflushed: NotYetWritten | undefined;
  readonly #disk: Disk;
  readonly #clock: HybridClock;
  #seen: readonly number[];
  #state: unknown;
  #typed: number | undefined;
  #ticks = 0;

  constructor(context: Context, options: ReplicaOptions) {
    const { merge, mutant } = options;
    this.#context = context;
    this.#options = options;
    this.#type = replicatedType(merge, mutant);
    this.#others = others(context, context.nodeCount);
    const safe = new TwiceWritten(context.disk);
    this.#unflushed = mutant === 'ack-before-persist' ? new NotYetWritten(safe) : undefined;
    this.#disk = this.#unflushed ?? safe;
    this.#clock = new HybridClock(() => this.#wallNs());
    this.#seen = Array.from({ length: context.nodeCount }, () => 0);
    this.#state = this.#type.empty;
  }

  onStart(): void {
    const kept = this.#disk.read(KEY);
    const known = kept && format.read(kept);
    if (known && known.kind !== 'ask') this.#takeIn(known);
    noteShown(this.#context, this.#shown);
    if (this.#options.mutant !== 'no-anti-entropy') this.#nextTick();
  }

  /** Done when it returns, without asking anybody. */
  onCommand(payload: Payload): void {
    const message = readPayload(payload);
    if (message === undefined) return;
    if (isRead(message)) this.#read(payload);
    else {
      const desk = { shown: this.#shown, typed: this.#typed };
      const operation = operationOf(this.#options.merge, message, desk);
      if (operation.kind === 'inserts') this.#typed = message;
      this.#update(operation, message);
      this.#context.deliver(payload, this.#context.self, { tag: 'ok' });
    }
  }

  onTimer(): void {
    this.#unflushed?.tick();
    const to = this.#others[this.#ticks % this.#others.length];
    this.#ticks += 1;
    if (to !== undefined) this.#ask(to, 0);
    this.#nextTick();
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message === undefined) return;
    if (message.kind === 'ask') {
      const { seen, isBack } = message;
      if (!isWithin(this.#seen, seen)) this.#send([from], 'state');
      if (!isWithin(seen, this.#seen) && isBack === 0) this.#ask(from, 1);
    } else if (!isWithin(message.seen, this.#seen) && this.#takeIn(message)) {
      this.#persist();
      noteShown(this.#context, this.#shown);
    }
  }

  describeState(): Readonly<Record<string, string | number>> {
    return { shows: this.#shown.join(' '), seen: this.#seen.join(' ') };
  }

  get #shown(): readonly number[] {
    return this.#type.shows(this.#state);
  }

  #read(payload: Payload): void {
    const shown = this.#shown;
    const { merge, resolves } = this.#options;
    this.#context.deliver(payload, this.#context.self, {
      tag: 'value',
      detail: shown.at(-1) ?? -1,
    });
    const isConflict = isRegister(merge) && shown.length > 1;
    if (!resolves || !isConflict) return;
    const value = Math.max(...shown);
    this.#update({ kind: 'sets', value }, value);
  }

  #update(operation: Operation, message: number): void {
    const { self } = this.#context;
    const count = (this.#seen[self] ?? 0) + 1;
    this.#seen = this.#seen.map((known, node) => (node === self ? count : known));
    const { l, c } = this.#stamp();
    const stamp = { origin: self, count, l, c, seen: this.#seen };
    this.#state = this.#type.update(this.#state, operation, stamp);
    this.#persist();
    noteOperation(this.#context, operation, message);
    noteShown(this.#context, this.#shown);
    if (this.#options.pushes) this.#send(this.#others, 'push');
  }

  #stamp(): { readonly l: number; readonly c: number } {
    const { merge, mutant } = this.#options;
    const isByWall = merge === 'lww-wall' || mutant === 'skewed-clock';
    return isByWall ? { l: this.#wallNs(), c: 0 } : this.#clock.now();
  }

  #wallNs(): number {
    return BASE_NS + this.#context.wallNs();
  }

  /** Whether it was a state at all. */
  #takeIn({ seen, l, c, state }: Known): boolean {
    const theirs = this.#type.unpack(state);
    if (theirs === undefined || seen.length !== this.#seen.length) return false;
    this.#clock.receive({ l, c });
    this.#seen = largerOf(this.#seen, seen);
    this.#state = this.#type.merge(this.#state, theirs);
    return true;
  }

  #known(kind: Known['kind']): Uint8Array {
    const { l, c } = this.#clock.last;
    const state = this.#type.pack(this.#state);
    // A clock that has not been asked yet is far below 0.
    return format.write({ kind, seen: this.#seen, l: Math.max(0, l), c, state });
  }

  #persist(): void {
    this.#disk.write(KEY, this.#known('state'));
  }

  #send(to: readonly NodeId[], kind: Known['kind']): void {
    const bytes = this.#known(kind);
    for (const node of to) this.#context.send(node, bytes, { tag: kind });
  }

  #ask(to: NodeId, isBack: 0 | 1): void {
    const bytes = format.write({ kind: 'ask', seen: this.#seen, isBack });
    this.#context.send(to, bytes, { tag: 'ask' });
  }

  #nextTick(): void {
    this.#context.setTimer(this.#options.periodNs, 'tick');
  }
}
