/** Which of the queries that wait is sent again, and which only looks like one that waits. */

import { expect, test } from 'vitest';

import { CancellationSource } from '../../src/net/cancellation.ts';
import type { Query } from '../../src/query/query.ts';
import { Recursions, type Recursion } from '../../src/resolver/recursions.ts';
import { createMessage } from '../../src/wire/message.ts';
import { nameOf } from '../../src/wire/name-text.ts';

const bounds = { recursions: 100, recursionsPerClient: 100 };
const clock = { monotonic: () => 1, wall: () => 1, schedule: () => ({ cancel: () => {} }) };
const signal = new CancellationSource();

function query(name: string, client = { address: '192.0.2.1', port: 5353 }): Query {
  const question = { name: nameOf(name), type: 1, class: 1 };
  const message = createMessage({ id: 7, questions: [question] });
  const octets = new Uint8Array(0);
  return {
    message,
    question,
    octets,
    transport: 'udp',
    client,
    receivedAtMs: 1,
    access: 'recurse',
  };
}

test('queries of one id and port are told apart by name and address, in whatever order they end', () => {
  const recursions = new Recursions(clock, bounds);
  const begin = (one: Query): Recursion => recursions.begin(one, signal) as Recursion;
  const other = { address: '192.0.2.2', port: 5353 };
  const begun = [query('a.test.'), query('b.test.'), query('a.test.', other)].map(begin);
  expect(recursions.size).toBe(3);
  expect(recursions.begin(query('A.test.'), signal)).toBe('duplicate');
  expect(recursions.begin(query('b.test.'), signal)).toBe('duplicate');
  expect(recursions.begin(query('a.test.', other), signal)).toBe('duplicate');
  // The one in the middle, then the last that came, then the first.
  begun[1]!.end();
  expect(recursions.begin(query('a.test.'), signal)).toBe('duplicate');
  const again = begin(query('b.test.'));
  expect(recursions.size).toBe(3);
  for (const one of [again, begun[2]!, begun[0]!]) one.end();
  expect(recursions.size).toBe(0);
  for (const one of [query('a.test.'), query('b.test.'), query('a.test.', other)]) begin(one);
  expect(recursions.size).toBe(3);
});
