/**
 * B2, Lamport's timestamps (Lamport 1978): clocks that count events. A message carries the clock of
 * its sender; everybody who sees a larger clock moves its own past it. Messages are delivered in
 * the order of (clock, sender), each as soon as nobody can come before it any more: when everybody
 * has been heard with a larger clock. Needs FIFO links, and everybody alive.
 *
 *     sender ── data(clock) ──► each of the others ── ack(clock) ──► each of the others
 *
 * Without acknowledgements the same happens at the next message or heartbeat of each node.
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';
import type { Context, NodeId, Payload, Process } from '../process/process.ts';
import { about, multicast, others } from './multicast.ts';

const SHAPES = {
  data: { clock: 'u32', payload: 'rest' },
  ack: { clock: 'u32' },
  heartbeat: { clock: 'u32' },
} as const;
type Message = MessageOf<typeof SHAPES>;
const format: MessageFormat<Message> = messageFormat(SHAPES);

export type LamportMutant = 'ack-missing-one' | 'no-tie-break';

export interface LamportOptions {
  /** Nanoseconds between two heartbeats; 0: acknowledgements instead. */
  readonly heartbeatNs: number;
  readonly mutant?: LamportMutant | undefined;
}

interface Waiting {
  readonly clock: number;
  readonly origin: NodeId;
  readonly payload: Payload;
}

export class Lamport implements Process {
  readonly #context: Context;
  readonly #options: LamportOptions;
  readonly #others: readonly NodeId[];
  /** The largest clock heard of each. */
  readonly #heard: Map<NodeId, number>;
  #clock = 0;
  #waiting: Waiting[] = [];

  constructor(context: Context, options: LamportOptions) {
    this.#context = context;
    this.#options = options;
    this.#others = others(context, context.nodeCount);
    this.#heard = new Map(this.#others.map((node) => [node, 0]));
  }

  onStart(): void {
    const { heartbeatNs } = this.#options;
    if (heartbeatNs > 0) this.#context.setTimer(heartbeatNs, 'heartbeat');
  }

  onTimer(): void {
    this.#tellAll('heartbeat');
    this.onStart();
  }

  onCommand(payload: Payload): void {
    this.#clock += 1;
    const clock = this.#clock;
    const bytes = format.write({ kind: 'data', clock, payload });
    multicast(this.#context, this.#others, { bytes, label: about('data', payload) });
    this.#enqueue({ clock, origin: this.#context.self, payload });
    this.#deliverReady();
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message === undefined) return;
    this.#heard.set(from, Math.max(this.#heard.get(from) ?? 0, message.clock));
    this.#clock = Math.max(this.#clock, message.clock) + 1;
    if (message.kind === 'data') {
      this.#enqueue({ clock: message.clock, origin: from, payload: message.payload });
      if (this.#options.heartbeatNs === 0) this.#tellAll('ack');
    }
    this.#deliverReady();
  }

  describeState(): Readonly<Record<string, number>> {
    return { clock: this.#clock, held: this.#waiting.length };
  }

  #tellAll(kind: 'ack' | 'heartbeat'): void {
    this.#clock += 1;
    const bytes = format.write({ kind, clock: this.#clock });
    multicast(this.#context, this.#others, { bytes, label: { tag: kind } });
  }

  #enqueue(item: Waiting): void {
    const tieBreak = this.#options.mutant === 'no-tie-break' ? 0 : 1;
    this.#waiting = [...this.#waiting, item].toSorted(
      (a, b) => a.clock - b.clock || tieBreak * (a.origin - b.origin),
    );
  }

  #deliverReady(): void {
    for (let first = this.#waiting[0]; first && this.#isStable(first); first = this.#waiting[0]) {
      this.#waiting.shift();
      this.#context.deliver(first.payload, first.origin);
    }
  }

  /** Whether everybody has gone past it, so that nothing can come before it any more. */
  #isStable({ clock, origin }: Waiting): boolean {
    const silent = this.#others.filter((node) => {
      const heard = this.#heard.get(node) ?? 0;
      // What `node` sends next has a larger clock, or loses the tie.
      return heard < clock || (heard === clock && node < origin);
    });
    return silent.length <= (this.#options.mutant === 'ack-missing-one' ? 1 : 0);
  }
}
