/**
 * Answers out of data that are over, for the time when their servers fail (RFC 8767). They are what
 * the cache holds anyway: they passed every check when they came, and are read by the same code as
 * live ones, aliases included. Only clients get them: the resolver itself never asks a server at a
 * stale address, nor a zone by a stale delegation.
 *
 *     nothing live ─┬─ failed a short while ago, or no patience ──► stale, at once
 *                   └─ resolve ─┬─ in time ──► fresh
 *                               └─ failed, or the client's timer ran out ──► stale; it goes on
 */

import { newLook } from '../cache/look.ts';
import type { Clock } from '../net/ports.ts';
import { questionText } from '../query/step.ts';
import type { Story } from '../query/story.ts';
import { ExtendedError, Rcode, rcodeText } from '../wire/iana.ts';
import type { Question } from '../wire/record.ts';
import { AnswerChain, type Resolution } from './chain.ts';
import type { Core } from './core.ts';
import { isLasting, type Failure } from './result.ts';
import { readData } from './stored.ts';

export interface ServeStaleOptions {
  /** What a stale record shows. Default 30 (RFC 8767 §4). */
  readonly answerTtlSeconds?: number;
  /**
   * How long a client waits for a fresh answer. Default 1800 (RFC 8767 §5): before it asks again or
   * another server. 0: it gets what is over at once, and the refresh runs behind it.
   */
  readonly clientTimeoutMs?: number;
  /** How long data are of use after they are over. Default 86,400, the least of RFC 8767 §5. */
  readonly maxAgeSeconds?: number;
  /** After a failure servers are left alone for so long. Default 30 (RFC 8767 §5). */
  readonly recheckSeconds?: number;
}

/** A week, past which an address more likely belongs to somebody else. */
const MAX_AGE_SECONDS = 604_800;

/** For how long the cache is to keep what is over. */
export function staleSecondsOf(options: ServeStaleOptions | undefined): number {
  return options ? Math.min(options.maxAgeSeconds ?? 86_400, MAX_AGE_SECONDS) : 0;
}

export class StaleAnswers {
  readonly #core: Core;
  readonly #answerTtlSeconds: number;
  readonly #clientTimeoutMs: number;
  readonly #recheckSeconds: number;

  constructor(core: Core, options: ServeStaleOptions) {
    this.#core = core;
    // RFC 8767 §4: never 0, which some clients take for an error.
    this.#answerTtlSeconds = Math.max(1, options.answerTtlSeconds ?? 30);
    this.#clientTimeoutMs = options.clientTimeoutMs ?? 1800;
    this.#recheckSeconds = options.recheckSeconds ?? 30;
  }

  /** What is answered at once: when the servers failed a short while ago, or nobody is to wait. */
  atOnce(
    question: Question,
    failure: Failure | undefined,
    story: Story | undefined,
  ): Resolution | undefined {
    const hasFailed = failure !== undefined || this.#hasFailed(question);
    if (!hasFailed && this.#clientTimeoutMs > 0) return undefined;
    return this.#answer(question, story);
  }

  /** Whether what was answered at once is to be asked for behind the client's back. */
  wantsRefresh(question: Question): boolean {
    return !this.#hasFailed(question);
  }

  /** The end of `running`, or something stale when it takes too long or fails. */
  async insteadOf(
    question: Question,
    running: Promise<Resolution>,
    story: Story | undefined,
  ): Promise<Resolution> {
    if (!this.#read(question)) return running;
    const noted = running.then((resolution) => {
      if (resolution.kind === 'failure') this.noteFailure(question, resolution);
      return resolution;
    });
    const { clock } = this.#core.runtime;
    const first = await within(noted, clock, this.#clientTimeoutMs);
    if (first && first.kind !== 'failure') return first;
    return this.#answer(question, story) ?? first ?? noted;
  }

  /** Its servers are left alone for a while. */
  noteFailure(question: Question, failure: Failure): void {
    if (!isLasting(failure)) return;
    this.#core.cache.failures.hold(question, failure, this.#recheckSeconds);
  }

  #hasFailed(question: Question): boolean {
    return this.#core.cache.failures.get(question) !== undefined;
  }

  #answer(question: Question, story: Story | undefined): Resolution | undefined {
    const stale = this.#read(question);
    if (!stale || stale.kind === 'failure') return stale;
    this.#core.counters.staleAnswers++;
    story?.tell({
      kind: 'cache hit',
      question: questionText(question),
      found: rcodeText(stale.rcode),
      isStale: true,
    });
    return stale;
  }

  /** The whole answer, live and stale, or undefined as soon as one part of it is not there. */
  #read(question: Question): Resolution | undefined {
    const { cache, limits, local } = this.#core;
    const look = newLook({ staleTtlSeconds: this.#answerTtlSeconds });
    const chain = new AnswerChain(question, limits.aliases);
    for (;;) {
      const part = local.answer(chain.question) ?? readData(cache, chain.question, look);
      if (!part) return undefined;
      const resolution = chain.add(part);
      if (resolution) return look.isStale ? explain(resolution) : resolution;
    }
  }
}

/** RFC 8914 §4.4, §4.20. */
function explain(resolution: Resolution): Resolution {
  if (resolution.kind === 'failure') return resolution;
  const isNxdomain = resolution.rcode === Rcode.NXDOMAIN;
  const code = isNxdomain ? ExtendedError.STALE_NXDOMAIN_ANSWER : ExtendedError.STALE_ANSWER;
  const text = 'its time is over, but its servers gave nothing newer yet';
  const extendedErrors = [...(resolution.remarks.extendedErrors ?? []), { code, text }];
  return { ...resolution, remarks: { ...resolution.remarks, extendedErrors } };
}

/** What the promise comes to, or undefined when it takes longer than that. */
function within<Value>(
  promise: Promise<Value>,
  clock: Clock,
  delayMs: number,
): Promise<Value | undefined> {
  return new Promise((resolve, reject) => {
    const timer = clock.schedule(delayMs, () => resolve(undefined));
    void promise.then(resolve, reject).finally(() => timer.cancel());
  });
}
