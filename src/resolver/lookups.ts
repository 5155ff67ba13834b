/**
 * Lookups of one name and type each: out of the cache, by joining the one that is under way, or by
 * going to servers. At most one is under way for a name and type, however many wait for it; so a
 * forger never has more than one reply to guess (RFC 5452 §5), and a crowd costs as much as one.
 *
 * A lookup may wait for others (NS addresses). Whoever is about to wait for a lookup that waits,
 * perhaps by way of others, for itself has found a circle of delegations, and fails at once.
 */

import { newLook } from '../cache/look.ts';
import { CancellationSource, type Cancellation } from '../net/cancellation.ts';
import { questionText } from '../query/step.ts';
import { bothStories, type Story } from '../query/story.ts';
import type { DnsName } from '../wire/name.ts';
import type { Question } from '../wire/record.ts';
import type { Budget } from './budget.ts';
import type { Caller, Core, Task } from './core.ts';
import { busy, cancelled, unanswered, type LookupResult } from './result.ts';
import { readCache } from './stored.ts';
import { knownStep } from './steps.ts';

/** A lookup under way. */
export interface Lookup {
  readonly question: Question;
  /** Of the caller that started it. */
  readonly budget: Budget;
  readonly cancellation: CancellationSource;
  waiters: number;
  isOver: boolean;
  /** A lookup asks for one thing at a time. */
  waitsFor: Lookup | undefined;
  /** The server whose reply it waits for. */
  asks: string | undefined;
  /** Of whoever started it, and of those who joined it and want to know. */
  story: Story | undefined;
}

type Iterate = (core: Core, question: Question, task: Task) => Promise<LookupResult>;

export class Lookups {
  readonly #core: () => Core;
  readonly #iterate: Iterate;
  readonly #underWay = new Map<string, { lookup: Lookup; result: Promise<LookupResult> }>();

  constructor(core: () => Core, iterate: Iterate) {
    this.#core = core;
    this.#iterate = iterate;
  }

  get size(): number {
    return this.#underWay.size;
  }

  /** What a lookup of `question` waits for: the innermost of those that wait for each other. */
  awaited(question: Question): Lookup | undefined {
    let at = this.#underWay.get(keyOf(question))?.lookup;
    while (at?.waitsFor) at = at.waitsFor;
    return at;
  }

