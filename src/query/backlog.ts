/**
 * Queries that wait for the time to be worked on. What is begun costs more than what is known: a
 * turn of the event loop that begins all that came keeps everybody else waiting, those above all
 * whose answer the cache knows. So a turn begins for a few milliseconds, between which all that
 * has come is received and what was begun before is finished, and the rest waits here.
 *
 *     add ─► newest │ … waiting … │ oldest ─► begin, in the next turns
 *                                      └────► shed: too many wait, or this one too long
 *
 * Where so many come that nobody would be there when his turn comes, those that come go instead.
 *
 * Whoever comes when nobody waits, and the turn has time left, is begun at once and never sees any
 * of this.
 */

import type { Clock } from '../net/ports.ts';

export const backlogLimits = {
  /** Of a turn, for beginning. To finish what was begun takes as long again, or longer. */
  beginMs: 2,
  /** Of a turn after one that took longer than this: there is much to finish. */
  longMs: 10,
  beginLessMs: 1,
  /** Under way: fewer are never too many, and nobody looks at the clock. */
  few: 32,
  /** Waiting. */
  queries: 512,
  /** Who has waited for less is not shed: in a flood that is too fast for that, who comes goes. */
  safeMs: 50,
  /** Who has waited longer is not begun: its answer would come when the client has asked again. */
  waitMs: 400,
} as const;

export interface BacklogHandlers<Item> {
  begin(item: Item): void;
  shed(item: Item): void;
}

export class Backlog<Item> {
  readonly #clock: Clock;
  readonly #handlers: BacklogHandlers<Item>;
  /** A ring, from the oldest on. */
  readonly #waiting: (Item | undefined)[] = [];
  readonly #sinceMs: Float64Array = new Float64Array(backlogLimits.queries);
  #oldest = 0;
  #size = 0;
  #underWay = 0;
  #isOpen = true;
  #isTurning = false;
  #turnedMs = 0;
  #untilMs = 0;

  constructor(clock: Clock, handlers: BacklogHandlers<Item>) {
    this.#clock = clock;
    this.#handlers = handlers;
  }

  get size(): number {
    return this.#size;
  }

  /** Whether one more may be begun at once. */
  get isOpen(): boolean {
    return this.#isOpen;
  }

  /** Whether there is no place, and none is to be made. */
  isFull(nowMs: number): boolean {
    if (this.#size < backlogLimits.queries) return false;
    return nowMs - this.#sinceMs[this.#oldest]! < backlogLimits.safeMs;
  }

  /** To be called for each that was begun and is not finished. */
  began(): void {
    this.#underWay++;
    if (this.#underWay <= backlogLimits.few || !this.#isOpen) return;
    const nowMs = this.#clock.monotonic();
    if (!this.#isTurning) this.#startTurn(nowMs, backlogLimits.beginMs);
    else if (nowMs >= this.#untilMs) this.#isOpen = false;
  }

  finished(): void {
    this.#underWay--;
  }

  /** Begins it in its turn, or sheds it; it came at `sinceMs`. */
  add(item: Item, sinceMs: number): void {
    if (this.#size === backlogLimits.queries) this.#handlers.shed(this.#take());
    const place = (this.#oldest + this.#size) % backlogLimits.queries;
    this.#waiting[place] = item;
    this.#sinceMs[place] = sinceMs;
    this.#size++;
  }

  /** Sheds all. */
  clear(): void {
    while (this.#size > 0) this.#handlers.shed(this.#take());
  }

  #take(): Item {
    const item = this.#waiting[this.#oldest]!;
    this.#waiting[this.#oldest] = undefined;
    this.#oldest = (this.#oldest + 1) % backlogLimits.queries;
    this.#size--;
    return item;
  }

  #startTurn(nowMs: number, forMs: number): void {
    this.#isTurning = true;
    this.#turnedMs = nowMs;
    this.#untilMs = nowMs + forMs;
    // At once, and yet after the sockets had their turn.
    this.#clock.schedule(0, () => this.#turn());
  }

  #turn(): void {
    const { beginMs, beginLessMs, longMs } = backlogLimits;
    this.#isTurning = false;
    if (this.#size > 0) {
      // As somebody waits, the loop did not rest since the last turn.
      const nowMs = this.#clock.monotonic();
      const isLong = nowMs - this.#turnedMs > longMs;
      this.#startTurn(nowMs, isLong ? beginLessMs : beginMs);
      this.#beginUntil(this.#untilMs);
    }
    this.#isOpen = this.#size === 0;
  }

  #beginUntil(untilMs: number): void {
    for (let nowMs = this.#turnedMs; this.#size > 0; nowMs = this.#clock.monotonic()) {
      if (nowMs >= untilMs) return;
      const isLate = nowMs - this.#sinceMs[this.#oldest]! > backlogLimits.waitMs;
      const item = this.#take();
      if (isLate) this.#handlers.shed(item);
      else this.#handlers.begin(item);
    }
  }
}
