/** Keys that hold a number, each with the constant of the code as its default. */

import { key, type Key } from './key.ts';
import * as v from 'valibot';

import { integer, octets } from './values.ts';

/** A whole number; its default is the constant in the code. */
export function count(fallback: number, about: string): Key<number> {
  const schema = integer({ from: 0, to: 1e9, what: 'a count' });
  return key(schema, { fallback: String(fallback), about });
}

/** Of an address, from its left. */
export function bits(most: number, fallback: number, about: string): Key<number> {
  const schema = integer({ from: 0, to: most, what: 'bits' });
  return key(schema, { fallback: String(fallback), about });
}

export function milliseconds(fallback: number, about: string): Key<number> {
  const schema = integer({ from: 1, to: 3_600_000, what: 'milliseconds' });
  return key(schema, { fallback: String(fallback), about });
}

export function seconds(fallback: number, about: string): Key<number> {
  const schema = integer({ from: 0, to: 2_147_483_647, what: 'seconds' });
  return key(schema, { fallback: String(fallback), about });
}

export function size(fallback: number, about: string, most?: number): Key<number> {
  const bounded =
    most === undefined ? octets : v.pipe(octets, v.maxValue(most, `at most ${sizeText(most)}`));
  return key(bounded, { fallback: sizeText(fallback), about });
}

function sizeText(fallback: number): string {
  const units = ['', 'KiB', 'MiB', 'GiB'];
  let rest = fallback;
  let unit = 0;
  for (; rest >= 1024 && rest % 1024 === 0; rest /= 1024) unit++;
  return `${rest} ${units[unit]}`.trimEnd();
}

/** As `count`, and one at least. */
export function places(fallback: number, about: string): Key<number> {
  const schema = integer({ from: 1, to: 65_536, what: 'a count' });
  return key(schema, { fallback: String(fallback), about });
}
