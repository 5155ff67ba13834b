/**
 * What people type as an experiment and its parameters, or an error that names the nearest right
 * word.
 */

import type { Experiment } from '../../lab/experiment/experiment.ts';
import {
  defaultsOf,
  ParameterError,
  readParameter,
  type ParameterValue,
} from '../../lab/experiment/parameters.ts';
import {
  EXPERIMENTS,
  findExperiment,
  findWorldExperiment,
  WORLD_EXPERIMENTS,
} from '../../lab/experiment/registry.ts';
import type { WorldExperiment } from '../../lab/experiment/world-experiment.ts';
import { UsageError } from './usage-error.ts';
import { nearest } from './nearest.ts';

/** Any experiment, for what all of them have. */
export function namedCard(id: string): Experiment | WorldExperiment {
  const experiment = findExperiment(id) ?? findWorldExperiment(id);
  if (experiment) return experiment;
  const known = [...EXPERIMENTS, ...WORLD_EXPERIMENTS].map((one) => one.id);
  const meant = nearest(id, known);
  throw new UsageError(`there is no experiment '${id}'${meant}; ts-dns lab list names them all`);
}

/** One that processes play on a stage. */
export function namedExperiment(id: string): Experiment {
  const experiment = namedCard(id);
  if ('scene' in experiment) return experiment;
  throw new UsageError(
    `${experiment.id} is played by whole servers: only lab run and lab sweep play it`,
  );
}

/** `words` as '--loss', '10%', '--messages=5', over the defaults. */
export function namedValues(
  experiment: Pick<Experiment, 'id' | 'parameters'>,
  words: readonly string[],
): Readonly<Record<string, ParameterValue>> {
  return { ...defaultsOf(experiment.parameters), ...givenValues(experiment, words) };
}

/** Only what the words say. */
export function givenValues(
  experiment: Pick<Experiment, 'id' | 'parameters'>,
  words: readonly string[],
): Readonly<Record<string, ParameterValue>> {
  const values: Record<string, ParameterValue> = {};
  for (const [name, text] of pairsOf(words)) {
    const parameter = experiment.parameters[name];
    if (parameter === undefined) {
      const meant = nearest(name, Object.keys(experiment.parameters));
      throw new UsageError(`${experiment.id} has no parameter '${name}'${meant}`);
    }
    try {
      values[name] = readParameter(
        name,
        parameter,
        text ?? (parameter.kind === 'flag' ? 'true' : ''),
      );
    } catch (error) {
      if (!(error instanceof ParameterError)) throw error;
      throw new UsageError(error.message);
    }
  }
  return values;
}

/** Throws `UsageError` when the experiment has no such mutant. */
export function checkMutant(
  { id, mutants }: Pick<Experiment, 'id' | 'mutants'>,
  mutant: string | undefined,
): void {
  if (mutant === undefined || mutants[mutant] !== undefined) return;
  const known = Object.keys(mutants);
  const meant = nearest(mutant, known);
  const others = known.length === 0 ? 'it has none' : `there are ${known.join(', ')}`;
  throw new UsageError(`${id} has no mutant '${mutant}'${meant}: ${others}`);
}

/** Any word is a seed, but for an option that was taken for one. */
export function checkSeed(seed: string): void {
  if (seed.startsWith('--')) throw new UsageError(`--seed: expected a word, got '${seed}'`);
}

/** Names and what is behind them; undefined where nothing is. Throws `UsageError`. */
export function pairsOf(
  words: readonly string[],
): readonly (readonly [string, string | undefined])[] {
  const pairs: [string, string | undefined][] = [];
  for (let index = 0; index < words.length; index += 1) {
    const word = words[index] ?? '';
    if (!word.startsWith('--')) throw new UsageError(`expected --NAME VALUE, got '${word}'`);
    const [name = '', ...rest] = word.slice(2).split('=');
    const next = words[index + 1];
    if (rest.length > 0) pairs.push([name, rest.join('=')]);
    else if (next === undefined || next.startsWith('--')) pairs.push([name, undefined]);
    else {
      pairs.push([name, next]);
      index += 1;
    }
  }
  return pairs;
}
