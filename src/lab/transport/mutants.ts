/**
 * Bugs to be found that need no change of a protocol: what its context does for it, or what it gets
 * to hear, is broken on purpose.
 */

import type { Context, Process } from '../process/process.ts';
import type { SequenceSpace } from './sequence-space.ts';

/** Timers are set and never run out. */
export function withoutTimers(context: Context): Context {
  return { ...context, setTimer: () => ({ cancel: () => {} }) };
}

/** Nothing that arrives is heard. */
export function deaf(inner: Process): Process {
  return {
    onStart: () => inner.onStart?.(),
    onCommand: (payload) => inner.onCommand?.(payload),
    onTimer: (name, detail) => inner.onTimer?.(name, detail),
  };
}

/** Numbers that wrap, taken for plain integers. */
export function plainIntegers(space: SequenceSpace): SequenceSpace {
  const plain = (wire: number): number => wire - space.wrap(0);
  return { ...space, near: plain, from: plain };
}

/** Whatever arrives is taken for what is waited for. */
export function anyNumber(space: SequenceSpace): SequenceSpace {
  return { ...space, near: (_wire, base) => base, from: (_wire, base) => base };
}
