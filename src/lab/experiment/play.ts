/** Plays an experiment once in virtual time: the scene, its observers, the verdict. */

import assert from 'node:assert/strict';

import { SimStage } from '../run/sim-stage.ts';
import { Cast } from '../run/cast.ts';
import type { Fault } from '../run/fault.ts';
import type { Observer } from '../run/trace-event.ts';
import type { Command, Experiment } from './experiment.ts';
import { Judge, type Judgement } from './judge.ts';
import type { ParameterValue } from './parameters.ts';

/** Some seconds of real time for a protocol that never ends. */
const MAX_EVENTS = 50_000_000;

export interface PlayOptions {
  readonly seed: string;
  readonly mutant?: string;
  /** Also told of every event: recorders, pictures. */
  readonly observers?: readonly Observer[];
  readonly keepsStates?: boolean;
  readonly maxEvents?: number;
}

export interface Played extends Judgement {
  readonly experiment: Experiment;
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly seed: string;
  readonly mutant: string | undefined;
  /** 'endless' when the bound on events ended it: a protocol that never stops. */
  readonly end: 'idle' | 'late' | 'endless';
  readonly eventCount: number;
  readonly durationNs: number;
  /** Names, in the order of ids. */
  readonly nodes: readonly string[];
}

export function play(
  experiment: Experiment,
  values: Readonly<Record<string, ParameterValue>>,
  options: PlayOptions,
): Played {
  const { seed, mutant, observers = [], keepsStates = false, maxEvents = MAX_EVENTS } = options;
  const typed = values as Parameters<Experiment['scene']>[0];
  const scene = experiment.scene(typed, mutant === undefined ? {} : { mutant });
  const stage = new SimStage({ seed, link: scene.link, links: scene.links ?? [] });
  const judge = new Judge(experiment, values);
  const cast = new Cast({
    stage,
    factories: scene.nodes.map(({ create }) => create),
    observers: [(event) => judge.observe(event), ...observers],
    keepsStates,
  });
  stage.at(0, () => cast.start());
  for (const fault of scene.faults ?? []) stage.at(fault.atNs, () => inflict(fault, cast));
  playWorkload(scene.workload[Symbol.iterator](), stage, cast);
  const end = stage.run(scene.untilNs, maxEvents);
  return {
    experiment,
    values,
    seed,
    mutant,
    end,
    eventCount: cast.eventCount,
    durationNs: stage.nowNs(),
    nodes: scene.nodes.map(({ name }) => name),
    ...judge.finish(),
  };
}

/** One command at a time, so that a workload of any length takes no room. */
function playWorkload(commands: Iterator<Command>, stage: SimStage, cast: Cast): void {
  const next = commands.next();
  if (next.done === true) return;
  const { atNs, node, payload } = next.value;
  stage.at(atNs, () => {
    cast.command(node, payload);
    playWorkload(commands, stage, cast);
  });
}

function inflict(fault: Fault, cast: Cast): void {
  switch (fault.kind) {
    case 'crash':
      cast.crash(fault.node, { keepsDisk: fault.keepsDisk ?? true });
      return;
    case 'restart':
      cast.restart(fault.node);
      return;
    case 'pause':
      cast.pause(fault.node);
      return;
    case 'resume':
      cast.resume(fault.node);
      return;
    case 'partition':
    case 'cut':
    case 'heal':
    case 'drop':
    case 'double':
    case 'delay':
    case 'hold':
    case 'release':
      assert.fail(`a fault of the network, which this stage does not know: ${fault.kind}`);
  }
}

/** Exit status of a run: 0 when all agrees and holds, 1 when something does not, 2 unknown. */
export function statusOf({
  comparisons,
  violations,
  end,
}: Pick<Played, 'comparisons' | 'violations' | 'end'>): 0 | 1 | 2 {
  if (violations.length > 0) return 1;
  if (comparisons.some(({ verdict }) => verdict === 'disagrees')) return 1;
  if (end === 'endless' || comparisons.some(({ verdict }) => verdict === 'not measured')) return 2;
  return 0;
}
