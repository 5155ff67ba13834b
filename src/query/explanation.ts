/**
 * Explanations for clients: a story (`story.ts`) that is kept and sent along with the answer, in an
 * EDNS option of its own (`wire/explanation.ts`). It says which servers we use and what our cache
 * holds, so only those get it who may see that: this machine, unless configured otherwise.
 *
 * The option is looked at in queries alone and never sent on. An answer with an explanation belongs
 * to one client: whoever keeps finished replies must leave out queries of `wantsExplanation`.
 */

import type { Clock, Endpoint } from '../net/ports.ts';
import { EXPLAIN_OPTION, type ExplainedStep, type Explanation } from '../wire/explanation.ts';
import type { Message } from '../wire/message.ts';
import { isWithin, type AddressPrefix } from './address-prefix.ts';
import type { Answer, Step } from './query.ts';
import { describeStep, type Step as StoryStep } from './step.ts';
import type { OpenStory, Story } from './story.ts';

const storyLimits = {
  /** Of one query: its 100 packets, what was discarded of some of them, and the lookups between. */
  steps: 250,
} as const;

/** Whether the query asks for an explanation, be it from somebody who gets one or not. */
export function wantsExplanation({ edns }: Message): boolean {
  return edns !== undefined && edns.options.some(({ code }) => code === EXPLAIN_OPTION);
}

/** Why a message gets no answer to its question, for a client within `allow` that asks for it. */
export function explainRejection(
  { message, why }: { readonly message: Message; readonly why: string },
  client: Endpoint,
  { allow, clock }: { readonly allow: readonly AddressPrefix[]; readonly clock: Clock },
): Explanation | undefined {
  if (!wantsExplanation(message) || !isWithin(client.address, allow)) return undefined;
  const story = new KeptStory(clock, clock.monotonic());
  story.root.tell({ kind: 'refused', why });
  return story.explanation;
}

/** Explains answers to clients within `allow` that ask for it. */
export function explainAnswers(allow: readonly AddressPrefix[], clock: Clock): Step {
  return (next) => (query, signal) => {
    if (!wantsExplanation(query.message) || !isWithin(query.client.address, allow)) {
      return next(query, signal);
    }
    const story = new KeptStory(clock, query.receivedAtMs);
    const explain = (answer: Answer): Answer => ({ ...answer, explanation: story.explanation });
    const outcome = next({ ...query, story: story.root }, signal);
    return outcome instanceof Promise ? outcome.then(explain) : explain(outcome);
  };
}

/** A story that is kept, as far as its limits allow. */
export class KeptStory {
  readonly #root = new Branch(this, 0);
  readonly #clock: Clock;
  readonly #startMs: number;
  #steps = 0;
  #omitted = 0;

  constructor(clock: Clock, startMs: number) {
    this.#clock = clock;
    this.#startMs = startMs;
  }

  get root(): Story {
    return this.#root;
  }

  /** All steps so far. */
  get explanation(): Explanation {
    const steps: ExplainedStep[] = [];
    this.#root.list(steps);
    return { steps, omitted: this.#omitted };
  }

  /** Milliseconds since the query came, to the microsecond; undefined: there is no more room. */
  spend(): number | undefined {
    if (this.#steps >= storyLimits.steps) {
      this.#omitted++;
      return undefined;
    }
    this.#steps++;
    return Math.round((this.#clock.monotonic() - this.#startMs) * 1000) / 1000;
  }
}

/** A step with what came of it; the root has no step. */
class Branch implements OpenStory {
  readonly #story: KeptStory;
  readonly #depth: number;
  readonly #at: number;
  readonly #parts: Branch[] = [];
  #step: StoryStep | undefined;

  constructor(story: KeptStory, depth: number, begun?: { step: StoryStep; at: number }) {
    this.#story = story;
    this.#depth = depth;
    this.#step = begun?.step;
    this.#at = begun?.at ?? 0;
  }

  get unlogged(): Story {
    return this;
  }

  tell(step: StoryStep): Story {
    return this.begin(step);
  }

  begin(step: StoryStep): OpenStory {
    const at = this.#story.spend();
    const depth = this.#step === undefined ? this.#depth : this.#depth + 1;
    // Where there is no more room, steps come and go and are counted.
    if (at === undefined) return new Branch(this.#story, depth);
    const part = new Branch(this.#story, depth, { step, at });
    this.#parts.push(part);
    return part;
  }

  end(step: StoryStep): void {
    if (this.#step !== undefined) this.#step = step;
  }

  list(into: ExplainedStep[]): void {
    if (this.#step !== undefined) {
      const { kind, ...facts } = this.#step;
      const text = describeStep(this.#step);
      into.push({ depth: this.#depth, at: this.#at, kind, text, facts });
    }
    for (const part of this.#parts) part.list(into);
  }
}
