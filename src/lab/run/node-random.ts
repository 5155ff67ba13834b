/** What the process of a node draws from: the same on every stage. */

import type { Random } from '../../net/ports.ts';
import { SeededRandom } from '../../sim/random.ts';
import type { NodeId } from '../process/process.ts';

export function nodeRandom(seed: string, node: NodeId): Random {
  return new SeededRandom(seed, `random of node ${node}`);
}
