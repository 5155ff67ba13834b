/**
 * Events to come on the clock of the runtime. One queue and one timer for all of them, so that they
 * happen in the order of their times, as in virtual time: timers of their own would overtake each
 * other by up to the millisecond that the machine counts in, and receivers would see a reordering
 * that no link did.
 */

import type { Clock, Timer } from '../../net/ports.ts';
import { EventQueue, type SimEvent } from '../../sim/event-queue.ts';
import type { Arrival, Timeline } from '../../sim/lane.ts';
import { NS_PER_MS } from '../../sim/units.ts';
import { Histogram } from '../meters/histogram.ts';

export class RealTimeline implements Timeline {
  /** How late events happened. */
  readonly lag: Histogram = new Histogram();
  readonly #clock: Clock;
  readonly #queue = new EventQueue();
  #timer: Timer | undefined;
  /** What the timer is set for. */
  #armedNs = Infinity;

  constructor(clock: Clock) {
    this.#clock = clock;
  }

  get nowNs(): number {
    return Math.round(this.#clock.monotonic() * NS_PER_MS);
  }

  /** How many events are to come. */
  get size(): number {
    return this.#queue.length;
  }

  /** Never before this call returns; at one instant in the order of the calls. */
  after(delayNs: number, action: () => void): SimEvent {
    const event = this.#queue.push(this.nowNs + Math.max(delayNs, 0), 'timer', action);
    this.#arm();
    return event;
  }

  arriveAfter(delayNs: number, action: () => void): Arrival {
    if (delayNs > 0) return this.after(delayNs, action);
    // A timer takes a millisecond where a wire without delay takes none.
    action();
    return { cancel: () => {} };
  }

  /** Nothing happens any more. */
  stop(): void {
    this.#timer?.cancel();
    while (this.#queue.pop());
  }

  #arm(): void {
    const { firstTimeNs = Infinity } = this.#queue;
    if (firstTimeNs >= this.#armedNs) return;
    this.#timer?.cancel();
    this.#armedNs = firstTimeNs;
    this.#timer = this.#clock.schedule((firstTimeNs - this.nowNs) / NS_PER_MS, () => {
      this.#armedNs = Infinity;
      for (let due = this.#takeDue(); due !== undefined; due = this.#takeDue()) due.action();
      this.#arm();
    });
  }

  #takeDue(): SimEvent | undefined {
    const dueNs = this.#queue.firstTimeNs;
    if (dueNs === undefined || dueNs > this.nowNs) return undefined;
    this.lag.add(this.nowNs - dueNs);
    return this.#queue.pop();
  }
}
