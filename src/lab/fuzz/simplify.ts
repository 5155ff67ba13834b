/** Brings the values of a failing trial, and the times of its faults, to simpler ones. */

import { defaultsOf, type ParameterValue } from '../experiment/parameters.ts';
import { type Fault, isOnLink, isOnNode } from '../run/fault.ts';
import { NS_PER_MS } from '../../sim/units.ts';
import type { Search } from './search.ts';
import { type Mishap, sceneOf, type Trial } from './trial.ts';

/** Each value that was drawn: to the usual or a smaller one of those that could have been. */
export function simplifyValues(trial: Trial, search: Search): Trial {
  let small = trial;
  for (const [name, choices = []] of Object.entries(trial.experiment.claims?.draw ?? {})) {
    for (const value of simplerOf(small, name, choices)) {
      const candidate = withinNodes({ ...small, values: { ...small.values, [name]: value } });
      if (!search.fails(candidate)) continue;
      small = candidate;
      break;
    }
  }
  return small;
}

/** Never a value for which nothing is claimed: that would be another failure. */
function simplerOf(
  { experiment, values }: Trial,
  name: string,
  choices: readonly ParameterValue[],
): readonly ParameterValue[] {
  const value = values[name];
  if (typeof value === 'number') {
    const lesser = choices.map(Number).filter((choice) => choice < value);
    return [...new Set(lesser)].toSorted((a, b) => a - b);
  }
  const defaults: Readonly<Record<string, ParameterValue>> = defaultsOf(experiment.parameters);
  const usual = defaults[name];
  return choices.includes(usual as ParameterValue) && usual !== value && usual !== undefined
    ? [usual]
    : [];
}

/** Without what happens to nodes that there are no more. */
function withinNodes(trial: Trial): Trial {
  const { length } = sceneOf(trial).nodes;
  const isThere = (node: number): boolean => node < length;
  const kept = (fault: Fault): boolean => {
    if (isOnNode(fault)) return isThere(fault.node);
    return !isOnLink(fault) || (isThere(fault.from) && isThere(fault.to));
  };
  const narrowed = (fault: Fault): Fault =>
    fault.kind === 'partition'
      ? { ...fault, groups: fault.groups.map((nodes) => nodes.filter(isThere)) }
      : fault;
  const mishaps = trial.mishaps.map((mishap) => mishap.filter(kept).map(narrowed));
  return { ...trial, mishaps: mishaps.filter((mishap) => mishap.length > 0) };
}

/** To whole milliseconds, which are easier to read. */
export function roundTimes(trial: Trial, search: Search): Trial {
  let small = trial;
  for (const place of trial.mishaps.keys()) {
    const mishaps = small.mishaps.with(place, (small.mishaps[place] as Mishap).map(rounded));
    const candidate = { ...small, mishaps };
    if (search.fails(candidate)) small = candidate;
  }
  return small;
}

function rounded(fault: Fault): Fault {
  const up = (ns: number): number => Math.ceil(ns / NS_PER_MS) * NS_PER_MS;
  const atNs = Math.floor(fault.atNs / NS_PER_MS) * NS_PER_MS;
  if (fault.kind === 'clog')
    return { ...fault, atNs, byNs: up(fault.byNs), forNs: up(fault.forNs) };
  const isLate = fault.kind === 'double' || fault.kind === 'delay';
  return isLate ? { ...fault, atNs, byNs: up(fault.byNs) } : { ...fault, atNs };
}
