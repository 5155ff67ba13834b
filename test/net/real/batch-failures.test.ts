/** What the kernel may answer to a batch, played by a C library that does nothing. */

import { expect, test } from 'vitest';

import { Inbox } from '../../../src/net/real/batch/inbox.ts';
import type { Libc } from '../../../src/net/real/batch/libc.ts';
import { Outbox } from '../../../src/net/real/batch/outbox.ts';
import { ENVELOPE_WORDS } from '../../../src/net/real/batch/slab.ts';

const EINTR = 4;
const EAGAIN = 11;
const ENOBUFS = 105;
const ECONNREFUSED = 111;
const SLOTS = 8;
const shape = { slots: SLOTS, payloadOctets: 64 };
const descriptor = {
  fd: 99,
  family: 4,
  isWildcard: false,
  canSegment: false,
  local: { address: '127.0.0.1', port: 53 },
} as const;

/** Answers each call with the next result: a count, or an error as a negative number. */
function scripted(results: readonly number[]): { libc: Libc; calls: (readonly number[])[] } {
  const calls: (readonly number[])[] = [];
  let errno = 0;
  const call = (fd: number, headers: Uint8Array, count: number): number => {
    const result = results[calls.length] ?? expect.fail('one call too many');
    calls.push([fd, headers.byteOffset / 64, count]);
    errno = Math.max(0, -result);
    return Math.max(-1, result);
  };
  const libc = { address: () => 0n, errno: () => errno, sendmmsg: call, recvmmsg: call };
  return { libc: libc as unknown as Libc, calls };
}

function repeat<Value>(count: number, value: Value): Value[] {
  return Array.from({ length: count }, () => value);
}

test.each([
  ['all at once', [5], [[0, 5]]],
  ['a partial send goes on behind what was sent', [3, 2], [[0, 5], [3, 2]]], // prettier-ignore
  ['an interrupted call is made again', [-EINTR, 2, -EINTR, 3], [[0, 5], [0, 5], [2, 3], [2, 3]]], // prettier-ignore
  ['a datagram that the kernel refuses is skipped', [2, -ENOBUFS, 2], [[0, 5], [2, 3], [3, 2]]], // prettier-ignore
  ['all are refused', repeat(5, -ECONNREFUSED), [[0, 5], [1, 4], [2, 3], [3, 2], [4, 1]]], // prettier-ignore
  ['a full socket buffer gives up the rest', [1, -EAGAIN], [[0, 5], [1, 4]]], // prettier-ignore
  ['signals without end are no loop without end', repeat(10, -EINTR), repeat(10, [0, 5])],
])('sending: %s', (_title, results: number[], wanted: number[][]) => {
  const { libc, calls } = scripted([...results, 1]);
  const outbox = new Outbox(descriptor, shape, libc);
  for (let i = 0; i < 5; i++) outbox.put(12, new Uint32Array(ENVELOPE_WORDS));
  outbox.flush();
  expect(calls).toEqual(wanted.map(([from, count]) => [99, from, count]));
  expect(outbox.isEmpty).toBe(true);
  // Whatever happened, the next batch starts afresh.
  calls.length = 0;
  outbox.flush();
  expect(calls).toEqual([]);
});

test.each([
  ['datagrams', [3], 3],
  ['nothing is waiting', [-EAGAIN], 0],
  ['an interrupted call is made again', [-EINTR, -EINTR, 2], 2],
  ['an ICMP error that somebody caused ends this batch only', [-ECONNREFUSED], 0],
  ['signals without end are no loop without end', repeat(8, -EINTR), 0],
])('receiving: %s', (_title, results: number[], wanted: number) => {
  const { libc, calls } = scripted(results);
  expect(new Inbox(descriptor, shape, libc).receive()).toBe(wanted);
  expect(calls).toEqual(results.map(() => [99, 0, SLOTS]));
});
