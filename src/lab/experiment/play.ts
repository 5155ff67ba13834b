/** Plays an experiment once in virtual time: the scene, its observers, the verdict. */

import { withTraps } from '../run/purity.ts';
import { SimStage } from '../run/sim-stage.ts';
import type { Observer, TraceEvent } from '../run/trace-event.ts';
import { enact } from './enact.ts';
import type { Experiment, Scene } from './experiment.ts';
import { Judge, type Judgement } from './judge.ts';
import type { ParameterValue } from './parameters.ts';
import type { Verdict } from './prediction.ts';

/** Some seconds of real time for a protocol that never ends. */
export const MAX_EVENTS = 50_000_000;

export interface PlayOptions {
  readonly seed: string;
  readonly mutant?: string;
  /** Also told of every event: recorders, pictures. */
  readonly observers?: readonly Observer[];
  readonly keepsStates?: boolean;
  readonly maxEvents?: number;
  /** See `SimStage`. */
  readonly maxUnderWay?: number;
  /** Another scene than the experiment's own: with more faults, with fewer commands. */
  adjust?(scene: Scene): Scene;
}

export interface Played extends Judgement {
  readonly experiment: Experiment;
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly seed: string;
  readonly mutant: string | undefined;
  /** 'endless' when a bound ended it, on events or on what is under way: it never stops. */
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
  const own = experiment.scene(typed, mutant === undefined ? {} : { mutant });
  const scene = options.adjust?.(own) ?? own;
  const { link, links = [] } = scene;
  const clocks = scene.nodes.map(({ clock }) => clock);
  const { maxUnderWay } = options;
  const stage = new SimStage({
    ...{ seed, link, links, clocks },
    ...(maxUnderWay !== undefined && { maxUnderWay }),
  });
  const judge = new Judge(experiment, values);
  const heard = [(event: TraceEvent) => judge.observe(event), ...observers];
  const cast = enact(scene, stage, { observers: heard, keepsStates });
  const end = withTraps(
    () => cast.handling,
    () => stage.run(scene.untilNs, maxEvents),
  );
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

const UNDECIDED: readonly Verdict[] = ['not measured', 'unknown'];

/** Exit status of a run: 0 when all agrees and holds, 1 when something does not, 2 unknown. */
export function statusOf({
  comparisons,
  violations,
  end,
}: Pick<Played, 'comparisons' | 'violations' | 'end'>): 0 | 1 | 2 {
  if (violations.length > 0) return 1;
  if (comparisons.some(({ verdict }) => verdict === 'disagrees')) return 1;
  const isOpen = comparisons.some(({ verdict }) => UNDECIDED.includes(verdict));
  return end === 'endless' || isOpen ? 2 : 0;
}
