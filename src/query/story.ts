/**
 * What happens while a query is answered, told step by step to whoever wants to know: the debug
 * log, the client that asked for an explanation (`explanation.ts`), or both.
 *
 *     story?.tell({ kind: 'alias', name: name.toString(), target: target.toString() });
 *
 * As a rule nobody wants to know. Then there is no story, and the line above is one check: neither
 * the step nor the texts in it are built. Steps form a tree: what comes of a step is told to the
 * story that `tell` returned for it.
 */

import type { LogFields, Logger } from '../net/logger.ts';
import { describeStep, type Step } from './step.ts';

export interface Story {
  /** One more step; what comes of it goes to the story that is returned. */
  tell(step: Step): Story;
  /** A step that takes its time: `end` puts what came of it in place of `step`. */
  begin(step: Step): OpenStory;
  /** This story without its log, for steps that another query's story has logged already. */
  readonly unlogged: Story | undefined;
}

export interface OpenStory extends Story {
  end(step: Step): void;
}

/** A debug line for each step, under the number of the query; undefined when nobody reads them. */
export function logStory(logger: Logger, query: number): Story | undefined {
  return logger.isLevelEnabled('debug') ? new LogStory(logger, { query }) : undefined;
}

/** Told to both; undefined when there is neither. */
export function bothStories(a: Story | undefined, b: Story | undefined): Story | undefined {
  return a && b ? new TwoStories(a, b) : (a ?? b);
}

/** Lines have no tree: what comes of a step follows it. */
class LogStory implements OpenStory {
  readonly unlogged = undefined;
  readonly #logger: Logger;
  readonly #fields: LogFields;

  constructor(logger: Logger, fields: LogFields) {
    this.#logger = logger;
    this.#fields = fields;
  }

  tell(step: Step): Story {
    this.end(step);
    return this;
  }

  begin(): OpenStory {
    return this;
  }

  end(step: Step): void {
    this.#logger.debug({ ...this.#fields, ...step }, describeStep(step));
  }
}

class TwoStories<Part extends Story> implements Story {
  protected readonly a: Part;
  protected readonly b: Part;

  constructor(a: Part, b: Part) {
    this.a = a;
    this.b = b;
  }

  tell(step: Step): Story {
    return new TwoStories(this.a.tell(step), this.b.tell(step));
  }

  begin(step: Step): OpenStory {
    return new TwoOpenStories(this.a.begin(step), this.b.begin(step));
  }

  get unlogged(): Story | undefined {
    return bothStories(this.a.unlogged, this.b.unlogged);
  }
}

class TwoOpenStories extends TwoStories<OpenStory> implements OpenStory {
  end(step: Step): void {
    this.a.end(step);
    this.b.end(step);
  }
}
