/** The experiments on reliable delivery between a sender and a receiver. */

import type { Experiment } from '../experiment/experiment.ts';
import { fireAndForget } from './experiments/a0-fire-and-forget.ts';
import { fixedTimer } from './experiments/a1-fixed-timer.ts';

export const TRANSPORT_EXPERIMENTS: readonly Experiment[] = [fireAndForget, fixedTimer];
