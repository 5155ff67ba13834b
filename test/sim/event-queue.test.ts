import * as fc from 'fast-check';
import { expect, test } from 'vitest';

import { EventQueue, priorities, type Priority } from '../../src/sim/event-queue.ts';

const anyPriority = fc.constantFrom<Priority>('fault', 'arrival', 'timer');
const anyEvent = fc.record({ timeNs: fc.nat(5), priority: anyPriority, isCancelled: fc.boolean() });

test('events leave in the order of time, priority and sequence, without the cancelled ones', () => {
  fc.assert(
    fc.property(fc.array(anyEvent, { maxLength: 60 }), (drafts) => {
      const queue = new EventQueue();
      const popped: unknown[] = [];
      const events = drafts.map((draft, sequence) => {
        const happening = { ...draft, sequence };
        const action = (): void => void popped.push(happening);
        return { happening, event: queue.push(draft.timeNs, draft.priority, action) };
      });
      const cancelled = events.filter(({ happening }) => happening.isCancelled);
      for (const { event } of [...cancelled, ...cancelled]) event.cancel();
      while (queue.length > 0) {
        const { firstTimeNs } = queue;
        queue.pop()?.action();
        expect(popped.at(-1)).toMatchObject({ timeNs: firstTimeNs });
      }
      const expected = events
        .map(({ happening }) => happening)
        .filter(({ isCancelled }) => !isCancelled)
        .toSorted(
          (a, b) =>
            a.timeNs - b.timeNs ||
            priorities[a.priority] - priorities[b.priority] ||
            a.sequence - b.sequence,
        );
      expect(popped).toEqual(expected);
      for (const { event } of events) event.cancel();
      expect(queue.pop()).toBeUndefined();
    }),
    { numRuns: 1000 },
  );
});
