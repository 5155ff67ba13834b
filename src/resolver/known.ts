/**
 * What a client can be told at once, in this order: names that are answered here, the cache, and
 * what is over where that is allowed. Every name of a chain of aliases passes the same way.
 */

import { newLook, type Look } from '../cache/look.ts';
import type { Story } from '../query/story.ts';
import type { Question } from '../wire/record.ts';
import { AnswerChain, type Resolution } from './chain.ts';
import type { Core } from './core.ts';
import type { Refreshes } from './prefetch.ts';
import type { LookupResult } from './result.ts';
import type { StaleAnswers } from './stale.ts';
import { knownStep } from './steps.ts';
import { aliasTarget, isKnown, readCache } from './stored.ts';

export interface KnownOptions {
  readonly refreshes: Refreshes;
  readonly stale: StaleAnswers | undefined;
  /** Whether popular names are refreshed before they are over. */
  readonly prefetch: boolean;
}

/** Nothing of what was asked for is known, or an alias is, but not where it leads. */
export type Unknown = 'unknown' | 'open';

/** What the client may have, and who wants to know. */
export interface KnownFor {
  /** False: local data alone. */
  readonly mayReadCache: boolean;
  /** RD: only then may the answer have something asked of servers behind it. */
  readonly isRecursive: boolean;
  readonly story: Story | undefined;
}

export class KnownAnswers {
  readonly #core: Core;
  readonly #options: KnownOptions;

  constructor(core: Core, options: KnownOptions) {
    this.#core = core;
    this.#options = options;
  }

  /** The whole answer, or how far it is known. */
  find(question: Question, client: KnownFor): Resolution | Unknown {
    const fresh = this.#readFresh(question, client);
    const isComplete = typeof fresh !== 'string';
    if (isComplete && fresh.kind !== 'failure') return fresh;
    const { stale, refreshes } = this.#options;
    if (!stale || !client.mayReadCache) return fresh;
    const late = stale.atOnce(question, isComplete ? fresh : undefined, client.story);
    if (!late) return fresh;
    this.#core.counters.cacheHits++;
    if (stale.wantsRefresh(question)) {
      refreshes.start(question, (failure) => stale.noteFailure(question, failure));
    }
    return late;
  }

  /** Whether there is something to find, at a fraction of what finding costs. Changes nothing. */
  has(question: Question): boolean {
    const { cache, local, limits, runtime } = this.#core;
    const nowMs = runtime.clock.monotonic();
    const { type, class: dnsClass } = question;
    let { name } = question;
    for (let aliases = 0; aliases <= limits.aliases; aliases++) {
      const asked = { name, type, class: dnsClass };
      if (local.answer(asked) || isKnown(cache, asked, nowMs)) return true;
      const target = aliasTarget(cache, asked);
      if (!target) return cache.failures.get(asked) !== undefined;
      name = target;
    }
    // Too many, or in a circle: that will be the answer.
    return true;
  }

  #readFresh(question: Question, client: KnownFor): Resolution | Unknown {
    const { counters, limits } = this.#core;
    const { story } = client;
    const { prefetch } = this.#options;
    const popularHits = prefetch && client.isRecursive ? limits.popularHits : undefined;
    const look = newLook({ popularHits });
    const parts = story && new Map<Question, LookupResult>();
    const chain = new AnswerChain(question, limits.aliases);
    for (;;) {
      const part = this.#readPart(chain.question, client, look);
      if (!part) return chain.question === question && client.mayReadCache ? 'unknown' : 'open';
      parts?.set(chain.question, part);
      const resolution = chain.add(part);
      if (!resolution) continue;
      counters.cacheHits++;
      for (const [asked, found] of parts ?? []) story?.tell(knownStep(asked, found));
      const { dueAtMs } = look;
      const isWanted = resolution.kind === 'resolved' && dueAtMs < Infinity;
      return isWanted ? { ...resolution, dueAtMs } : resolution;
    }
  }

  #readPart(question: Question, client: KnownFor, look: Look): LookupResult | undefined {
    const local = this.#core.local.answer(question);
    if (local || !client.mayReadCache) return local;
    const part = readCache(this.#core.cache, question, look);
    if (look.isDue) {
      look.isDue = false;
      this.#options.refreshes.start(question);
    }
    return part;
  }
}
