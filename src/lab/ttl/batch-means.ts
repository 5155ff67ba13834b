/**
 * Standard errors of a scenario's ratios by batch means. Questions come in clumps of hits, so
 * single ones are not independent; parts of the time that are long against the TTL nearly are.
 */

import type { TimelinePart } from './scenario-meter.ts';

/** Fewer say too little of their own spread. */
const BATCHES_LEAST = 30;
/** What happens in fewer of them happened too seldom for its spread to be seen. */
const LIVELY_LEAST = 10;
/** A batch begins with what the one before it left in the cache: that is to be forgotten soon. */
const TTLS_IN_BATCH = 2;

export interface BatchOptions {
  readonly durationMs: number;
  /** The longest of what was asked for. */
  readonly ttlSeconds: number;
  /** What is counted in a part; its answers are what it is counted by. */
  readonly of: (part: TimelinePart) => number;
}

/** Of the ratio over all parts; undefined where the run is too short for its TTL or for events. */
export function standardErrorOf(
  timeline: readonly TimelinePart[],
  { durationMs, ttlSeconds, of }: BatchOptions,
): number | undefined {
  const partMs = durationMs / timeline.length;
  const size = Math.max(1, Math.ceil((TTLS_IN_BATCH * ttlSeconds * 1000) / partMs));
  const count = Math.floor(timeline.length / size);
  if (count < BATCHES_LEAST) return undefined;
  const batches = Array.from({ length: count }, (_, index) => {
    const parts = timeline.slice(index * size, (index + 1) * size);
    return { counted: sum(parts.map(of)), answers: sum(parts.map(answersOf)) };
  });
  const answers = sum(batches.map((batch) => batch.answers));
  const lively = batches.filter(({ counted }) => counted > 0).length;
  if (answers === 0 || lively < LIVELY_LEAST) return undefined;
  const ratio = sum(batches.map(({ counted }) => counted)) / answers;
  const squares = batches.map((batch) => (batch.counted - ratio * batch.answers) ** 2);
  return Math.sqrt((sum(squares) * count) / (count - 1)) / answers;
}

export function answersOf({ fresh, stale, failed }: TimelinePart): number {
  return fresh + stale + failed;
}

function sum(values: readonly number[]): number {
  return values.reduce((total, value) => total + value, 0);
}
