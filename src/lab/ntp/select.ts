/**
 * Which of several clocks to believe. Each says an interval in which the truth is, if it is not
 * lying (a *falseticker*).
 *
 * - `smallestInterval`: Marzullo's (1984): where most intervals overlap. With fewer liars than half
 *   the truth is in it.
 * - `intersection`: RFC 5905 §11.2.1, which also wants the midpoints of the believed: the smallest
 *   interval with the midpoints of n − f clocks, for the smallest f < n/2 that has one.
 */

export interface ClockInterval {
  readonly lowNs: number;
  readonly highNs: number;
  /** The clock's best guess. Default: the middle. */
  readonly midNs?: number;
}

export interface Overlap {
  readonly lowNs: number;
  readonly highNs: number;
  /** How many clocks agree on it. */
  readonly truechimers: number;
}

interface Edge {
  readonly atNs: number;
  /** +1 an interval begins, −1 it ends, 0 a midpoint. */
  readonly kind: 1 | 0 | -1;
}

/** Of several that are equally good the shortest, and of these the first. Undefined of none. */
export function smallestInterval(intervals: readonly ClockInterval[]): Overlap | undefined {
  const edges = sweep(intervals);
  let count = 0;
  let best: Overlap | undefined;
  edges.forEach(({ atNs, kind }, place) => {
    if (kind === 0) return;
    count += kind;
    if (kind !== 1) return;
    const end = edges.slice(place + 1).find((edge) => edge.kind !== 0);
    const highNs = end?.atNs ?? atNs;
    const isBetter =
      best === undefined ||
      count > best.truechimers ||
      (count === best.truechimers && highNs - atNs < best.highNs - best.lowNs);
    if (isBetter) best = { lowNs: atNs, highNs, truechimers: count };
  });
  return best;
}

/** Undefined when no majority agrees. */
export function intersection(intervals: readonly ClockInterval[]): Overlap | undefined {
  const edges = sweep(intervals);
  const total = intervals.length;
  for (let allowed = 0; 2 * allowed < total; allowed += 1) {
    const need = total - allowed;
    const low = crossing(edges, need, 1);
    const high = crossing(edges.toReversed(), need, -1);
    if (low === undefined || high === undefined) continue;
    // Midpoints that were passed on the way in, from either side, are outside.
    const outside = edges.filter(
      ({ atNs, kind }) => kind === 0 && (atNs < low || atNs > high),
    ).length;
    if (outside <= allowed && low <= high) return { lowNs: low, highNs: high, truechimers: need };
  }
  return undefined;
}

/** Where the sweep has come into so many intervals at once. */
function crossing(edges: readonly Edge[], need: number, entering: 1 | -1): number | undefined {
  let count = 0;
  for (const { atNs, kind } of edges) {
    if (kind === 0) continue;
    count += kind === entering ? 1 : -1;
    if (count >= need) return atNs;
  }
  return undefined;
}

/** In order; at one point beginnings before midpoints before ends, as intervals are closed. */
function sweep(intervals: readonly ClockInterval[]): readonly Edge[] {
  const edges = intervals.flatMap(({ lowNs, highNs, midNs = (lowNs + highNs) / 2 }): Edge[] => [
    { atNs: lowNs, kind: 1 },
    { atNs: midNs, kind: 0 },
    { atNs: highNs, kind: -1 },
  ]);
  return edges.toSorted((a, b) => a.atNs - b.atNs || b.kind - a.kind);
}

/** Clocks whose midpoint lies in the overlap (RFC 5905 §11.2.1: the others are falsetickers). */
export function isTruechimer(interval: ClockInterval, { lowNs, highNs }: Overlap): boolean {
  const { midNs = (interval.lowNs + interval.highNs) / 2 } = interval;
  return midNs >= lowNs && midNs <= highNs;
}