  /** When those of names at and below `zone` that are under way now have ended. */
  async ended(zone: DnsName): Promise<void> {
    const results = [...this.#underWay.values()]
      .filter(({ lookup }) => lookup.question.name.isSubdomainOf(zone))
      .map(({ result }) => result);
    await Promise.allSettled(results);
  }

  async find(question: Question, caller: Caller): Promise<LookupResult> {
    const first = await this.#findOnce(question, caller);
    // Another's budget is spent or its client has gone, but ours may still do it.
    const isOthers = first.byOther && isAboutCaller(first.result);
    if (!isOthers || caller.signal.aborted || caller.budget.exhausted !== undefined) {
      return first.result;
    }
    return (await this.#findOnce(question, caller)).result;
  }

  /** Asks servers whatever the cache says, unless they are being asked. */
  refresh(question: Question, caller: Caller): Promise<LookupResult> {
    const key = keyOf(question);
    const present = this.#underWay.get(key) ?? this.#start(key, question, caller);
    return join(present, caller);
  }

  async #findOnce(
    question: Question,
    caller: Caller,
  ): Promise<{ readonly result: LookupResult; readonly byOther: boolean }> {
    const core = this.#core();
    const look = newLook({ sinceMs: caller.budget.startedMs });
    const result = readCache(core.cache, question, look);
    if (result) {
      caller.story?.tell(knownStep(question, result));
      return { result, byOther: false };
    }
    const key = keyOf(question);
    const present = this.#underWay.get(key);
    if (!present) {
      const started = this.#start(key, question, caller);
      return { result: await join(started, caller), byOther: false };
    }
    if (caller.waiter && waitsFor(present.lookup, caller.waiter)) {
      return { result: unanswered(`${questionText(question)} depends on itself`), byOther: false };
    }
    if (present.lookup.waiters >= core.limits.waiters) {
      core.counters.overloads++;
      return { result: busy(`too many wait for ${questionText(question)}`), byOther: false };
    }
    core.counters.joined++;
    if (caller.story) follow(present.lookup, caller.story);
    return { result: await join(present, caller), byOther: true };
  }

  #start(
    key: string,
    question: Question,
    { budget, depth, story, cutsBeyondMs }: Caller,
  ): { lookup: Lookup; result: Promise<LookupResult> } {
    const cancellation = new CancellationSource();
    const told = story?.tell({ kind: 'lookup', question: questionText(question) });
    const lookup: Lookup = {
      question,
      budget,
      cancellation,
      waiters: 0,
      isOver: false,
      waitsFor: undefined,
      asks: undefined,
      story: told,
    };
    const task = {
      budget,
      cutsBeyondMs,
      depth,
      signal: cancellation,
      waiter: lookup,
      // Others who want to know may come while it runs.
      get story() {
        return lookup.story;
      },
    };
    // Not at once: whoever waits must be known before this lookup looks for circles.
    const result = Promise.resolve()
      .then(() => this.#run(question, task))
      .finally(() => {
        this.#underWay.delete(key);
        lookup.isOver = true;
      });
    // Everybody may have left by then, and a bug must not end the process.
    result.catch((error: unknown) => {
      const what = `the lookup of ${questionText(question)} failed`;
      this.#core().logger.error({ err: error }, what);
    });
    const entry = { lookup, result };
    this.#underWay.set(key, entry);
    return entry;
  }

  async #run(question: Question, task: Task): Promise<LookupResult> {
    const core = this.#core();
    core.counters.lookups++;
    const result = await this.#iterate(core, question, task);
    if (result.kind === 'found') core.cache.failures.delete(question);
    else if (result.reason === 'unanswered') core.cache.failures.put(question, result);
    return result;
  }
}

function keyOf({ name, type }: Question): string {
  return `${type}/${name.key}`;
}

/** Waits for the lookup as long as the caller wants to; the last to leave ends it. */
async function join(
  { lookup, result }: { readonly lookup: Lookup; readonly result: Promise<LookupResult> },
  { signal, waiter }: Caller,
): Promise<LookupResult> {
  lookup.waiters++;
  if (waiter) waiter.waitsFor = lookup;
  try {
    return await unlessAborted(result, signal);
  } finally {
    if (waiter) waiter.waitsFor = undefined;
    lookup.waiters--;
    if (lookup.waiters === 0 && !lookup.isOver) lookup.cancellation.abort();
  }
}

/** `result`, or 'cancelled' as soon as the signal aborts. */
export function unlessAborted<T>(
  result: Promise<T>,
  signal: Cancellation,
): Promise<T | typeof cancelled> {
  if (signal.aborted) return Promise.resolve(cancelled);
  return new Promise((resolve, reject) => {
    const leave = (): void => resolve(cancelled);
    signal.addEventListener('abort', leave, { once: true });
    const release = (): void => signal.removeEventListener('abort', leave);
    result.then(
      (value) => {
        release();
        resolve(value);
      },
      (error: Error) => {
        release();
        reject(error);
      },
    );
  });
}

/** From here on what the lookup does is told to this story as well. */
function follow(lookup: Lookup, story: Story): void {
  const joined = story.tell({ kind: 'joined lookup', question: questionText(lookup.question) });
  lookup.story = bothStories(lookup.story, joined.unlogged);
}

/** Whether `start` waits for `wanted`, perhaps by way of others, or is it. */
export function waitsFor(start: Lookup, wanted: Lookup): boolean {
  for (let at: Lookup | undefined = start; at; at = at.waitsFor) if (at === wanted) return true;
  return false;
}

function isAboutCaller(result: LookupResult): boolean {
  return (
    result.kind === 'failure' && (result.reason === 'exhausted' || result.reason === 'cancelled')
  );
}
