/** Keeps the first events of a run for whoever looks at it afterwards, and counts the others. */

import type { TraceEvent } from './trace-event.ts';

/** Some hundred megabytes. Pictures of more than this show nothing that one of less does not. */
const MAX_KEPT = 500_000;

export class Recorder {
  readonly #limit: number;
  readonly #events: TraceEvent[] = [];
  #leftOut = 0;

  constructor(limit: number = MAX_KEPT) {
    this.#limit = limit;
  }

  observe(event: TraceEvent): void {
    if (this.#events.length < this.#limit) this.#events.push(event);
    else this.#leftOut += 1;
  }

  get events(): readonly TraceEvent[] {
    return this.#events;
  }

  /** How many came after those that were kept. */
  get leftOut(): number {
    return this.#leftOut;
  }
}
