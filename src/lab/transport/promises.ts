/**
 * What each delivery layer promises over a protocol that repeats what is lost, and over one that
 * does not: each layer is checked for exactly that.
 *
 *     layer                 no creation   no duplicate   no gap     FIFO
 *     raw                        x                       reliable
 *     dedup                      x             x         reliable
 *     sequenced-drop-late        x             x                     x
 *     reliable-unordered         x             x         reliable
 *     reliable-ordered           x             x         reliable    x
 *     exactly-once               x             x         reliable            also after a crash
 */

import { fifo, noCreation, noDuplicate, noGap } from '../checkers/delivery.ts';
import { conservation } from '../checkers/traffic.ts';
import type { Checker } from '../experiment/experiment.ts';
import type { Layer } from './delivery-layer.ts';

export function promisesOf(
  layer: Layer,
  { isReliable }: { readonly isReliable: boolean },
): readonly Checker[] {
  const isOrdered = layer === 'sequenced-drop-late' || layer === 'reliable-ordered';
  return [
    conservation(),
    noCreation(),
    ...(layer === 'raw' ? [] : [noDuplicate()]),
    ...(isReliable && layer !== 'sequenced-drop-late' ? [noGap()] : []),
    ...(isOrdered ? [fifo()] : []),
  ];
}
