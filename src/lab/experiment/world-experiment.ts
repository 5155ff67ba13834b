/**
 * An experiment that is played by whole programs in a simulated internet, our DNS server and
 * resolver above all, rather than by processes on a stage: no event of it is a datagram of a lab
 * protocol, so it measures, predicts and checks by itself.
 */

import type { ParameterSet, ParameterValue, ValuesOf } from './parameters.ts';
import type { SweepPlot } from '../plot/plan.ts';
import type { Plot } from '../plot/plot.ts';
import { compare, type Comparison, type Measurements, type Prediction } from './prediction.ts';

export interface WorldExperiment<Parameters extends ParameterSet = ParameterSet> {
  readonly id: string;
  readonly title: string;
  readonly quote: string;
  readonly question: string;
  readonly explanation: string;
  readonly lookFor: readonly string[];
  readonly parameters: Parameters;
  /** Ways to break it on purpose: name → what is broken. */
  readonly mutants: Readonly<Record<string, string>>;
  /** For the line of theory between the values of a sweep. Default: only at these values. */
  predict?(values: ValuesOf<Parameters>): readonly Prediction[];
  /** Pictures of many runs. Those of one run are part of its outcome. */
  readonly plots?: { readonly sweeps: readonly SweepPlot[] };
  play(values: ValuesOf<Parameters>, options: WorldPlayOptions): Promise<WorldOutcome>;
}

export interface WorldPlayOptions {
  readonly seed: string;
  readonly mutant?: string;
}

export interface WorldOutcome {
  readonly measurements: Measurements;
  readonly predictions: readonly Prediction[];
  /** Equal for two runs in which every packet and timer was the same. */
  readonly traceHash: string;
  /** Called when somebody wants to see them. */
  readonly plots?: () => readonly Plot[];
}

export interface WorldPlayed {
  readonly experiment: WorldExperiment;
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly seed: string;
  readonly mutant: string | undefined;
  readonly traceHash: string;
  readonly comparisons: readonly Comparison[];
  readonly plots: () => readonly Plot[];
}

export function defineWorldExperiment<const Parameters extends ParameterSet>(
  experiment: WorldExperiment<Parameters>,
): WorldExperiment {
  return experiment;
}

export async function playWorld(
  experiment: WorldExperiment,
  values: Readonly<Record<string, ParameterValue>>,
  { seed, mutant }: WorldPlayOptions,
): Promise<WorldPlayed> {
  const typed = values as Parameters<WorldExperiment['play']>[0];
  const options = mutant === undefined ? { seed } : { seed, mutant };
  const outcome = await experiment.play(typed, options);
  const { measurements, predictions, traceHash, plots = () => [] } = outcome;
  const comparisons = compare(measurements, predictions);
  return { experiment, values, seed, mutant, traceHash, comparisons, plots };
}
