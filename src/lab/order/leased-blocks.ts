/**
 * B6b, a number server that leases blocks of k numbers: a sender asks once for k messages and is
 * its own sequencer in between. What it has not used, everybody waits for; so after a while without
 * messages it releases the rest of its block, and takes a new one when it needs it. The order is
 * the same everywhere, but it is not the order of sending: whose block is older comes first.
 *
 *     sender ── ask ──► server ── block(first) ──► sender
 *     sender ── data(number) ──► each of the others        k times
 *     sender ── release(from, to) ──► each of the others   after some idleness
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';
import type { Context, NodeId, Payload, Process, ProcessTimer } from '../process/process.ts';
import { HoldBack } from './hold-back.ts';
import { about, multicast, others } from './multicast.ts';

const SHAPES = {
  ask: {},
  block: { first: 'u32' },
  data: { number: 'u32', payload: 'rest' },
  release: { from: 'u32', to: 'u32' },
} as const;
type Message = MessageOf<typeof SHAPES>;
const format: MessageFormat<Message> = messageFormat(SHAPES);

export type LeasedBlocksMutant = 'uses-released' | 'overlapping-blocks';

export interface LeasedBlocksOptions {
  /** Nodes 0 to `members` − 1; the server is node `members`. */
  readonly members: number;
  /** Numbers of a block, k. */
  readonly blockSize: number;
  /** Without a message for so long, the rest of a block is released; 0: never. */
  readonly idleNs: number;
  readonly mutant?: LeasedBlocksMutant | undefined;
}

export class BlockServer implements Process {
  readonly #context: Context;
  readonly #options: LeasedBlocksOptions;
  #next = 1;

  constructor(context: Context, options: LeasedBlocksOptions) {
    this.#context = context;
    this.#options = options;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    if (format.read(bytes)?.kind !== 'ask') return;
    const { blockSize, mutant } = this.#options;
    const block = format.write({ kind: 'block', first: this.#next });
    this.#next += mutant === 'overlapping-blocks' ? Math.max(1, blockSize - 1) : blockSize;
    this.#context.send(from, block, { tag: 'block' });
  }

  describeState(): Readonly<Record<string, number>> {
    return { next: this.#next };
  }
}

type Held = { readonly origin: NodeId; readonly payload: Payload } | 'released';

export class BlockClient implements Process {
  readonly #context: Context;
  readonly #options: LeasedBlocksOptions;
  readonly #holdBack = new HoldBack<Held>();
  readonly #pending: Payload[] = [];
  /** The rest of the block: from `#next` to before `#end`. */
  #next = 0;
  #end = 0;
  #isAsking = false;
  #idle: ProcessTimer | undefined;

  constructor(context: Context, options: LeasedBlocksOptions) {
    this.#context = context;
    this.#options = options;
  }

  onCommand(payload: Payload): void {
    this.#pending.push(payload);
    this.#sendPending();
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind === 'block') {
      this.#isAsking = false;
      this.#next = message.first;
      this.#end = message.first + this.#options.blockSize;
      this.#sendPending();
    }
    if (message?.kind === 'data') {
      this.#put(message.number, { origin: from, payload: message.payload });
    }
    if (message?.kind === 'release') this.#release(message.from, message.to);
  }

  /** Nothing was sent for a while: nobody shall wait for the rest of the block. */
  onTimer(): void {
    const [from, to] = [this.#next, this.#end];
    if (from === to) return;
    if (this.#options.mutant !== 'uses-released') this.#next = to;
    const label = { tag: 'release' };
    this.#tellOthers({ kind: 'release', from, to }, label);
    this.#release(from, to);
  }

  describeState(): Readonly<Record<string, number>> {
    const left = this.#end - this.#next;
    return { left, pending: this.#pending.length, held: this.#holdBack.size };
  }

  #sendPending(): void {
    while (this.#pending.length > 0 && this.#next < this.#end) {
      const payload = this.#pending.shift() as Payload;
      const number = this.#next;
      this.#next += 1;
      this.#tellOthers({ kind: 'data', number, payload }, about('data', payload));
      this.#put(number, { origin: this.#context.self, payload });
    }
    if (this.#pending.length > 0 && !this.#isAsking) {
      this.#isAsking = true;
      this.#context.send(this.#options.members, format.write({ kind: 'ask' }), { tag: 'ask' });
    }
    this.#idle?.cancel();
    if (this.#options.idleNs > 0) this.#idle = this.#context.setTimer(this.#options.idleNs, 'idle');
  }

  #release(from: number, to: number): void {
    for (let number = from; number < to; number += 1) this.#put(number, 'released');
  }

  #put(number: number, held: Held): void {
    this.#holdBack.put(number, held);
    for (const ready of this.#holdBack.ready()) {
      if (ready !== 'released') this.#context.deliver(ready.payload, ready.origin);
    }
  }

  #tellOthers(message: Message, label: { readonly tag: string; readonly detail?: number }): void {
    const to = others(this.#context, this.#options.members);
    multicast(this.#context, to, { bytes: format.write(message), label });
  }
}
