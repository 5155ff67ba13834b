/**
 * A node that needs time for its work, and what comes of it. Everything arrives at even intervals
 * and takes the same time, so there is no chance in it: below saturation nobody waits, above it the
 * queue grows by the same amount with every message.
 */

import type { Prediction } from '../experiment/prediction.ts';
import type { OrderValues } from './order-scene.ts';
import { exact } from './predict.ts';

export const WORK_PARAMETERS = {
  work: { kind: 'duration', default: '0ms', help: 'of the numbering node for a message, s0' },
  copy: { kind: 'duration', default: '0ms', help: 'and for each copy that it sends, s1' },
} as const;

export interface Work {
  readonly work: number;
  readonly copy: number;
}

/** Nanoseconds for a message of which `copies` are sent. */
export function serviceNs({ work, copy }: Work, copies: number): number {
  return work + copies * copy;
}

/** Of one sender: what comes through, and how long the last message waits; `hops` without work. */
export function predictQueue(
  { messages, interval, delay, senders }: OrderValues,
  { busyNs, hops, formula }: { busyNs: number; hops: number; formula: string },
): readonly Prediction[] {
  if (busyNs === 0 || senders > 1 || messages < 2) return [];
  const spacingNs = Math.max(interval, busyNs);
  const waitNs = (messages - 1) * (spacingNs - interval);
  const longest = hops * delay + busyNs + waitNs;
  return [
    exact('throughput', 1e9 / spacingNs, `1 / max(interval, s), s = ${formula}`),
    exact('lat.sender.max', longest, `${hops} δ + s + (messages − 1) max(0, s − interval)`),
  ];
}
