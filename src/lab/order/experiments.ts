/** The experiments on total order, B0 to B9, in the order of the course. */

import type { Experiment } from '../experiment/experiment.ts';
import { NOTHING } from './experiments/b0-nothing.ts';
import { TIMESTAMPS } from './experiments/b1-timestamps.ts';
import { LAMPORT } from './experiments/b2-lamport.ts';
import { HUB } from './experiments/b3-hub.ts';
import { CHOSEN_NODE } from './experiments/b4-chosen-node.ts';
import { BACKUP } from './experiments/b5-backup.ts';
import { NUMBER_SERVER } from './experiments/b6-number-server.ts';
import { LEASED_BLOCKS } from './experiments/b6b-leased-blocks.ts';
import { BROADCAST_AND_ORDER } from './experiments/b7-broadcast-and-order.ts';
import { REPLICATED_LOG } from './experiments/b9-replicated-log.ts';
import { TOKEN_RING } from './experiments/b8-token-ring.ts';

export const ORDER_EXPERIMENTS: readonly Experiment[] = [
  NOTHING,
  TIMESTAMPS,
  LAMPORT,
  HUB,
  CHOSEN_NODE,
  BACKUP,
  NUMBER_SERVER,
  LEASED_BLOCKS,
  BROADCAST_AND_ORDER,
  TOKEN_RING,
  REPLICATED_LOG,
];
