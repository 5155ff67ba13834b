/**
 * B5, a chosen node with a backup that has the same order: node 0 numbers, and before anybody else
 * learns a number, the backup (the last node) has it too. When the backup does not hear node 0 for
 * too long it takes over: same messages, same numbers, and then the next ones.
 *
 *     sender ── request ──► node 0 ── replicate ──► backup
 *                           node 0 ◄─ replicated ── backup
 *                           node 0 ── order(number, message) ──► each of the others
 *
 * Silence is no death. Node 0 may only be slow, and then there are two who number. Therefore the
 * *epoch*: the backup that has begun epoch 2 acknowledges nothing of epoch 1 any more (*fencing*),
 * and since nothing unacknowledged is ever sent to all, the slow one can do no harm. Node 0 steps
 * down when it hears of epoch 2; after a restart it is a member that asks for what it missed. The
 * backup fills the places of numbers that node 0 gave and that died with it.
 *
 * One failure is survived, and only that of node 0: without an acknowledgement it waits, because
 * it cannot know whether the backup is dead or has taken over. Who shall go on must not be decided
 * by two; B9 shows how many it takes.
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';
import type { Context, NodeId, Payload, Process, ProcessTimer } from '../process/process.ts';
import { readNumber, writeNumber } from './disk-number.ts';
import { HoldBack } from './hold-back.ts';
import { about, multicast, others } from './multicast.ts';
import { Outbox } from './outbox.ts';

const SHAPES = {
  /** `count` numbers the messages of one origin, so that none is numbered twice. */
  request: { count: 'u32', payload: 'rest' },
  replicate: { epoch: 'u32', number: 'u32', origin: 'u16', count: 'u32', payload: 'rest' },
  replicated: { epoch: 'u32', number: 'u32' },
  order: { number: 'u32', origin: 'u16', count: 'u32', payload: 'rest' },
  heartbeat: {},
  takeover: { epoch: 'u32' },
  /** Of one who has lost its memory. */
  join: {},
} as const;
type Message = MessageOf<typeof SHAPES>;
type Order = Message & { readonly kind: 'order' };
const format: MessageFormat<Message> = messageFormat(SHAPES);

export type BackupMutant = 'no-epoch' | 'no-backup-before-multicast';

export interface BackupOptions {
  readonly heartbeatNs: number;
  /** Of silence, until the backup takes over. */
  readonly timeoutNs: number;
  readonly mutant?: BackupMutant | undefined;
}

const FIRST = 0;
/** The count of an order that only holds a place; messages count from 1. */
const NO_MESSAGE = 0;
const LIVED_FILE = 'lived';

export class BackedUpSequencer implements Process {
  readonly #context: Context;
  readonly #options: BackupOptions;
  readonly #backup: NodeId;
  readonly #holdBack = new HoldBack<Order>();
  /** By number, everything that this node as a sequencer or backup knows. */
  readonly #log = new Map<number, Order>();
  readonly #logged = new Set<string>();
  readonly #outbox: Outbox;
  #lowestFree = 1;
  #epoch = 1;
  #sequencer: NodeId = FIRST;
  #detector: ProcessTimer | undefined;

  constructor(context: Context, options: BackupOptions) {
    this.#context = context;
    this.#options = options;
    this.#outbox = new Outbox(context.disk);
    this.#backup = context.nodeCount - 1;
  }

