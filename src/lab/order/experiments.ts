/** The experiments on total order, B0 to B9. */

import type { Experiment } from '../experiment/experiment.ts';
import { NOTHING } from './experiments/b0-nothing.ts';
import { HUB } from './experiments/b3-hub.ts';
import { CHOSEN_NODE } from './experiments/b4-chosen-node.ts';

export const ORDER_EXPERIMENTS: readonly Experiment[] = [NOTHING, HUB, CHOSEN_NODE];
