import { expect, test } from 'vitest';

import { measured, MS, run } from './runs.ts';

test('B1: what a wall clock that was set back still holds back is delivered when it is time', () => {
  // Set back by 50 ms while the message waits for 30 ms to pass: its timer comes too early.
  const back = { kind: 'step', atNs: 15 * MS, node: 2, byNs: -50 * MS } as const;
  const values = { messages: 1 };
  const played = run('B1', { values, faults: [back] });
  expect(measured(played, 'delivered')).toBe(5);
});
