import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { EventQueue, priorities, type Priority, type SimEvent } from '../../src/sim/event-queue.ts';

const anyPriority = fc.constantFrom<Priority>('fault', 'arrival', 'timer');
const anyEvent = fc.record({ timeNs: fc.nat(5), priority: anyPriority, isCancelled: fc.boolean() });

test('events leave in the order of time, priority and sequence, without the cancelled ones', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (drafts) => {
      const events = drafts.map((draft, sequence) => ({ ...draft, sequence, action: () => {} }));
      const queue = new EventQueue();
      for (const event of events) queue.push(event);
      for (const event of events) if (event.isCancelled) queue.remove(event);
      for (const event of events) if (event.isCancelled) queue.remove(event);
      const popped: SimEvent[] = [];
      for (let next = queue.pop(); next !== undefined; next = queue.pop()) popped.push(next);
      const expected = events
        .filter((event) => !event.isCancelled)
        .toSorted(
          (a, b) =>
            a.timeNs - b.timeNs ||
            priorities[a.priority] - priorities[b.priority] ||
            a.sequence - b.sequence,
        );
      expect(popped).toEqual(expected);
      expect(queue.length).toBe(0);
    }),
    { numRuns: 1000 },
  );
});
