/**
 * An experiment that is played by whole programs in a simulated internet, our DNS server and
 * resolver above all, rather than by processes on a stage: no event of it is a datagram of a lab
 * protocol, so it measures, predicts and checks by itself.
 */

import type { ParameterSet, ParameterValue, ValuesOf } from './parameters.ts';
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
}

export interface WorldPlayed {
  readonly experiment: WorldExperiment;
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly seed: string;
  readonly mutant: string | undefined;
  readonly traceHash: string;
  readonly comparisons: readonly Comparison[];
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
  const { measurements, predictions, traceHash } = await experiment.play(typed, options);
  const comparisons = compare(measurements, predictions);
  return { experiment, values, seed, mutant, traceHash, comparisons };
}
