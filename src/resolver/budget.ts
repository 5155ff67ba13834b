/**
 * What one client query may still spend. One object per query, handed by reference to every
 * sub-task: nothing copies it, refills it, or makes a second one for the same query.
 */

import type { Clock } from '../net/ports.ts';
import { CONCLUSION_MS, type ResolverLimits } from './limits.ts';

export class Budget {
  /** Tells the queries apart in the log. */
  readonly id: number;
  /** When the query began, by the monotonic clock. */
  readonly startedMs: number;
  readonly #clock: Clock;
  readonly #limits: ResolverLimits;
  readonly #deadlineMs: number;
  #sends = 0;
  #receivedOctets = 0;
  #minimisedSteps = 0;
  #nsNames = 0;
  #nsNxdomains = 0;

  constructor(id: number, clock: Clock, limits: ResolverLimits) {
    this.id = id;
    this.#clock = clock;
    this.#limits = limits;
    this.startedMs = clock.monotonic();
    this.#deadlineMs = this.startedMs + limits.queryMs - CONCLUSION_MS;
  }

  get sends(): number {
    return this.#sends;
  }

  /** Never negative. */
  get remainingMs(): number {
    return Math.max(0, this.#deadlineMs - this.#clock.monotonic());
  }

  /** Why nothing more can be done, for people; undefined while something can. */
  get exhausted(): string | undefined {
    const { sends, receivedOctets, queryMs } = this.#limits;
    if (this.#sends >= sends) return `gave up after ${sends} packets to servers`;
    if (this.#receivedOctets >= receivedOctets) {
      return `gave up after ${receivedOctets} octets from servers`;
    }
    if (this.remainingMs === 0) return `gave up after ${queryMs} ms`;
    return undefined;
  }

  /** One datagram or connection; false: it must not be sent. */
  spendSend(): boolean {
    if (this.exhausted !== undefined) return false;
    this.#sends++;
    return true;
  }

  addReceived(octets: number): void {
    this.#receivedOctets += octets;
  }

  /** One question for part of a name; false: ask for the whole name. */
  spendMinimisedStep(): boolean {
    if (this.#minimisedSteps >= this.#limits.minimisedStepsPerQuery) return false;
    this.#minimisedSteps++;
    return true;
  }

  /** One NS name to be resolved; false: it must not be. */
  spendNsName(): boolean {
    const { nsNames, nsNxdomains } = this.#limits;
    if (this.#nsNames >= nsNames || this.#nsNxdomains >= nsNxdomains) return false;
    this.#nsNames++;
    return true;
  }

  /** An NS name did not exist: whoever publishes several of those is up to something. */
  addNsNxdomain(): void {
    this.#nsNxdomains++;
  }
}
