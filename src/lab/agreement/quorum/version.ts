/**
 * A value with the time at which its writer asked for it, on the clock of the node that took it:
 * of two versions the later one is kept, as in Cassandra. This order is only as good as the clocks.
 */

import { compareRows } from '../replicas/replicated-type.ts';

/** Nothing, or: the time in two halves, the node, the value. */
export type Version = readonly number[];

export const NO_VERSION: Version = [];
/** What a client reads when nobody has written. */
const NOTHING = -1;
const WIDTH = 4;
const HALF = 2 ** 32;

export function newVersion(
  { ns, node }: { readonly ns: number; readonly node: number },
  value: number,
): Version {
  return [Math.floor(ns / HALF), Math.floor(ns % HALF), node, value];
}

/** What a message brought may be anything. */
export function isVersion(numbers: readonly number[]): boolean {
  return numbers.length === 0 || numbers.length === WIDTH;
}

export function isNewer(a: Version, b: Version): boolean {
  if (a.length === 0) return false;
  return b.length === 0 || compareRows(a, b) > 0;
}

export function newerOf(a: Version, b: Version): Version {
  return isNewer(b, a) ? b : a;
}

export function valueOf(version: Version): number {
  return version.at(-1) ?? NOTHING;
}
