/**
 * Look-ups that no client waits for: popular names in the last tenth of their TTL, and what was
 * answered though it was over (RFC 8767 §5). Each has a budget of its own, their number is bounded,
 * and nothing is refreshed twice at a time. Whatever comes is kept by the look-up itself.
 */

import { CancellationSource } from '../net/cancellation.ts';
import { startDeadline } from '../net/deadline.ts';
import { logStory } from '../query/story.ts';
import type { Question } from '../wire/record.ts';
import { Budget } from './budget.ts';
import { AnswerChain } from './chain.ts';
import type { Caller, Core } from './core.ts';
import { isLasting, type Failure } from './result.ts';

const LEEWAY_MS = 60_000;

export class Refreshes {
  readonly #core: () => Core;
  readonly #underWay = new Set<string>();
  readonly #abortion = new CancellationSource();

  constructor(core: () => Core) {
    this.#core = core;
  }

  get size(): number {
    return this.#underWay.size;
  }

  /** Asks for `question` and what its aliases lead to. `failed` hears of a failure that lasts. */
  start(question: Question, failed?: (failure: Failure) => void): void {
    const { limits, logger } = this.#core();
    const key = `${question.type}/${question.name.key}`;
    const isFull = this.#underWay.size >= limits.refreshes;
    if (isFull || this.#underWay.has(key) || this.#abortion.aborted) return;
    this.#underWay.add(key);
    this.#run(question, failed)
      .catch((error: unknown) => {
        logger.error({ err: error }, `the refresh of ${question.name.toString()} failed`);
      })
      .finally(() => this.#underWay.delete(key));
  }

  /** Ends them all; none begins from now on. */
  stop(): void {
    this.#abortion.abort();
  }

  /**
   * A cut that ends with what is refreshed may have ended by its parent's will: whoever the parent
   * names now is to be asked, not once more those of before (Unbound's prefetch leeway).
   */
  #endOf({ name, type }: Question): number {
    const { records, negatives } = this.#core().cache;
    const endMs = records.expiresAtMs(name, type) ?? negatives.expiresAtMs(name, type) ?? 0;
    return endMs + LEEWAY_MS;
  }

  async #run(question: Question, failed: ((failure: Failure) => void) | undefined): Promise<void> {
    const { counters, limits, local, logger, lookups, runtime } = this.#core();
    counters.refreshes++;
    const budget = new Budget(counters.queries, runtime.clock, limits);
    const deadline = startDeadline(runtime.clock, limits.queryMs, this.#abortion);
    const story = logStory(logger, counters.queries);
    const caller: Caller = {
      budget,
      depth: 0,
      signal: deadline.signal,
      story,
      cutsBeyondMs: this.#endOf(question),
    };
    const chain = new AnswerChain(question, limits.aliases);
    try {
      let resolution = chain.add(await lookups.refresh(question, caller));
      while (!resolution) {
        const found = local.answer(chain.question);
        resolution = chain.add(found ?? (await lookups.find(chain.question, caller)));
      }
      if (resolution.kind === 'failure' && isLasting(resolution)) failed?.(resolution);
    } finally {
      deadline.cancel();
    }
  }
}
