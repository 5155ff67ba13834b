/**
 * B1, timestamps of wall clocks: a message carries the time T that its sender's clock shows, and
 * everybody delivers it when the own clock shows T + Δ, in the order of the times. That is right
 * as long as delay and difference of the clocks together stay within Δ (a *synchronous* network);
 * what comes later than that is delivered late, in the wrong place.
 *
 *     sender ── data(T) ──► each of the others      … T + Δ: deliver
 */

import { messageFormat, type MessageFormat, type MessageOf } from '../process/message-format.ts';
import type { Context, NodeId, Payload, Process } from '../process/process.ts';
import { about, multicast, others } from './multicast.ts';

const SHAPES = { data: { stamp: 'u53', number: 'u32', payload: 'rest' } } as const;
type Data = MessageOf<typeof SHAPES>;
const format: MessageFormat<Data> = messageFormat(SHAPES);

export type TimestampsMutant = 'no-waiting';

interface Stamped extends Data {
  readonly origin: NodeId;
}

export class Timestamps implements Process {
  readonly #context: Context;
  /** Δ, in nanoseconds. */
  readonly #waitNs: number;
  #waiting: Stamped[] = [];
  /** Timers to come. */
  #timers = 0;
  #sent = 0;

  constructor(context: Context, waitNs: number, mutant?: TimestampsMutant) {
    this.#context = context;
    this.#waitNs = mutant === 'no-waiting' ? 0 : waitNs;
  }

  onCommand(payload: Payload): void {
    const { self, nodeCount } = this.#context;
    this.#sent += 1;
    const stamp = this.#context.wallNs();
    const data: Data = { kind: 'data', stamp, number: this.#sent, payload };
    const label = about('data', payload);
    const bytes = format.write(data);
    multicast(this.#context, others(this.#context, nodeCount), { bytes, label });
    this.#take({ ...data, origin: self });
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const data = format.read(bytes);
    if (data) this.#take({ ...data, origin: from });
  }

  onTimer(): void {
    this.#timers -= 1;
    const nowNs = this.#context.wallNs();
    const due = this.#waiting.filter(({ stamp }) => stamp + this.#waitNs <= nowNs);
    this.#waiting = this.#waiting.filter(({ stamp }) => stamp + this.#waitNs > nowNs);
    for (const { origin, payload } of due.toSorted(byStamp)) this.#context.deliver(payload, origin);
    // A timer does not follow the wall clock, which may have gone slower, or been set back.
    const [first] = this.#waiting.toSorted(byStamp);
    if (first && this.#timers < this.#waiting.length) this.#wakeFor(first);
  }

  describeState(): Readonly<Record<string, number>> {
    return { held: this.#waiting.length };
  }

  /** Even what is late waits for the end of this instant, in which more may arrive. */
  #take(data: Stamped): void {
    this.#waiting.push(data);
    this.#wakeFor(data);
  }

  #wakeFor(data: Stamped): void {
    this.#timers += 1;
    const untilNs = data.stamp + this.#waitNs - this.#context.wallNs();
    this.#context.setTimer(Math.max(0, untilNs), 'due');
  }
}

/** Ties between senders are broken by who they are, ties of one sender by its numbers. */
function byStamp(a: Stamped, b: Stamped): number {
  return a.stamp - b.stamp || a.origin - b.origin || a.number - b.number;
}
