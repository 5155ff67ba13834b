/** The replicated types by the names that people give them. */

import { lastWriterWins, multiValue } from './registers.ts';
import type { Merge, ReplicaMutant } from './replica-options.ts';
import type { ReplicatedType } from './replicated-type.ts';
import { growOnlySet, observedRemoveSet, upDownCounter } from './sets.ts';
import { growableText } from './text.ts';

/** A state of a type is only ever handed back to the same type. */
export function replicatedType(merge: Merge, mutant?: ReplicaMutant): ReplicatedType<unknown> {
  switch (merge) {
    case 'lww-wall':
    case 'lww-hlc':
      return lastWriterWins(mutant);
    case 'mvr':
      return multiValue(mutant);
    case 'gset':
      return growOnlySet();
    case 'pncounter':
      return upDownCounter(mutant);
    case 'orset':
      return observedRemoveSet(mutant);
    case 'text':
      return growableText(mutant);
  }
}

/** Whether it holds one value, which a write replaces. */
export function isRegister(merge: Merge): boolean {
  return merge === 'lww-wall' || merge === 'lww-hlc' || merge === 'mvr';
}
