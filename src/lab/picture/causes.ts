/** Why something happened: the chain of events that led to it, the first cause first. */

import type { TraceEvent } from '../run/trace-event.ts';

export class Causes {
  readonly #events: ReadonlyMap<number, TraceEvent>;
  /** States by the event after which they were shown. */
  readonly #states = new Map<number, TraceEvent>();
  readonly #statesOfNode = new Map<number, TraceEvent[]>();

  constructor(events: readonly TraceEvent[]) {
    this.#events = new Map(events.map((event) => [event.id, event]));
    for (const event of events) {
      if (event.kind !== 'state') continue;
      this.#states.set(event.cause, event);
      const ofNode = this.#statesOfNode.get(event.node);
      if (ofNode) ofNode.push(event);
      else this.#statesOfNode.set(event.node, [event]);
    }
  }

  /** Ends with `event` itself. */
  chainOf(event: TraceEvent): readonly TraceEvent[] {
    const chain = [event];
    // A cause has a smaller id, so this ends.
    for (let cause = this.#events.get(event.cause); cause;) {
      chain.unshift(cause);
      cause = this.#events.get(cause.cause);
    }
    return chain;
  }

  /** What the node showed before and after the event, if it showed anything. */
  statesAround(event: TraceEvent): {
    readonly before: TraceEvent['state'];
    readonly after: TraceEvent['state'];
  } {
    const after = this.#states.get(event.id) ?? this.#states.get(event.cause);
    const known = this.#statesOfNode.get(event.node) ?? [];
    const ofNode = after?.node === event.node ? after : undefined;
    const before = known.findLast(({ id }) => id < (ofNode?.id ?? event.id));
    return { before: before?.state, after: (ofNode ?? before)?.state };
  }
}
