/**
 * What one date in DNS comes to: who got answers and how old they were, who could write, and
 * whether what was acknowledged is there. Everything is judged by what was served and said, not by
 * what any server believes.
 */

import type { Measurement, Measurements } from '../../experiment/prediction.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import { valueOf } from '../../ttl/answers.ts';
import { RRType } from '../../../wire/iana.ts';
import type { Copy, MixResult, Read, Side, Version, Write } from './mix.ts';

/** All of them that there is something to say of: nothing expires in a short cut. */
export function measureMix(result: MixResult): Measurements {
  const { reads, copies } = result;
  const secondaries = reads.filter(({ isCache }) => !isCache);
  const caches = reads.filter(({ isCache }) => isCache);
  const expiries = [...copies.values()].flatMap((copy) => copy.expiries);
  const lasted = expiries.map(({ heardAtMs, atMs }) => atMs - heardAtMs);
  const converged = changeTimes(result);
  return {
    'writes.near': share(writesInCut(result, 'near').map(isDone)),
    'writes.far': share(writesInCut(result, 'far').map(isDone)),
    'reads.secondaries': share(inCut(result, secondaries).map(isAnswered)),
    'reads.caches': share(inCut(result, caches).map(isAnswered)),
    ...(lasted.length > 0 && {
      'secondary.lasts.min': duration(Math.min(...lasted)),
      'secondary.lasts.max': duration(Math.max(...lasted)),
    }),
    'stale.secondaries.max': duration(mostStale(secondaries)),
    'stale.caches.max': duration(mostStale(caches)),
    ...(expiries.length > 0 && { 'stale.caches.last': duration(lastStale(result, caches)) }),
    ...(converged.length > 0 && { 'change.everywhere.max': duration(Math.max(...converged)) }),
    'heal.everywhere': duration(healTime(result)),
    'writes.both.won': count(bothWon(result.writes)),
    'writes.lost': count(lostWrites(result)),
    'serial.back': count(stepsBack(copies)),
  };
}

function duration(ms: number): Measurement {
  return { value: Math.round(ms * NS_PER_MS), unit: 'ns' };
}

function count(value: number): Measurement {
  return { value, unit: 'count' };
}

function share(values: readonly boolean[]): Measurement {
  return { value: values.filter(Boolean).length / values.length, unit: 'ratio' };
}

function isAnswered({ value }: Read): boolean {
  return value !== undefined;
}

/** Whoever was beaten has been served as well: the primary has decided. */
function isDone({ outcome }: Write): boolean {
  return outcome === 'done' || outcome === 'beaten';
}

function inCut<Asked extends { readonly askedAtMs: number }>(
  { cutAtMs, healAtMs }: MixResult,
  asked: readonly Asked[],
): readonly Asked[] {
  return asked.filter(({ askedAtMs }) => askedAtMs >= cutAtMs && askedAtMs < healAtMs);
}

function writesInCut(result: MixResult, side: Side): readonly Write[] {
  return inCut(result, result.writes).filter((write) => write.side === side);
}

function mostStale(reads: readonly Read[]): number {
  return Math.max(0, ...reads.map(({ staleMs }) => staleMs));
}

/** From the last word of the primary that any secondary had to the last answer that was untrue. */
function lastStale({ copies, healAtMs }: MixResult, reads: readonly Read[]): number {
  const heard = [...copies.values()].flatMap(({ expiries }) =>
    expiries.map(({ heardAtMs }) => heardAtMs),
  );
  const stale = reads.filter(({ staleMs, endedAtMs }) => staleMs > 0 && endedAtMs < healAtMs);
  return Math.max(0, ...stale.map(({ endedAtMs }) => endedAtMs)) - Math.max(...heard);
}

/** How long each change of before the cut took to reach the last secondary. */
function changeTimes(result: MixResult): readonly number[] {
  const { history, cutAtMs } = result;
  return history
    .slice(1)
    .map((version) => lastToServe(result, version) - version.atMs)
    .filter((tookMs, index) => history[index + 1]!.atMs + tookMs <= cutAtMs);
}

function healTime(result: MixResult): number {
  const { history, healAtMs } = result;
  const newest = history.findLast(({ atMs }) => atMs <= healAtMs)!;
  return Math.max(0, lastToServe(result, newest) - healAtMs);
}

/** When the last of them served this version or a newer one; at the end when one never did. */
function lastToServe({ copies, endMs }: MixResult, { serial }: Version): number {
  const times = [...copies.values()].map(
    ({ versions }) => versions.find((one) => one.serial >= serial)?.atMs ?? endMs,
  );
  return Math.max(...times);
}

/** Of two who have read the same, only one may have been told that he has written. */
function bothWon(writes: readonly Write[]): number {
  const winners = new Map<string, number>();
  for (const { outcome, read } of writes) {
    if (outcome !== 'done' || read === undefined) continue;
    winners.set(read.join(), (winners.get(read.join()) ?? 0) + 1);
  }
  return [...winners.values()].filter((won) => won > 1).length;
}

/** Acknowledged, and no version of the primary has it right after what its writer had read. */
function lostWrites({ writes, history }: MixResult): number {
  const after = new Map(history.slice(1).map(({ value }, index) => [value, history[index]!.value]));
  return writes.filter(({ outcome, read, text }) => {
    if (outcome !== 'done' || read === undefined) return false;
    return after.get(`"${text}"`) !== valueOf(RRType.TXT, [read]);
  }).length;
}

/** No server may go back to an older version, whatever happens. */
function stepsBack(copies: ReadonlyMap<string, Copy>): number {
  let steps = 0;
  for (const { versions } of copies.values()) {
    for (const [index, { serial }] of versions.entries()) {
      if (index > 0 && serial < versions[index - 1]!.serial) steps += 1;
    }
  }
  return steps;
}
