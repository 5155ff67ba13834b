import { expect, test } from 'vitest';

import { RealTimeline } from '../../../src/lab/run/real-timeline.ts';
import type { Clock } from '../../../src/net/ports.ts';

const MS = 1_000_000;

/** A clock whose timers run when the machine gets around to it. */
class SlowClock implements Clock {
  nowMs = 1;
  readonly #timers = new Map<() => void, number>();

  monotonic(): number {
    return this.nowMs;
  }

  wall(): number {
    return this.nowMs;
  }

  schedule(delayMs: number, action: () => void): { cancel: () => void } {
    this.#timers.set(action, this.nowMs + delayMs);
    return { cancel: () => void this.#timers.delete(action) };
  }

  /** What is due by then, all at that late instant, the latest first. */
  stallUntil(nowMs: number): void {
    this.nowMs = nowMs;
    const due = [...this.#timers].filter(([, dueMs]) => dueMs <= nowMs);
    for (const [action] of due.toReversed()) {
      this.#timers.delete(action);
      action();
    }
  }
}

test('what is due in an order happens in that order, however late the machine is', () => {
  const clock = new SlowClock();
  const timeline = new RealTimeline(clock);
  const happened: string[] = [];
  const put = (ms: number): { cancel(): void } =>
    timeline.arriveAfter(ms * MS, () => happened.push(`${ms}@${clock.nowMs}`));
  put(5);
  put(3);
  const cancelled = put(4);
  put(9);
  cancelled.cancel();
  timeline.arriveAfter(0, () => happened.push('at once'));
  expect(happened).toEqual(['at once']);
  clock.stallUntil(8);
  expect(happened).toEqual(['at once', '3@8', '5@8']);
  expect(timeline.lag.largest).toBe(4 * MS);
  clock.stallUntil(10);
  expect(happened.at(-1)).toBe('9@10');
  put(1);
  timeline.stop();
  clock.stallUntil(20);
  expect(happened).toHaveLength(4);
});
