/**
 * Many seeds of one experiment, each with its own parameters and faults out of what the experiment
 * claims to survive: loss, jitter, nodes that pause or crash and come back, networks that are divided
 * for a while, datagrams that vanish, come twice or late.
 */

import type { FaultClass } from '../../../src/lab/experiment/claims.ts';
import type { Experiment } from '../../../src/lab/experiment/experiment.ts';
import { defaultsOf, type ParameterValue } from '../../../src/lab/experiment/parameters.ts';
import { play, type Played } from '../../../src/lab/experiment/play.ts';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';
import type { Fault } from '../../../src/lab/run/fault.ts';
import { SeededRandom } from '../../../src/sim/random.ts';
import { MS, withFaults } from './runs.ts';

const MAX_OUTAGE_MS = 900;

function swarmRun(id: string, seed: number, mutant?: string): Played {
  const experiment = findExperiment(id);
  if (experiment === undefined) throw new Error(`there is no ${id}`);
  const random = new SeededRandom(String(seed), `swarm of ${id}`);
  const values: Record<string, ParameterValue> = { ...defaultsOf(experiment.parameters) };
  for (const [name, choices = []] of Object.entries(experiment.claims?.draw ?? {})) {
    values[name] = (choices as readonly ParameterValue[])[random.below(choices.length)] ?? 0;
  }
  const faults = drawFaults(experiment, values, random);
  const options = { seed: String(seed), ...(mutant !== undefined && { mutant }) };
  return play(withFaults(experiment, faults), values, options);
}

interface Outage {
  readonly kind: 'pause' | 'crash';
  readonly node: number;
  readonly startNs: number;
  readonly endNs: number;
}

function drawFaults(
  experiment: Experiment,
  values: Record<string, ParameterValue>,
  random: SeededRandom,
): readonly Fault[] {
  const outages = drawOutages(experiment, values, random);
  const survives = experiment.claims?.survives ?? [];
  const typed = values as Parameters<Experiment['scene']>[0];
  const { nodes } = experiment.scene(typed, {});
  const network = drawNetworkFaults(survives, nodes.length, random);
  return [...outages, ...network].toSorted((x, y) => x.atNs - y.atNs);
}

/** Nodes stand still or are down for a while, no more at a time than may be. */
function drawOutages(
  { claims }: Experiment,
  values: Record<string, ParameterValue>,
  random: SeededRandom,
): readonly Fault[] {
  const kinds = (['pause', 'crash'] as const).filter((kind) => claims?.survives.includes(kind));
  const typed = values as Parameters<NonNullable<NonNullable<typeof claims>['mayFail']>>[0];
  const all = Array.from({ length: Number(values['nodes']) }, (_, node) => node);
  const nodes = claims?.mayFail?.(typed) ?? all;
  if (kinds.length === 0 || nodes.length === 0) return [];
  const outages: Outage[] = [];
  for (let count = random.below(5); count > 0; count -= 1) {
    const startNs = random.below(600) * MS;
    const endNs = startNs + random.below(MAX_OUTAGE_MS) * MS;
    const node = nodes[random.below(nodes.length)] ?? 0;
    const kind = kinds[random.below(kinds.length)] ?? 'pause';
    const sameTime = outages.filter((one) => one.startNs <= endNs && startNs <= one.endNs);
    const isFree = sameTime.every((one) => one.node !== node);
    const limit = claims?.maxDown?.(typed) ?? 1;
    if (isFree && sameTime.length < limit) outages.push({ kind, node, startNs, endNs });
  }
  return outages.flatMap(({ kind, node, startNs, endNs }): readonly Fault[] => [
    { atNs: startNs, kind, node },
    { atNs: endNs, kind: kind === 'pause' ? 'resume' : 'restart', node },
  ]);
}

/** At most one division of the network, one link that holds, and a few datagrams out of turn. */
function drawNetworkFaults(
  survives: readonly FaultClass[],
  nodes: number,
  random: SeededRandom,
): readonly Fault[] {
  const faults: Fault[] = [];
  const happens = (kind: FaultClass): boolean => survives.includes(kind) && random.below(3) === 0;
  const from = random.below(nodes);
  const to = (from + 1 + random.below(nodes - 1)) % nodes;
  const atNs = random.below(600) * MS;
  const endNs = atNs + random.below(MAX_OUTAGE_MS) * MS;
  if (happens('partition')) {
    const all = Array.from({ length: nodes }, (_, node) => node);
    const first = all.filter(() => random.below(2) === 0);
    const groups = [first, all.filter((node) => !first.includes(node))];
    faults.push({ kind: 'partition', atNs, groups }, { kind: 'heal', atNs: endNs });
  } else if (happens('cut')) {
    faults.push({ kind: 'cut', atNs, from, to }, { kind: 'heal', atNs: endNs });
  }
  if (happens('hold')) {
    faults.push({ kind: 'hold', atNs, from, to }, { kind: 'release', atNs: endNs, from, to });
  }
  for (const nth of [1, 3, 8]) {
    const byNs = random.below(300) * MS;
    if (happens('loss')) faults.push({ kind: 'drop', atNs, from, to, nth });
    else if (happens('duplication')) faults.push({ kind: 'double', atNs, from, to, nth, byNs });
    else if (happens('reordering')) faults.push({ kind: 'delay', atNs, from, to, nth, byNs });
  }
  return faults;
}

/** The first of `count` seeds at which something is violated: `property`, if one is named. */
export function firstViolation(
  id: string,
  count: number,
  { mutant, property }: { readonly mutant?: string; readonly property?: string } = {},
): { readonly seed: number; readonly violations: Played['violations'] } | undefined {
  for (let seed = 1; seed <= count; seed += 1) {
    const { violations } = swarmRun(id, seed, mutant);
    const isFound = violations.some((one) => one.property === (property ?? one.property));
    if (isFound) return { seed, violations };
  }
  return undefined;
}
