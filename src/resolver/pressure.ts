/**
 * Whether more queries wait for recursion than this machine can work on. A resolver that begins
 * all that come, when it can finish a quarter of them, finishes hardly any: each is begun, waits
 * behind the others, and is given up. So it begins as many as it finishes in a moment, and the rest
 * had better ask again.
 *
 * Servers that are slow are another matter: queries wait for them that cost nothing meanwhile. The
 * difference is whether timers come late.
 */

import type { Clock } from '../net/ports.ts';

const pressureLimits = {
  /** Fewer are never too many. */
  queries: 256,
  /** Otherwise as many as are resolved in so long, at the rate of late. */
  workMs: 200,
  /** How often to see whether timers come late: by so much, and for how long that counts. */
  watchMs: 20,
  lateMs: 10,
  heldMs: 500,
  /** How much the last interval counts in the rate. */
  share: 0.2,
  /** Of the surplus one in so many is read all the same. */
  readEvery: 4,
} as const;

export class Pressure {
  readonly #clock: Clock;
  readonly #waiting: () => number;
  #isWatching = false;
  #behindUntilMs = 0;
  #resolved = 0;
  #perMs = 0;
  #surplus = 0;

  /** `waiting`: how many are under way. */
  constructor(clock: Clock, waiting: () => number) {
    this.#clock = clock;
    this.#waiting = waiting;
  }

  /** Whether no more should be begun. */
  get isTooMuch(): boolean {
    if (this.#behindUntilMs === 0) return false;
    const most = Math.max(pressureLimits.queries, this.#perMs * pressureLimits.workMs);
    return this.#waiting() >= most && this.#clock.monotonic() < this.#behindUntilMs;
  }

  /**
   * Whether the next query is to be dropped unread. Not all are while there are too many: what the
   * cache knows is answered when it is read, and stands among the finished answers after it, which
   * nobody turns away. So popular names are answered after a few tries, whatever else is asked.
   */
  turnsAway(): boolean {
    if (!this.isTooMuch) return false;
    this.#surplus = (this.#surplus + 1) % pressureLimits.readEvery;
    return this.#surplus !== 0;
  }

  /** To be called when there is one more. */
  began(): void {
    if (!this.#isWatching && this.#waiting() >= pressureLimits.queries) this.#watch();
  }

  /** And when one was resolved: what fails may do so at once, and says nothing. */
  resolved(): void {
    this.#resolved++;
  }

  #watch(): void {
    const { watchMs } = pressureLimits;
    const beganMs = this.#clock.monotonic();
    this.#isWatching = true;
    this.#resolved = 0;
    this.#clock.schedule(watchMs, () => this.#look(beganMs));
  }

  #look(beganMs: number): void {
    const { queries, watchMs, lateMs, heldMs, share } = pressureLimits;
    const nowMs = this.#clock.monotonic();
    const passedMs = nowMs - beganMs;
    this.#perMs += (this.#resolved / passedMs - this.#perMs) * share;
    if (passedMs - watchMs > lateMs) this.#behindUntilMs = nowMs + heldMs;
    this.#isWatching = false;
    if (this.#waiting() >= queries / 2) this.#watch();
    else this.#behindUntilMs = 0;
  }
}
