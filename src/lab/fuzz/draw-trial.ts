/**
 * Draws a trial from a seed: values, a mix of fault classes (each claimed one or not, so that also
 * quiet runs and runs with a single class are tried), and faults of these classes in the first part
 * of the run. Every fault is mended before the second part begins.
 */

import type { Claims, FaultClass } from '../experiment/claims.ts';
import { parseDuration } from '../experiment/duration.ts';
import type { Experiment, Scene } from '../experiment/experiment.ts';
import { defaultsOf, type ParameterValue } from '../experiment/parameters.ts';
import { SeededRandom } from '../../sim/random.ts';
import { drawMishaps } from './draw-mishaps.ts';
import { type Trial, USUAL_SETTLE } from './trial.ts';
import { NS_PER_MS, NS_PER_S } from '../../sim/units.ts';

type Values = Readonly<Record<string, ParameterValue>>;

/** What claims say when they say nothing. */
const NO_CLAIMS: Claims = { survives: [] };
const USUAL_CLOCKS = { stepNs: NS_PER_S, ppm: 200 } as const;
/** The fuzzer looks at that many commands to know how long a run is. */
const MAX_COMMANDS = 10_000;
/** What a draw of 32 bits can tell apart; 4 s. */
const MAX_TROUBLE_NS = 2 ** 32 - 1;

export function drawTrial(
  experiment: Experiment,
  seed: string,
  { mutant, fixed = {} }: { readonly mutant?: string; readonly fixed?: Values } = {},
): Trial {
  const random = new SeededRandom(seed, 'fuzz');
  const claims = experiment.claims ?? NO_CLAIMS;
  const values = { ...drawValues(experiment, claims, random), ...fixed };
  const typed = values as Parameters<Experiment['scene']>[0];
  const scene = experiment.scene(typed, mutant === undefined ? {} : { mutant });
  const classes = drawClasses(random, claims.survives);
  const commandsNs = lastCommandNs(scene);
  const delayNs = Math.max(1, scene.link.delayMs) * NS_PER_MS;
  const troubleNs = drawTroubleNs(random, commandsNs + 4 * delayNs);
  const mishaps = drawMishaps(random, {
    classes,
    nodeCount: scene.nodes.length,
    mayFail: claims.mayFail?.(typed) ?? scene.nodes.map((_, node) => node),
    maxDown: claims.maxDown?.(typed) ?? 1,
    troubleNs,
    delayNs,
    clocks: claims.clocks ?? USUAL_CLOCKS,
  });
  const settleNs = parseDuration(claims.settle ?? USUAL_SETTLE);
  const untilNs = Math.max(scene.untilNs, Math.max(commandsNs, troubleNs) + settleNs);
  return { experiment, values, seed, ...(mutant !== undefined && { mutant }), mishaps, untilNs };
}

/** In one seed of four none at all, in one all of them, in the others each or not. */
function drawClasses(random: SeededRandom, survives: readonly FaultClass[]): readonly FaultClass[] {
  const most = 3;
  const share = random.below(most + 1);
  return survives.filter(() => random.below(most) < share);
}

/** Some trouble ends before the last command, some after it, and some long after it. */
function drawTroubleNs(random: SeededRandom, commandsNs: number): number {
  const halves = [1, 2, 3, 4, 12][random.below(5)] ?? 2;
  return Math.min(MAX_TROUBLE_NS, Math.ceil((halves / 2) * commandsNs));
}

function drawValues(experiment: Experiment, { draw = {} }: Claims, random: SeededRandom): Values {
  const drawn = Object.entries(draw).flatMap(([name, choices]) => {
    if (choices === undefined || choices.length === 0) return [];
    return [[name, choices[random.below(choices.length)] as ParameterValue] as const];
  });
  return { ...defaultsOf(experiment.parameters), ...Object.fromEntries(drawn) };
}

function lastCommandNs({ workload }: Scene): number {
  let lastNs = 0;
  let count = 0;
  for (const { atNs } of workload) {
    lastNs = atNs;
    count += 1;
    if (count >= MAX_COMMANDS) break;
  }
  return lastNs;
}
