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
import { TransientMap } from '../net/transient.ts';
import { questionText } from '../query/step.ts';
import { bothStories, type Story } from '../query/story.ts';
import type { DnsName } from '../wire/name.ts';
import type { Question } from '../wire/record.ts';
import type { Budget } from './budget.ts';
import type { Caller, Core, Task } from './core.ts';
import { busy, cancelled, unanswered, type LookupResult } from './result.ts';
import { readCache } from './stored.ts';
import { knownStep } from './steps.ts';

/** A lookup under way, and what it tells to whatever works for it. */
export class Lookup implements Task {
  readonly question: Question;
  /** Of the caller that started it. */
  readonly budget: Budget;
  readonly depth: number;
  readonly cutsBeyondMs: number | undefined;
  /** Aborted when nobody waits any more. */
  readonly signal: CancellationSource = new CancellationSource();
  /** A lookup asks for one thing at a time. */
  waitsFor: Lookup | undefined;
  /** The server whose reply it waits for. */
  asks: string | undefined;
  /** Of whoever started it, and of those who joined it and want to know. */
  story: Story | undefined;
  readonly #waiting: Waiting[] = [];
  #isOver = false;

  constructor(question: Question, { budget, depth, cutsBeyondMs, story }: Omit<Caller, 'signal'>) {
    this.question = question;
    this.budget = budget;
    this.depth = depth;
    this.cutsBeyondMs = cutsBeyondMs;
    this.story = story;
  }

  get waiter(): Lookup {
    return this;
  }

  get waiters(): number {
    return this.#waiting.length;
  }

  /** Waits as long as the caller wants to; the last to leave ends the lookup. */
  join(caller: Caller): Promise<LookupResult> {
    if (caller.signal.aborted) {
      if (this.waiters === 0) this.signal.abort();
      return Promise.resolve(cancelled);
    }
    return new Promise((resolve, reject) => {
      this.#waiting.push(new Waiting(this, caller, { resolve, reject }));
    });
  }

