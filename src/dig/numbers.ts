/** Numbers and digits of options, with dig's words for those that are none. */

import { ExitStatus, type Reading } from './reading.ts';

const MAX_U32 = 0xffff_ffff;

export interface NumberKind {
  /** 'buffer size': what dig calls the number. */
  readonly what: string;
  readonly max: number;
  /** Takes 0x… and octal 0… too. */
  readonly anyBase?: boolean;
  /** What dig calls it when it gives up, if that is something else. */
  readonly label?: string;
}

/** Ends the reading, as dig does, when `text` is no such number. */
export function readNumber(reading: Reading, text: string, kind: NumberKind): number {
  const { label = kind.what } = kind;
  return (
    tryNumber(reading, text, kind) ?? reading.refuse(`Couldn't parse ${label}`, ExitStatus.badValue)
  );
}

/** Undefined, and said why, when `text` is no such number. */
export function tryNumber(reading: Reading, text: string, kind: NumberKind): number | undefined {
  const number = parseUint(text, kind.anyBase === true);
  if (number !== undefined && number <= kind.max) return number;
  const problem = number === undefined ? 'not a valid number' : 'out of range';
  reading.print(`invalid ${kind.what} '${text}': ${problem}\n`);
  return undefined;
}

/** As C's `strtoul` reads it; undefined where anything else stands too. */
export function parseUint(text: string, anyBase = false): number | undefined {
  if (anyBase && /^0x[0-9a-f]+$/i.test(text)) return clamp(Number.parseInt(text, 16));
  if (anyBase && /^0[0-7]*$/.test(text)) return clamp(Number.parseInt(text, 8));
  if (anyBase && text.startsWith('0')) return undefined;
  return /^[0-9]+$/.test(text) ? clamp(Number(text)) : undefined;
}

function clamp(number: number): number {
  return Math.min(number, MAX_U32 + 1);
}

export function readHex(reading: Reading, text: string): Uint8Array {
  const digits = text.replaceAll(/[ \t\r\n]/g, '');
  if (digits.length % 2 !== 0 || !/^[0-9a-f]*$/i.test(digits)) {
    return reading.refuse('isc_hex_decodestring: bad hex encoding');
  }
  return Uint8Array.from(digits.match(/../g) ?? [], (pair) => Number.parseInt(pair, 16));
}
