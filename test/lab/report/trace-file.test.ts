import { describe, expect, test } from 'vitest';

import { play } from '../../../src/lab/experiment/play.ts';
import { defaultsOf } from '../../../src/lab/experiment/parameters.ts';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';
import { readTrace, TraceFileError } from '../../../src/lab/report/read-trace.ts';
import { printTrace, type TraceHead } from '../../../src/lab/report/trace-file.ts';
import { Recorder } from '../../../src/lab/run/recorder.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';

const experiment = findExperiment('A0')!;
const recorder = new Recorder();
const run = play(
  experiment,
  { ...defaultsOf(experiment.parameters), messages: 20, loss: 0.3 },
  { seed: '7', observers: [(event) => recorder.observe(event)], keepsStates: true },
);
const { events } = recorder;
const lines = [...printTrace(run, { events, leftOut: 0, version: '1.2.3' })].map((line) =>
  line.trimEnd(),
);

function readBack(text: readonly string[]): { head: TraceHead; events: TraceEvent[] } {
  const found: { head?: TraceHead; events: TraceEvent[] } = { events: [] };
  readTrace(text, {
    head: (head) => {
      found.head = head;
      return (event) => found.events.push(event);
    },
  });
  return { head: found.head!, events: found.events };
}

describe('a trace file', () => {
  test('reads back as what was written', () => {
    const back = readBack(lines);
    expect(back.events).toEqual(events);
    expect(events.some(({ kind }) => kind === 'lose')).toBe(true);
    expect(back.head).toMatchObject({ seed: '7', version: '1.2.3', nodes: run.nodes });
    expect(back.head.params).toMatchObject({ messages: '20', rtt: '48ms', loss: '0.3' });
  });

  const broken = (line: number, change: (text: string) => string): string[] =>
    lines.map((text, index) => (index === line - 1 ? change(text) : text));

  test.each<[string, string[], [number, number], RegExp]>([
    ['nothing', [], [1, 1], /empty/],
    ['something else', ['{"a":1}'], [1, 1], /no trace of the laboratory/],
    ['a newer format', broken(1, (text) => text.replace(':1,', ':2,')), [1, 2], /format 2/],
    ['half a line', broken(4, (text) => text.slice(0, 20)), [4, 21], /no JSON/],
    [
      'an unknown kind',
      broken(3, (text) => text.replace('start', 'stop')),
      [3, 9],
      /one of start, submit/,
    ],
    [
      'an unknown field',
      broken(3, (text) => text.replace('"node"', '"note"')),
      [3, 24],
      /no such field/,
    ],
    [
      'a node that is not there',
      broken(3, (text) => text.replace('"node":1', '"node":2')),
      [3, 24],
      /from -1 to 1, got 2/,
    ],
    ['an event twice', [...lines.slice(0, 3), lines[2]!], [4, 2], /whole number from 3/],
    ['no end', lines.slice(0, -1), [lines.length, 1], /without its result/],
    ['more than the end', [...lines, '{}'], [lines.length + 1, 1], /nothing follows/],
  ])('%s is told with its place', (_, text, [line, column], message) => {
    let error: unknown;
    try {
      readBack(text);
    } catch (caught) {
      error = caught;
    }
    expect(error).toBeInstanceOf(TraceFileError);
    expect(error).toMatchObject({
      line,
      column,
      message: expect.stringMatching(message) as string,
    });
  });
});

describe('a recorder', () => {
  test('keeps the first events and counts the others', () => {
    const small = new Recorder(5);
    for (const event of events) small.observe(event);
    expect(small.events).toEqual(events.slice(0, 5));
    expect(small.leftOut).toBe(events.length - 5);
  });
});
