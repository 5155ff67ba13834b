/**
 * What an experiment of the laboratory is: a sentence of the lecture, a question, parameters, and
 * from these a scene to be played, what is measured in it, what theory predicts, and which
 * properties must hold. Everything else (command line, reports, pictures, fuzzing) works from this.
 */

import type { ClockOptions } from '../../sim/host-clock.ts';
import type { LinkOptions } from '../../sim/link-options.ts';
import type { Label, NodeId, Payload, ProcessFactory } from '../process/process.ts';
import type { Fault } from '../run/fault.ts';
import type { OwnLink } from '../run/network.ts';
import type { Service } from '../run/player.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import type { PlotPlans } from '../plot/plan.ts';
import type { Claims } from './claims.ts';
import type { ParameterSet, ValuesOf } from './parameters.ts';
import type { Measurements, Prediction } from './prediction.ts';

export interface Experiment<Parameters extends ParameterSet = ParameterSet> {
  /** 'A1', 'B6': what people type. */
  readonly id: string;
  readonly title: string;
  /** The sentence of the lecture that it tries. */
  readonly quote: string;
  readonly question: string;
  /** The protocol, the formula and what they mean, in a few paragraphs. */
  readonly explanation: string;
  readonly lookFor: readonly string[];
  readonly parameters: Parameters;
  /** Ways to break the protocol on purpose: name → what is broken, and who notices. */
  readonly mutants: Readonly<Record<string, string>>;
  scene(values: ValuesOf<Parameters>, options: SceneOptions): Scene;
  /** A fresh meter a run: it sees every event. */
  meter(values: ValuesOf<Parameters>): Meter;
  predict(values: ValuesOf<Parameters>): readonly Prediction[];
  /** Fresh ones a run. Independent of the protocol: they see events only. */
  checkers(values: ValuesOf<Parameters>): readonly Checker[];
  /** Which faults all checkers hold under, for the fuzzer. Default: none. */
  readonly claims?: Claims<Parameters>;
  /** Its pictures besides the space-time diagram. Default: what is predicted, when it is swept. */
  readonly plots?: PlotPlans<Parameters>;
}

export interface SceneOptions {
  readonly mutant?: string;
}

export interface Scene {
  readonly nodes: readonly NodePlan[];
  /** Every link without one of its own. */
  readonly link: LinkOptions;
  readonly links?: readonly OwnLink[];
  /** In the order of time; may be made as it is taken, so that it can be as long as it likes. */
  readonly workload: Iterable<Command>;
  readonly faults?: readonly Fault[];
  /** When the run ends though something still happens. */
  readonly untilNs: number;
}

export interface NodePlan extends Service {
  /** For people: 'sender', 'hub'. */
  readonly name: string;
  readonly create: ProcessFactory;
  /** What is wrong with its clocks; default: nothing. */
  readonly clock?: ClockOptions;
}

/** The application on `node` hands `payload` down at `atNs`. */
export interface Command {
  readonly atNs: number;
  readonly node: NodeId;
  readonly payload: Payload;
  /** What traces say of it: { tag: 'write', detail: 7 }. */
  readonly label?: Label;
}

export interface Meter {
  observe(event: TraceEvent): void;
  finish(): Measurements;
}

export interface Violation {
  /** The property, as a checker's name: 'no duplicate delivered'. */
  readonly property: string;
  /** What happened instead, with nodes and messages. */
  readonly text: string;
  /** Events that show it. */
  readonly events: readonly number[];
  /** Something is missing, as only the end of the run shows: had it gone on, it might have come. */
  readonly isMissing?: true;
}

export interface Checker {
  readonly property: string;
  observe(event: TraceEvent): void;
  /** What was violated in the whole run: at most a few, the first ones. */
  finish(): readonly Violation[];
}

/** An experiment as the registry and the tools take it, whatever its parameters are. */
export function defineExperiment<const Parameters extends ParameterSet>(
  experiment: Experiment<Parameters>,
): Experiment {
  return experiment;
}
