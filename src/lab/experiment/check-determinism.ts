/**
 * Whether an experiment is a function of its seed: two runs side by side, event for event, so that
 * the first that differs is in hand and nothing is kept.
 */

import type { NodeId } from '../process/process.ts';
import type { Cast } from '../run/cast.ts';
import { withTraps } from '../run/purity.ts';
import { SimStage } from '../run/sim-stage.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import { enact } from './enact.ts';
import type { Experiment } from './experiment.ts';
import type { ParameterValue } from './parameters.ts';
import { MAX_EVENTS, type PlayOptions } from './play.ts';

export interface Divergence {
  /** Events that were the same before. */
  readonly agreed: number;
  /** Undefined for a run that had ended. */
  readonly first: TraceEvent | undefined;
  readonly second: TraceEvent | undefined;
}

/** One of the two, an event of the stage at a time. */
class Rehearsal {
  /** Events of the trace that were not compared yet. */
  readonly events: TraceEvent[] = [];
  readonly #cast: Cast;
  readonly #step: () => boolean;
  #isOver = false;

  constructor(
    experiment: Experiment,
    values: Readonly<Record<string, ParameterValue>>,
    { seed, mutant }: PlayOptions,
  ) {
    const typed = values as Parameters<Experiment['scene']>[0];
    const scene = experiment.scene(typed, mutant === undefined ? {} : { mutant });
    const { link, links = [], untilNs } = scene;
    const clocks = scene.nodes.map(({ clock }) => clock);
    const stage = new SimStage({ seed, link, links, clocks });
    const observers = [(event: TraceEvent): void => void this.events.push(event)];
    this.#cast = enact(scene, stage, { observers, keepsStates: true });
    this.#step = () => stage.run(untilNs, 1) === 'endless' && !stage.isCrowded;
  }

  /** The node whose process is being called; −1 for none. */
  get handling(): NodeId {
    return this.#cast.handling;
  }

  /** Goes on until something was told, or nothing is left. */
  goOn(): void {
    while (this.events.length === 0 && !this.#isOver) this.#isOver = !this.#step();
  }
}

/** The first event that differs, or undefined when the two runs were the same. */
export function findDivergence(
  experiment: Experiment,
  values: Readonly<Record<string, ParameterValue>>,
  options: PlayOptions,
): Divergence | undefined {
  const one = new Rehearsal(experiment, values, options);
  const other = new Rehearsal(experiment, values, options);
  const { maxEvents = MAX_EVENTS } = options;
  const handling = (): NodeId => Math.max(one.handling, other.handling);
  return withTraps(handling, () => compareEvents(one, other, maxEvents));
}

function compareEvents(one: Rehearsal, other: Rehearsal, most: number): Divergence | undefined {
  for (let agreed = 0; agreed < most; agreed += 1) {
    one.goOn();
    other.goOn();
    const [first, second] = [one.events.shift(), other.events.shift()];
    if (first === undefined && second === undefined) return undefined;
    if (!isSame(first, second)) return { agreed, first, second };
  }
  return undefined;
}

function isSame(one: TraceEvent | undefined, other: TraceEvent | undefined): boolean {
  return one !== undefined && other !== undefined && textOf(one) === textOf(other);
}

/** In the order in which the members were made, which is one for all. */
function textOf(event: TraceEvent): string {
  return JSON.stringify(event);
}

/** In a line: '#7 at 24ms, node 1: receive data 3 from 0'. */
export function describeEvent(event: TraceEvent | undefined): string {
  if (event === undefined) return 'the run had ended';
  const { id, atNs, node, kind, text, detail, peer, message, reason, state } = event;
  const words = [
    kind,
    text,
    ...(detail >= 0 ? [detail] : []),
    ...(message >= 0 ? [`message ${message}`] : []),
    ...(peer >= 0 ? [`${kind === 'receive' || kind === 'deliver' ? 'from' : 'to'} ${peer}`] : []),
    ...(reason === undefined ? [] : [`(${reason})`]),
    ...(state === undefined ? [] : [JSON.stringify(state)]),
  ].filter((word) => word !== '');
  return `#${id} at ${atNs} ns, node ${node}: ${words.join(' ')}`;
}
