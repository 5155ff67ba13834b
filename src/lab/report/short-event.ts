/** Events without the fields that say nothing (−1, 0, ''), for files; and back again. */

import type { TraceEvent } from '../run/trace-event.ts';

/** What an event's field is when it is not named. */
export const UNSAID = {
  cause: 0,
  atNs: 0,
  peer: -1,
  packet: 0,
  copy: 0,
  octets: 0,
  busyNs: 0,
  message: -1,
  text: '',
  detail: -1,
} as const;

export type ShortEvent = Pick<TraceEvent, 'id' | 'kind' | 'node'> & Partial<TraceEvent>;

export function shortEvent(event: TraceEvent): ShortEvent {
  const told = Object.entries(event).filter(
    ([field, value]) => (UNSAID as Readonly<Record<string, unknown>>)[field] !== value,
  );
  return Object.fromEntries(told) as unknown as ShortEvent;
}

export function fullEvent(event: ShortEvent): TraceEvent {
  return { ...UNSAID, ...event };
}