  leave(waiting: Waiting): void {
    this.#waiting.splice(this.#waiting.indexOf(waiting), 1);
    if (this.waiters === 0 && !this.#isOver) this.signal.abort();
  }

  end(result: LookupResult): void {
    this.#isOver = true;
    for (const waiting of this.#waiting) waiting.end(result);
  }

  fail(error: unknown): void {
    this.#isOver = true;
    for (const waiting of this.#waiting) waiting.fail(error);
  }
}

interface Settle {
  readonly resolve: (result: LookupResult) => void;
  readonly reject: (error: unknown) => void;
}

/** One of those who wait for a lookup. */
class Waiting {
  readonly #lookup: Lookup;
  readonly #caller: Caller;
  readonly #settle: Settle;

  constructor(lookup: Lookup, caller: Caller, settle: Settle) {
    this.#lookup = lookup;
    this.#caller = caller;
    this.#settle = settle;
    if (caller.waiter) caller.waiter.waitsFor = lookup;
    caller.signal.addEventListener('abort', this.#leave, { once: true });
  }

  end(result: LookupResult): void {
    this.#release();
    this.#settle.resolve(result);
  }

  fail(error: unknown): void {
    this.#release();
    this.#settle.reject(error);
  }

  readonly #leave = (): void => {
    this.end(cancelled);
    this.#lookup.leave(this);
  };

  #release(): void {
    this.#caller.signal.removeEventListener('abort', this.#leave);
    if (this.#caller.waiter) this.#caller.waiter.waitsFor = undefined;
  }
}

type Iterate = (core: Core, question: Question, task: Task) => Promise<LookupResult>;

export class Lookups {
  readonly #core: () => Core;
  readonly #iterate: Iterate;
  readonly #underWay = new TransientMap<string, { lookup: Lookup; run: Promise<void> }>();

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
    const runs = [...this.#underWay.values()]
      .filter(({ lookup }) => lookup.question.name.isSubdomainOf(zone))
      .map(({ run }) => run);
    await Promise.all(runs);
  }

  /** At once where the cache knows. */
  find(question: Question, caller: Caller): LookupResult | Promise<LookupResult> {
    return this.#known(question, caller) ?? this.findElsewhere(question, caller);
  }

  /** For whoever has seen in this very moment that the cache does not know. */
  findElsewhere(question: Question, caller: Caller): LookupResult | Promise<LookupResult> {
    const key = keyOf(question);
    const present = this.#underWay.get(key)?.lookup;
    if (!present) return this.#start(key, question, caller);
    return this.#mayJoin(present, caller) ?? this.#joinOther(present, caller);
  }

  /** Asks servers whatever the cache says, unless they are being asked. */
  refresh(question: Question, caller: Caller): Promise<LookupResult> {
    const key = keyOf(question);
    const present = this.#underWay.get(key)?.lookup;
    return present?.join(caller) ?? this.#start(key, question, caller);
  }

  #known(question: Question, { budget, story }: Caller): LookupResult | undefined {
    const look = newLook({ sinceMs: budget.startedMs });
    const result = readCache(this.#core().cache, question, look);
    if (result) story?.tell(knownStep(question, result));
    return result;
  }

  /** Why the caller may not wait for a lookup that another started. */
  #mayJoin(lookup: Lookup, { waiter }: Caller): LookupResult | undefined {
    const { question } = lookup;
    if (waiter && waitsFor(lookup, waiter)) {
      return unanswered(`${questionText(question)} depends on itself`);
    }
    const { counters, limits } = this.#core();
    if (lookup.waiters < limits.waiters) return undefined;
    counters.overloads++;
    return busy(`too many wait for ${questionText(question)}`);
  }

  async #joinOther(lookup: Lookup, caller: Caller): Promise<LookupResult> {
    const { question } = lookup;
    this.#core().counters.joined++;
    if (caller.story) follow(lookup, caller.story);
    const result = await lookup.join(caller);
    // Another's budget is spent or its client has gone, but ours may still do it.
    if (!isAboutCaller(result) || caller.signal.aborted) return result;
    if (caller.budget.exhausted !== undefined) return result;
    return this.#findAfterOther(question, caller);
  }

  /** Once: whoever has started it by now may have as little left. */
  #findAfterOther(question: Question, caller: Caller): LookupResult | Promise<LookupResult> {
    const known = this.#known(question, caller);
    if (known) return known;
    const key = keyOf(question);
    const present = this.#underWay.get(key)?.lookup;
    if (!present) return this.#start(key, question, caller);
    const refusal = this.#mayJoin(present, caller);
    if (refusal) return refusal;
    this.#core().counters.joined++;
    if (caller.story) follow(present, caller.story);
    return present.join(caller);
  }

  #start(key: string, question: Question, caller: Caller): Promise<LookupResult> {
    const { story } = caller;
    const told = story?.tell({ kind: 'lookup', question: questionText(question) });
    const lookup = new Lookup(question, caller);
    lookup.story = told;
    // Whoever waits must be known before this lookup looks for circles.
    const result = lookup.join(caller);
    const entry = { lookup, run: Promise.resolve() };
    this.#underWay.set(key, entry);
    entry.run = this.#run(key, lookup);
    return result;
  }

  /** Never rejects: everybody may have left, and a bug must not end the process. */
  async #run(key: string, lookup: Lookup): Promise<void> {
    const core = this.#core();
    const { question } = lookup;
    core.counters.lookups++;
    try {
      const result = await this.#iterate(core, question, lookup);
      if (result.kind === 'found') core.cache.failures.delete(question);
      else if (result.reason === 'unanswered') core.cache.failures.put(question, result);
      this.#underWay.delete(key);
      lookup.end(result);
    } catch (error) {
      this.#underWay.delete(key);
      core.logger.error({ err: error }, `the lookup of ${questionText(question)} failed`);
      lookup.fail(error);
    }
  }
}

function keyOf({ name, type }: Question): string {
  return `${type}/${name.key}`;
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
