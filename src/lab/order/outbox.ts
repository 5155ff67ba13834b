/**
 * What a node has sent and not yet delivered, for protocols whose leader may change: it is sent to
 * the next one again. Each message has a count, by which the leader knows what it has had already;
 * the last count is on disk, so that a node that comes back does not begin again with 1.
 */

import type { Disk, Payload } from '../process/process.ts';
import { readNumber, writeNumber } from './disk-number.ts';

const COUNT_FILE = 'count';

interface Waiting {
  readonly payload: Payload;
  ticks: number;
}

export class Outbox {
  readonly #disk: Disk;
  readonly #waiting = new Map<number, Waiting>();

  constructor(disk: Disk) {
    this.#disk = disk;
  }

  /** Returns the count of the message, from 1. */
  add(payload: Payload): number {
    const count = readNumber(this.#disk, COUNT_FILE) + 1;
    writeNumber(this.#disk, COUNT_FILE, count);
    this.#waiting.set(count, { payload, ticks: 0 });
    return count;
  }

  delivered(count: number): void {
    this.#waiting.delete(count);
  }

  /** In the order of sending. */
  *all(): Generator<{ readonly count: number; readonly payload: Payload }> {
    for (const [count, { payload }] of this.#waiting) yield { count, payload };
  }

  /** No message below this count waits; what is missing there was lost in a crash. */
  get base(): number {
    return Math.min(...this.#waiting.keys());
  }

  /** A tick has passed: what had waited for one already. */
  overdue(): readonly { readonly count: number; readonly payload: Payload }[] {
    const overdue = [...this.#waiting].filter(([, { ticks }]) => ticks > 0);
    for (const waiting of this.#waiting.values()) waiting.ticks += 1;
    return overdue.map(([count, { payload }]) => ({ count, payload }));
  }
}
