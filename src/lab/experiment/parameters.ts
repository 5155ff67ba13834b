/**
 * Parameters of an experiment: described once, and from that read from the command line, checked,
 * listed, printed in the repro line and typed for the code that uses them.
 *
 * Values are what protocols compute with: nanoseconds, fractions, counts, octets, flags, words.
 */

import { type Duration, formatDuration, isDuration, parseDuration } from './duration.ts';

interface Described {
  readonly help: string;
}
export interface DurationParameter extends Described {
  readonly kind: 'duration';
  readonly default: Duration;
  readonly min?: Duration;
  readonly max?: Duration;
}
/** 0 to 1, written '10%' or '0.1'. */
export interface FractionParameter extends Described {
  readonly kind: 'fraction';
  readonly default: number;
}
export interface CountParameter extends Described {
  readonly kind: 'count';
  readonly default: number;
  readonly min: number;
  readonly max: number;
}
/** A real number, such as a rate or parts per million. */
export interface NumberParameter extends Described {
  readonly kind: 'number';
  readonly default: number;
  readonly min: number;
  readonly max: number;
}
export interface FlagParameter extends Described {
  readonly kind: 'flag';
  readonly default: boolean;
}
export interface ChoiceParameter<Choice extends string = string> extends Described {
  readonly kind: 'choice';
  readonly choices: readonly Choice[];
  readonly default: Choice;
}

export type Parameter =
  | DurationParameter
  | FractionParameter
  | CountParameter
  | NumberParameter
  | FlagParameter
  | ChoiceParameter;
export type ParameterSet = Readonly<Record<string, Parameter>>;
export type ParameterValue = number | boolean | string;

/** Durations are nanoseconds. */
export type ValuesOf<Set extends ParameterSet> = {
  readonly [Name in keyof Set]: Set[Name] extends ChoiceParameter<infer Choice>
    ? Choice
    : Set[Name] extends FlagParameter
      ? boolean
      : number;
};

/** What is wrong with a value, for the one who wrote it. */
export class ParameterError extends Error {
  override readonly name = 'ParameterError';
}

export function defaultsOf<Set extends ParameterSet>(parameters: Set): ValuesOf<Set> {
  const pairs = Object.entries(parameters).map(([name, parameter]) => [name, defaultOf(parameter)]);
  return Object.fromEntries(pairs) as ValuesOf<Set>;
}

function defaultOf(parameter: Parameter): ParameterValue {
  return parameter.kind === 'duration' ? parseDuration(parameter.default) : parameter.default;
}

/** The value that `text` means. Throws `ParameterError`, which names the parameter. */
export function readParameter(name: string, parameter: Parameter, text: string): ParameterValue {
  const fail = (expected: string): ParameterError =>
    new ParameterError(`${name}: expected ${expected}, got '${text}'`);
  switch (parameter.kind) {
    case 'duration':
      return readDuration(parameter, text, fail);
    case 'fraction': {
      const isPercent = text.endsWith('%');
      const value = numberOf(isPercent ? text.slice(0, -1) : text) / (isPercent ? 100 : 1);
      return readNumber(value, {
        min: 0,
        max: 1,
        fail: () => fail('a fraction from 0 to 1, as 0.1 or 10%'),
      });
    }
    case 'count': {
      const { min, max } = parameter;
      const isWhole = /^\d+$/.test(text);
      return readNumber(isWhole ? Number(text) : NaN, {
        min,
        max,
        fail: () => fail(`a whole number from ${min} to ${max}`),
      });
    }
    case 'number': {
      const { min, max } = parameter;
      const failed = (): ParameterError => fail(`a number from ${min} to ${max}`);
      return readNumber(numberOf(text), { min, max, fail: failed });
    }
    case 'flag':
      if (text === 'true' || text === 'false') return text === 'true';
      throw fail('true or false');
    case 'choice':
      if (parameter.choices.includes(text)) return text;
      throw fail(`one of ${parameter.choices.join(', ')}`);
  }
}

/** Nothing is no number: JavaScript takes it for zero. */
function numberOf(text: string): number {
  return text.trim() === '' ? NaN : Number(text);
}

function readDuration(
  { min = '0ns', max = '100d' }: DurationParameter,
  text: string,
  fail: (expected: string) => ParameterError,
): number {
  if (!isDuration(text)) throw fail(`a duration such as 5ms, 2s, 1h`);
  const range = fail(`a duration from ${min} to ${max}`);
  let value: number;
  try {
    value = parseDuration(text);
  } catch {
    throw range;
  }
  if (value < parseDuration(min) || value > parseDuration(max)) throw range;
  return value;
}

function readNumber(
  value: number,
  {
    min,
    max,
    fail,
  }: { readonly min: number; readonly max: number; readonly fail: () => ParameterError },
): number {
  if (!(value >= min && value <= max)) throw fail();
  return value;
}

/** As it would be written on the command line. */
export function printParameter(parameter: Parameter, value: ParameterValue): string {
  if (parameter.kind === 'duration') return formatDuration(Number(value));
  return String(value);
}
