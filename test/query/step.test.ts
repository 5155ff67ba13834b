import { expect, test } from 'vitest';
import type { LogFields, Logger } from '../../src/net/logger.ts';
import { describeStep, questionText, type Step } from '../../src/query/step.ts';
import { bothStories, logStory } from '../../src/query/story.ts';
import { silentLogger } from '../../src/net/logger.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const asked = {
  kind: 'asked',
  server: '192.0.2.1',
  port: 53,
  zone: 'com.',
  question: 'www.example.com. A',
  choice: 'usually 12.5 ms',
} as const;

test.each<readonly [Step, string]>([
  [
    { kind: 'cache hit', question: 'a. A', found: 'NOERROR', ttl: 7 },
    'cache hit: a. A, NOERROR, TTL 7',
  ],
  [
    { kind: 'cache hit', question: 'a. A', found: 'NOERROR', ttl: 0, isStale: true },
    'cache hit: a. A, NOERROR, stale',
  ],
  [{ kind: 'start', zone: '.' }, 'starting at the root, as configured'],
  [{ kind: 'start', zone: 'com.', ttl: 9 }, 'starting at com., delegated for 9 s more'],
  [asked, 'asked 192.0.2.1 for www.example.com. A: no reply yet (usually 12.5 ms)'],
  [
    {
      ...asked,
      serverName: 'ns.com.',
      outcome: 'data',
      elapsedMs: 4.26,
      transport: 'tcp',
      tcpBecause: 'wrong id',
      ignored: 2,
    },
    'asked 192.0.2.1 for www.example.com. A: data in 4.3 ms ' +
      '(ns.com., usually 12.5 ms, TCP since wrong id, 2 other replies ignored)',
  ],
  [
    {
      kind: 'zone',
      zone: 'example.',
      serial: 3,
      question: 'a.example. A',
      found: 'data',
      wildcard: '*.example.',
    },
    'our zone example. (serial 3) has for a.example. A: data, made from *.example.',
  ],
])('%o reads', (step, text) => {
  expect(describeStep(step)).toBe(text);
});

test('octets of a name that a terminal could act upon never reach the words', () => {
  const name = nameOf('\\027[31m\\010x.example.');
  const text = describeStep({ kind: 'lookup', question: questionText({ name, type: 1 }) });
  expect(text).toBe('looking up \\027[31m\\010x.example. A, which is not in the cache');
});

test('nobody who wants to know makes no story', () => {
  expect(bothStories(undefined, logStory(silentLogger, 1))).toBeUndefined();
});

test('a step that is logged is a line under the number of its query, once it is over', () => {
  const lines: (readonly [LogFields, string])[] = [];
  const logger: Logger = {
    ...silentLogger,
    isLevelEnabled: (level) => level === 'debug',
    debug: (fields, message) => lines.push([fields, message]),
  };
  const story = bothStories(logStory(logger, 7), logStory(logger, 8))!;
  const open = story.begin(asked);
  expect(lines).toEqual([]);
  const over = { ...asked, outcome: 'timed out', elapsedMs: 376 };
  open.end(over);
  const text = 'asked 192.0.2.1 for www.example.com. A: timed out in 376.0 ms (usually 12.5 ms)';
  expect(lines).toEqual([
    [{ query: 7, ...over }, text],
    [{ query: 8, ...over }, text],
  ]);
  // What somebody else's story has logged is not logged once more.
  expect(story.unlogged).toBeUndefined();
});
