import { expect, test } from 'vitest';
import { SettlingFiles } from '../../src/cli/settling.ts';
import type { Clock } from '../../src/net/ports.ts';

/** Moves from timer to timer. */
class HandClock implements Clock {
  #nowMs = 1;
  readonly #timers = new Map<() => void, number>();

  monotonic(): number {
    return this.#nowMs;
  }

  wall(): number {
    return this.#nowMs;
  }

  schedule(delayMs: number, callback: () => void): { cancel(): void } {
    this.#timers.set(callback, this.#nowMs + delayMs);
    return { cancel: () => void this.#timers.delete(callback) };
  }

  advance(ms: number): void {
    const endMs = this.#nowMs + ms;
    for (;;) {
      const next = [...this.#timers].toSorted(([, a], [, b]) => a - b)[0];
      if (!next || next[1] > endMs) break;
      this.#timers.delete(next[0]);
      this.#nowMs = next[1];
      next[0]();
    }
    this.#nowMs = endMs;
  }
}

function settling(): { clock: HandClock; files: SettlingFiles; reports: string[] } {
  const clock = new HandClock();
  const reports: string[] = [];
  const files = new SettlingFiles(clock, (settled) => {
    reports.push(`${clock.monotonic() - 1}: ${[...settled].join(' ')}`);
  });
  return { clock, files, reports };
}

test('a file is reported once, when it has been quiet for a while', () => {
  const { clock, files, reports } = settling();
  for (const pauseMs of [30, 99, 500]) {
    files.note('a');
    clock.advance(pauseMs);
  }
  expect(reports).toEqual(['229: a']);
  files.note('a');
  clock.advance(500);
  expect(reports).toEqual(['229: a', '729: a']);
});

test('a file that changes all the time delays no other, and is reported after a second', () => {
  const { clock, files, reports } = settling();
  files.note('still');
  for (let i = 0; i < 120; i++) {
    files.note('busy');
    clock.advance(10);
  }
  expect(reports).toEqual(['100: still', '1000: busy']);
});

test('files that change one after the other are reported together', () => {
  const { clock, files, reports } = settling();
  for (let i = 0; i < 10; i++) {
    files.note(`f${i}`);
    clock.advance(5);
  }
  clock.advance(500);
  expect(reports).toEqual(['100: f0', '125: f1 f2 f3 f4 f5', '150: f6 f7 f8 f9']);
});

test('nothing is reported after the end', () => {
  const { clock, files, reports } = settling();
  files.note('a');
  files.close();
  clock.advance(5000);
  expect(reports).toEqual([]);
});
