/**
 * What a node has sent and not yet delivered, for protocols whose leader may change: it is sent to
 * the next one again. Each message has a count, by which the leader knows what it has had already;
 * how far counts may have gone is on disk, so that a node that comes back does not begin again
 * with 1. (Not every count: a disk is slow, and what is left out is not missed.)
 */

import type { Disk, Payload } from '../process/process.ts';
import { readNumber, writeNumber } from './disk-number.ts';

const COUNT_FILE = 'count';
/** So many counts are taken at once. */
const RESERVED = 100;

interface Waiting {
  readonly payload: Payload;
  ticks: number;
}

export class Outbox {
  readonly #disk: Disk;
  readonly #waiting = new Map<number, Waiting>();
  #count: number;
  #base: number;
  /** Counts up to here are reserved. */
  #limit: number;

  constructor(disk: Disk) {
    this.#disk = disk;
    this.#count = readNumber(disk, COUNT_FILE);
    this.#limit = this.#count;
    this.#base = this.#count + 1;
  }

  /** Returns the count of the message, from 1. */
  add(payload: Payload): number {
    const count = this.#count + 1;
    this.#count = count;
    if (count > this.#limit) {
      this.#limit = count + RESERVED - 1;
      writeNumber(this.#disk, COUNT_FILE, this.#limit);
    }
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
    if (this.#waiting.size === 0) return Infinity;
    while (!this.#waiting.has(this.#base)) this.#base += 1;
    return this.#base;
  }

  /** A tick has passed: what had waited for one already. */
  overdue(): readonly { readonly count: number; readonly payload: Payload }[] {
    const overdue = [...this.#waiting].filter(([, { ticks }]) => ticks > 0);
    for (const waiting of this.#waiting.values()) waiting.ticks += 1;
    return overdue.map(([count, { payload }]) => ({ count, payload }));
  }
}
