/** Tells in a paragraph what led to a violation: the events that caused it, and no others. */

import type { Violation } from '../experiment/experiment.ts';
import { timeText } from '../picture/axis.ts';
import { wordsOf } from '../picture/words.ts';
import type { TraceEvent } from '../run/trace-event.ts';

/** A paragraph that is longer is not read. */
const MAX_SENTENCES = 24;

/** Without line breaks. `events` are all of the run. */
export function narrate(
  violation: Violation,
  events: readonly TraceEvent[],
  nodes: readonly string[],
): string {
  const told = causalEvents(violation, events).filter(isTold);
  const left = told.length - MAX_SENTENCES;
  const sentences = told.slice(-MAX_SENTENCES).map((event) => {
    return `At ${timeText(event.atNs)} ${wordsOf(event, nodes)}.`;
  });
  const start = left > 0 ? [`After ${left} earlier events:`] : [];
  return [...start, ...sentences, `So ${violation.property} is violated: ${violation.text}.`].join(
    ' ',
  );
}

/** Those that a violation names, what led to them, and all faults before the last of them. */
export function causalEvents(
  violation: Violation,
  events: readonly TraceEvent[],
): readonly TraceEvent[] {
  const byId = new Map(events.map((event) => [event.id, event]));
  const wanted = new Set<number>();
  for (const id of violation.events) {
    for (let event = byId.get(id); event && !wanted.has(event.id);) {
      wanted.add(event.id);
      event = byId.get(event.cause);
    }
  }
  const last = violation.events.length > 0 ? Math.max(...violation.events) : Infinity;
  return events.filter(({ id, kind }) => wanted.has(id) || (id < last && FAULTS.has(kind)));
}

const FAULTS: ReadonlySet<string> = new Set([
  'crash',
  'restart',
  'pause',
  'resume',
  'clock',
  'fault',
  'lose',
]);

/** That nodes start, and the states they show, is no part of the story. */
function isTold({ kind, text }: TraceEvent): boolean {
  if (kind === 'fault') return /^(partition|cut|heal|hold|release|clog)/.test(text);
  return kind !== 'start' && kind !== 'state';
}
