/** Which part of a run a picture begins with: the first that has something of everything. */

import type { Story } from './story.ts';

export interface Window {
  readonly fromNs: number;
  readonly toNs: number;
}

/** As many datagrams as are drawn without crowding, and the most that may be there at all. */
const EASY_FLIGHTS = 30;
const MOST_FLIGHTS = 200;
/** Room after the last thing, as a share of the window. */
const AIR = 0.04;

/** The whole run when it is short. */
export function firstWindow(story: Story, marked: readonly number[] = []): Window {
  const { flights, endNs } = story;
  const ends = flights.map((flight) => Math.max(flight.endNs, flight.sentNs)).toSorted(ascending);
  if (ends.length <= EASY_FLIGHTS) return withAir(Math.max(endNs, ends.at(-1) ?? 0));
  const easyNs = ends[EASY_FLIGHTS - 1] ?? endNs;
  const mostNs = ends[MOST_FLIGHTS - 1] ?? endNs;
  const firsts = firstOfEach(story, new Set(marked)).filter((atNs) => atNs <= mostNs);
  return withAir(Math.min(Math.max(easyNs, ...firsts), mostNs));
}

/** When the first of each sort of thing is over. */
function firstOfEach(story: Story, marked: ReadonlySet<number>): readonly number[] {
  const { flights, holds, spans, dots } = story;
  return [
    flights.find(({ fate }) => fate === 'lost')?.endNs,
    flights.find(({ isAgain }) => isAgain)?.endNs,
    dots.find(({ kind }) => kind === 'deliver')?.atNs,
    dots.find(({ kind }) => kind === 'timer')?.atNs,
    holds[0]?.toNs,
    spans.find(({ kind }) => kind === 'down')?.toNs,
    spans.find(({ kind }) => kind === 'paused')?.toNs,
    spans.find(({ kind }) => kind === 'cut')?.toNs,
    dots.find(({ id }) => marked.has(id))?.atNs,
  ].filter((atNs) => atNs !== undefined);
}

function withAir(toNs: number): Window {
  return { fromNs: 0, toNs: Math.max(1, Math.ceil(toNs * (1 + AIR))) };
}

function ascending(a: number, b: number): number {
  return a - b;
}