  onStart(): void {
    const { self, disk } = this.#context;
    const hasLived = readNumber(disk, LIVED_FILE) > 0;
    writeNumber(disk, LIVED_FILE, 1);
    if (hasLived) {
      this.#sequencer = this.#backup;
      this.#send(this.#backup, { kind: 'join' }, { tag: 'join' });
    } else if (self === this.#backup) this.#watch();
    else if (self === FIRST) this.onTimer('heartbeat');
  }

  onCommand(payload: Payload): void {
    const { self } = this.#context;
    const count = this.#outbox.add(payload);
    if (this.#isSequencer) this.#number({ origin: self, count, payload });
    else this.#request(count, payload);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    switch (message?.kind) {
      case 'request':
        if (this.#isSequencer) this.#number({ ...message, origin: from });
        return;
      case 'replicate':
        this.#replicate(message);
        return;
      case 'replicated':
        if (this.#isSequencer) this.#commit(message);
        return;
      case 'order':
        if (!this.#isDeaf) this.#take(message);
        return;
      case 'heartbeat':
        this.#watch();
        return;
      case 'takeover':
        this.#follow(message.epoch);
        return;
      case 'join':
        this.#admit(from);
        break;
      case undefined:
    }
  }

  onTimer(name: string): void {
    if (name === 'silence') this.#takeOver();
    else if (this.#isSequencer && this.#epoch === 1) {
      this.#send(this.#backup, { kind: 'heartbeat' }, { tag: 'heartbeat' });
      this.#context.setTimer(this.#options.heartbeatNs, 'heartbeat');
    }
  }

  describeState(): Readonly<Record<string, number>> {
    const { next, size } = this.#holdBack;
    return { epoch: this.#epoch, sequencer: this.#sequencer, next, held: size };
  }

  get #isSequencer(): boolean {
    return this.#context.self === this.#sequencer;
  }

  /** Without epochs node 0 believes for ever that it numbers, and obeys nobody else. */
  get #isDeaf(): boolean {
    return this.#options.mutant === 'no-epoch' && this.#isSequencer && this.#epoch === 1;
  }

  /** Gives the lowest number that is not taken; after a takeover there may be gaps. */
  #number(message: { origin: NodeId; count: number; payload: Payload }): void {
    const { origin, count, payload } = message;
    if (this.#logged.has(nameOf(message))) return;
    while (this.#log.has(this.#lowestFree)) this.#lowestFree += 1;
    const number = this.#lowestFree;
    const order: Order = { kind: 'order', number, origin, count, payload };
    this.#keep(order);
    const isAlone = this.#epoch > 1;
    if (!isAlone) {
      const replica: Message = { ...order, kind: 'replicate', epoch: this.#epoch };
      this.#send(this.#backup, replica, about('replicate', payload));
    }
    if (isAlone || this.#options.mutant === 'no-backup-before-multicast') this.#tellAll(order);
  }

  #replicate({ epoch, number, ...rest }: Message & { readonly kind: 'replicate' }): void {
    const isFenced = epoch < this.#epoch && this.#options.mutant !== 'no-epoch';
    if (isFenced) {
      this.#send(FIRST, { kind: 'takeover', epoch: this.#epoch }, { tag: 'takeover' });
      return;
    }
    if (epoch === this.#epoch) this.#keep({ ...rest, kind: 'order', number });
    this.#send(FIRST, { kind: 'replicated', epoch, number }, about('replicated', rest.payload));
  }

  /** The backup has it: now everybody may. */
  #commit({ epoch, number }: Message & { readonly kind: 'replicated' }): void {
    const order = this.#log.get(number);
    if (epoch !== this.#epoch || order === undefined) return;
    if (this.#options.mutant !== 'no-backup-before-multicast') this.#tellAll(order);
  }

  #tellAll(order: Order): void {
    const { nodeCount } = this.#context;
    const bytes = format.write(order);
    const label = about('order', order.payload);
    const to = others(this.#context, nodeCount);
    multicast(this.#context, to, { bytes, label });
    this.#take(order);
  }

  #take(order: Order): void {
    this.#holdBack.put(order.number, order);
    for (const { origin, count, payload } of this.#holdBack.ready()) {
      if (origin === this.#context.self) this.#outbox.delivered(count);
      if (count !== NO_MESSAGE) this.#context.deliver(payload, origin);
    }
  }

  #watch(): void {
    this.#detector?.cancel();
    if (this.#epoch > 1) return;
    this.#detector = this.#context.setTimer(this.#options.timeoutNs, 'silence');
  }

  #takeOver(): void {
    if (this.#epoch > 1) return;
    this.#detector?.cancel();
    this.#epoch = 2;
    this.#sequencer = this.#context.self;
    this.#context.note('takes over: epoch 2');
    const bytes = format.write({ kind: 'takeover', epoch: 2 });
    const to = others(this.#context, this.#context.nodeCount);
    multicast(this.#context, to, { bytes, label: { tag: 'takeover' } });
    // Node 0 may have told some of them only, or none.
    for (const order of this.#log.values()) this.#tellAll(order);
    for (const { count, payload } of this.#outbox.all()) {
      this.#number({ origin: this.#context.self, count, payload });
    }
    this.#fillGaps();
  }

  /** Numbers that node 0 gave, and that reached nobody: others wait for them. */
  #fillGaps(): void {
    const last = Math.max(0, ...this.#log.keys());
    const nothing = { origin: this.#context.self, count: NO_MESSAGE, payload: new Uint8Array() };
    for (let number = 1; number < last; number += 1) {
      if (this.#log.has(number)) continue;
      const order: Order = { kind: 'order', number, ...nothing };
      this.#log.set(number, order);
      this.#tellAll(order);
    }
  }

  #follow(epoch: number): void {
    if (epoch <= this.#epoch || this.#isDeaf) return;
    if (this.#isSequencer) this.#context.note('steps down');
    this.#epoch = epoch;
    this.#sequencer = this.#backup;
    for (const { count, payload } of this.#outbox.all()) this.#request(count, payload);
  }

  /** Who has lost its memory was down: the backup need not wait for the silence. */
  #admit(node: NodeId): void {
    this.#takeOver();
    this.#send(node, { kind: 'takeover', epoch: this.#epoch }, { tag: 'takeover' });
    for (const order of this.#log.values()) {
      this.#send(node, order, { tag: 'catch-up' });
    }
  }

  #request(count: number, payload: Payload): void {
    this.#send(this.#sequencer, { kind: 'request', count, payload }, about('request', payload));
  }

  #keep(order: Order): void {
    this.#log.set(order.number, order);
    this.#logged.add(nameOf(order));
  }

  #send(to: NodeId, message: Message, label: { tag: string; detail?: number }): void {
    this.#context.send(to, format.write(message), label);
  }
}

function nameOf({ origin, count }: { readonly origin: NodeId; readonly count: number }): string {
  return `${origin}/${count}`;
}
