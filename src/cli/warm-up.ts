/**
 * How soon V8 makes machine code of a function that is called often. A server runs for long and
 * runs the same few hundred functions, so it does not pay to watch them as patiently as those of a
 * page: a resolver that starts with an empty cache answers its first hundred thousand names at some
 * 4 % less (docs/performance.md).
 *
 * Holds for all threads, and for what is compiled from then on. Where V8 does not know the flag it
 * says so in a line and goes on.
 */

import { setFlagsFromString } from 'node:v8';

/** In octets of bytecode run between two looks at a function; a quarter of V8's own. */
const INTERRUPT_BUDGET = 16_896;

export function compileSoon(): void {
  setFlagsFromString(`--interrupt-budget=${INTERRUPT_BUDGET}`);
}
