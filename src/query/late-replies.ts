/**
 * Replies over UDP that come late. An attacker who has answers held back, by servers of his own,
 * could make many of them leave in one moment, at an address that is not his (DNSBomb,
 * CVE-2024-33655). So an answer that is late carries nothing: TC brings a real client back over
 * TCP, where it finds the answer in the cache; an error is small anyway. And only so many of them
 * leave at once. A client that has waited so long asks again by itself.
 *
 * Stale data are given after 1.8 s (RFC 8767 §5), so they are in time.
 */

import type { Clock } from '../net/ports.ts';
import { emptyAnswer, type Answer } from './query.ts';

export interface LateReplyLimits {
  /** An answer is late so long after its query; 0: never. Unbound's, above the timer for stale. */
  readonly afterMs: number;
  /** Late replies in one interval, to all clients together. */
  readonly burst: number;
}

export const lateReplyLimits: LateReplyLimits = {
  afterMs: 1900,
  burst: 10,
};

const INTERVAL_MS = 10;

export class LateReplies {
  readonly #limits: LateReplyLimits;
  readonly #clock: Clock;
  #intervalStartMs = 0;
  #sent = 0;

  constructor(limits: LateReplyLimits, clock: Clock) {
    this.#limits = limits;
    this.#clock = clock;
  }

  isLate(ageMs: number): boolean {
    return this.#limits.afterMs > 0 && ageMs > this.#limits.afterMs;
  }

  /** What is left of a late answer. */
  reduce(answer: Answer): Answer {
    const nowMs = this.#clock.monotonic();
    if (nowMs - this.#intervalStartMs >= INTERVAL_MS) {
      this.#intervalStartMs = nowMs;
      this.#sent = 0;
    }
    this.#sent++;
    if (this.#sent > this.#limits.burst) return { ...answer, isDropped: true };
    const { rcode, answers, authorities, extendedErrors } = answer;
    const bare = emptyAnswer(rcode, extendedErrors);
    return answers.length + authorities.length > 0 ? { ...bare, isTruncated: true } : bare;
  }
}
