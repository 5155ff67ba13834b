/** Divisions of the network that the experiments on agreement go through, by name. */

import type { ValuesOf } from '../experiment/parameters.ts';
import type { Division } from '../meters/availability.ts';
import { bridge, flapping } from '../run/fault-patterns.ts';
import type { Fault } from '../run/fault.ts';
import type { NodeId } from '../process/process.ts';

export const CUT_PARAMETERS = {
  cut: { kind: 'duration', default: '0ms', help: 'the network is divided then; 0: never' },
  outage: { kind: 'duration', default: '1s', help: 'how long it is divided' },
  sides: {
    kind: 'choice',
    choices: ['halves', 'one', 'thirds', 'bridge', 'one-way', 'flapping'],
    default: 'halves',
    help: 'halves: 2|3; one: 1|4; thirds: 3|3|3; bridge; one-way: the last is not heard; flapping',
  },
} as const;
type Values = ValuesOf<typeof CUT_PARAMETERS> & { readonly nodes: number };

/** How often it comes and goes in one outage. */
const FLAPS = 10;

/** The groups that do not reach each other. */
export function sidesOf({ nodes, sides }: Values): readonly (readonly NodeId[])[] {
  const all = Array.from({ length: nodes }, (_, node) => node);
  const parts = { one: [1], thirds: [Math.ceil(nodes / 3), Math.ceil(nodes / 3)] };
  const sizes = sides === 'one' || sides === 'thirds' ? parts[sides] : [Math.floor(nodes / 2)];
  const groups: NodeId[][] = [];
  for (const size of sizes) groups.push(all.splice(0, size));
  return [...groups, all];
}

/** When it is divided, and into what; undefined when it never is. */
export function divisionOf(values: Values): Division | undefined {
  const { cut: fromNs, outage } = values;
  return fromNs === 0 ? undefined : { fromNs, toNs: fromNs + outage, sides: sidesOf(values) };
}

/** What happens, in the order of time. */
export function cutFaults(values: Values): readonly Fault[] {
  const { cut: atNs, outage, nodes, sides } = values;
  if (atNs === 0) return [];
  const groups = sidesOf(values);
  const heal: Fault = { kind: 'heal', atNs: atNs + outage };
  if (sides === 'flapping') {
    const halfNs = Math.floor(outage / FLAPS / 2);
    return flapping({ fromNs: atNs, downNs: halfNs, upNs: halfNs, times: FLAPS }, groups);
  }
  if (sides === 'bridge') {
    const over = Math.floor(nodes / 2);
    return [bridge(atNs, { left: groups[0] ?? [], over, right: groups[1] ?? [] }), heal];
  }
  if (sides === 'one-way') {
    const from = nodes - 1;
    const cuts = Array.from({ length: from }, (_, to): Fault => ({ kind: 'cut', atNs, from, to }));
    return [...cuts, heal];
  }
  return [{ kind: 'partition', atNs, groups }, heal];
}
