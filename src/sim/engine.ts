/**
 * Virtual time: integer nanoseconds, moved only by taking the next event from the queue. Knows
 * nothing of networks. Also the one door through which the simulation calls the simulated program.
 */

import assert from 'node:assert/strict';

import { EventQueue, type Priority, type SimEvent } from './event-queue.ts';
import type { Timeline } from './lane.ts';
import { NS_PER_MS } from './units.ts';

/** Monotonic time never is 0, which code may take for 'never'. */
export const START_NS: number = NS_PER_MS;
/** Above, a Number no longer counts nanoseconds one by one: 104 days. */
const MAX_TIME_NS = Number.MAX_SAFE_INTEGER;

export class Engine implements Timeline {
  readonly #queue = new EventQueue();
  #nowNs = START_NS;
  #hasCalledOut = false;
  #failure: { readonly error: unknown } | undefined;

  get nowNs(): number {
    return this.#nowNs;
  }

  get nowMs(): number {
    return this.#nowNs / NS_PER_MS;
  }

  get nextTimeNs(): number | undefined {
    return this.#queue.firstTimeNs;
  }

  /** How many events are to come. */
  get pending(): number {
    return this.#queue.length;
  }

  /** The first thing that the simulated program threw out of a callback. */
  get failure(): { readonly error: unknown } | undefined {
    return this.#failure;
  }

  after(delayNs: number, priority: Priority, action: () => void): SimEvent {
    // The negated comparison also turns NaN into 0; what lies beyond the end of time never comes.
    const wantedNs = this.#nowNs + (delayNs > 0 ? Math.round(delayNs) : 0);
    return this.#queue.push(Math.min(wantedNs, MAX_TIME_NS), priority, action);
  }

  arriveAfter(delayNs: number, action: () => void): SimEvent {
    return this.after(delayNs, 'arrival', action);
  }

  /** Runs a callback of the simulated program. A throw is a bug and ends the run. */
  callOut(action: () => void): void {
    this.#hasCalledOut = true;
    try {
      action();
    } catch (error) {
      this.#failure ??= { error };
    }
  }

  /** Whether promises may have been settled since the last time this was asked. */
  takeHasCalledOut(): boolean {
    const hasCalledOut = this.#hasCalledOut;
    this.#hasCalledOut = false;
    return hasCalledOut;
  }

  step(): void {
    const timeNs = this.#queue.firstTimeNs;
    const event = this.#queue.pop();
    if (timeNs === undefined || event === undefined) return;
    this.moveTo(timeNs);
    event.action();
  }

  moveTo(timeNs: number): void {
    assert(timeNs >= this.#nowNs, 'virtual time never goes back');
    assert(timeNs < MAX_TIME_NS, 'virtual time ends after 104 days');
    this.#nowNs = timeNs;
  }
}

export function nanoseconds(ms: number): number {
  return Math.round(ms * NS_PER_MS);
}
