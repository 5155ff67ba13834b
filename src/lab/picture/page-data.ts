/** What the page of a run holds: made by the program, shown by the script of the page. */

import type { Played } from '../experiment/play.ts';
import { tableOf } from '../report/table.ts';
import { fullEvent, shortEvent, type ShortEvent } from '../report/short-event.ts';
import type { TraceEvent } from '../run/trace-event.ts';

/** More make the page slow to open and no clearer. */
const MAX_EVENTS = 60_000;

export interface PageData {
  readonly title: string;
  readonly quote: string;
  readonly question: string;
  readonly lookFor: readonly string[];
  /** Rows of cells, the headings first. */
  readonly table: readonly (readonly string[])[];
  readonly violations: readonly { readonly text: string; readonly events: readonly number[] }[];
  readonly nodes: readonly string[];
  readonly events: readonly ShortEvent[];
  /** Events that happened and are not here. */
  readonly leftOut: number;
  readonly repro: string;
}

/** The part of a run that a page tells; `Played`, or what was read of a file. */
export type Told = Pick<
  Played,
  'experiment' | 'seed' | 'nodes' | 'comparisons' | 'violations' | 'mutant'
>;

export function pageData(
  run: Told,
  {
    events,
    leftOut,
    repro,
  }: {
    readonly events: readonly TraceEvent[];
    readonly leftOut: number;
    readonly repro: string;
  },
): PageData {
  const { experiment, seed, mutant, nodes, comparisons, violations } = run;
  const broken = mutant === undefined ? '' : `, mutant ${mutant}`;
  return {
    title: `${experiment.id} ${experiment.title}, seed ${seed}${broken}`,
    quote: experiment.quote,
    question: experiment.question,
    lookFor: experiment.lookFor,
    table: tableOf(comparisons),
    violations: violations.map(({ property, text, events: shown }) => {
      return { text: `${property}: ${text}`, events: shown };
    }),
    nodes,
    events: events.slice(0, MAX_EVENTS).map(shortEvent),
    leftOut: leftOut + Math.max(0, events.length - MAX_EVENTS),
    repro,
  };
}

export function eventsOf({ events }: PageData): readonly TraceEvent[] {
  return events.map(fullEvent);
}
