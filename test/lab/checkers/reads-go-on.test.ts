import { expect, test } from 'vitest';

import { readsGoOn } from '../../../src/lab/checkers/reads-go-on.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';
import { eventsOf } from '../history/told.ts';

/** Both writes are applied after they were asked for. */
function violations(...lines: readonly string[]): readonly string[] {
  const checker = readsGoOn();
  const events = eventsOf('0 submit write x 7', '0 submit write x 8', ...lines);
  const applied = events.slice(0, 2).map((event, place): TraceEvent => {
    return { ...event, kind: 'deliver', text: 'apply', detail: place + 1 };
  });
  for (const event of [...events.slice(0, 2), ...applied, ...events.slice(2)]) {
    checker.observe(event);
  }
  return checker.finish().map(({ text }) => text);
}

const read = (node: number, value: number): readonly string[] => [
  `${node} submit read x`,
  `${node} deliver value ${value}`,
];

test('old reads are no violation, at different servers', () => {
  expect(violations(...read(1, 8), ...read(2, 7), ...read(3, -1))).toEqual([]);
  expect(violations(...read(1, -1), ...read(1, 7), ...read(1, 8))).toEqual([]);
});

test('a server that goes back, or makes something up, is one', () => {
  expect(violations(...read(1, 8), ...read(1, 7))).toEqual([
    'node 1 reads x = 7 after a later value',
  ]);
  expect(violations(...read(1, 9))).toEqual(['node 1 reads x = 9, which was not decided']);
});
