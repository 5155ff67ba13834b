/** Values of options of the laboratory's own programs, or an error that names the option. */

import { type Duration, parseDuration } from '../../lab/experiment/duration.ts';
import { UsageError } from './usage-error.ts';

/** Nanoseconds, of '5ms' and with `isSigned` of '-5ms'. */
export function durationWord(
  option: string,
  word: string,
  { isSigned = false }: { readonly isSigned?: boolean } = {},
): number {
  const isBehind = isSigned && word.startsWith('-');
  try {
    const ns = parseDuration((isBehind ? word.slice(1) : word) as Duration);
    return isBehind ? -ns : ns;
  } catch {
    throw new UsageError(`--${option}: expected a duration such as 5ms, 2s, 1h, got '${word}'`);
  }
}

export function countWord(
  option: string,
  word: string,
  { min, max }: { readonly min: number; readonly max: number },
): number {
  const value = /^\d+$/.test(word) ? Number(word) : NaN;
  if (value >= min && value <= max) return value;
  throw new UsageError(`--${option}: expected a whole number from ${min} to ${max}, got '${word}'`);
}
