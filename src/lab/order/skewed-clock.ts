/** A node whose wall clock is wrong by a constant. */

import type { ProcessFactory } from '../process/process.ts';

/** `aheadNs` is added to what the wall clock shows. */
export function withSkew(create: ProcessFactory, aheadNs: number): ProcessFactory {
  return (context) => create({ ...context, wallNs: () => context.wallNs() + aheadNs });
}
