/**
 * A leader's lease: for some time nobody else can lead, so that it may answer reads alone.
 *
 *     leader ── lease? (round) ──► each      'I shall vote for nobody for the next D'
 *     leader ◄─ granted (round) ── each      a majority: I am alone until sending + D − margin
 *
 * Two clocks measure the same D: the leader's from its sending, the other's from the arrival. That
 * is safe as long as no clock is slower or faster than the margin allows for. Who comes back from a
 * crash may have promised something: it votes for nobody for D.
 */

import type { Context, NodeId } from '../../process/process.ts';

export interface LeaseOptions {
  /** D. */
  readonly lengthNs: number;
  /** The largest error of a clock's rate that is allowed for, as a fraction. */
  readonly margin: number;
  readonly clock: 'mono' | 'wall';
}

export interface LeaseParts {
  readonly context: Context;
  readonly options: LeaseOptions;
  /** Sends the question to all others. */
  ask(round: number): void;
}

/** Questions that may yet be answered; older ones give no lease that still holds. */
const MAX_ROUNDS = 100;

export class Lease {
  readonly #parts: LeaseParts;
  #round = 0;
  readonly #sentNs = new Map<number, number>();
  readonly #granted = new Map<number, Set<NodeId>>();
  /** As leader: alone until then. */
  #untilNs = -Infinity;
  /** As follower: no vote until then. */
  #promisedUntilNs = -Infinity;

  constructor(parts: LeaseParts) {
    this.#parts = parts;
  }

  get isHeld(): boolean {
    return this.#nowNs < this.#untilNs;
  }

  get isPromised(): boolean {
    return this.#nowNs < this.#promisedUntilNs;
  }

  /** Before anything that was promised in an earlier life may have ended. */
  promise(): void {
    this.#promisedUntilNs = this.#nowNs + this.#parts.options.lengthNs;
  }

  /** The leader asks for more. */
  renew(): void {
    this.#round += 1;
    this.#sentNs.set(this.#round, this.#nowNs);
    this.#granted.set(this.#round, new Set());
    this.#sentNs.delete(this.#round - MAX_ROUNDS);
    this.#granted.delete(this.#round - MAX_ROUNDS);
    this.#parts.ask(this.#round);
  }

  /** Another has promised; with a majority of them, the leader is alone for a while. */
  take(from: NodeId, round: number): void {
    const { context, options } = this.#parts;
    const granted = this.#granted.get(round)?.add(from);
    const sentNs = this.#sentNs.get(round);
    if (granted === undefined || sentNs === undefined) return;
    if (2 * (granted.size + 1) <= context.nodeCount) return;
    const { lengthNs, margin } = options;
    const safeNs = Math.floor((lengthNs * (1 - margin)) / (1 + margin));
    this.#untilNs = Math.max(this.#untilNs, sentNs + safeNs);
  }

  /** What was granted to a leader is of no use to the next one. */
  end(): void {
    this.#untilNs = -Infinity;
    this.#granted.clear();
    this.#sentNs.clear();
  }

  get #nowNs(): number {
    const { context, options } = this.#parts;
    return options.clock === 'wall' ? context.wallNs() : context.monotonicNs();
  }
}
