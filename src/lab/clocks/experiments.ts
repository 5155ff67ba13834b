/** The experiments on clocks, C1 to C12, in the order of the course. */

import type { Experiment } from '../experiment/experiment.ts';
import type { WorldExperiment } from '../experiment/world-experiment.ts';
import { CRYSTAL } from './experiments/c1-crystal.ts';
import { ONE_EXCHANGE } from './experiments/c2-one-exchange.ts';
import { LIMIT } from './experiments/c3-limit.ts';
import { FALSETICKERS } from './experiments/c4-falsetickers.ts';
import { CLOCK_FILTER } from './experiments/c5-clock-filter.ts';
import { STEP_OR_SLEW } from './experiments/c6-step-or-slew.ts';
import { BACKWARDS } from './experiments/c7-backwards.ts';
import { LEAP_SECOND } from './experiments/c8-leap-second.ts';
import { LOGICAL_CLOCKS } from './experiments/c9-logical-clocks.ts';
import { COMMIT_WAIT } from './experiments/c10-commit-wait.ts';
import { BOUNDED_SKEW } from './experiments/c11-bounded-skew.ts';
import { RESOLVER_LEAP } from './experiments/c8b-resolver.ts';
import { LAST_WRITER } from './experiments/c12-last-writer.ts';

export const CLOCK_EXPERIMENTS: readonly Experiment[] = [
  CRYSTAL,
  ONE_EXCHANGE,
  LIMIT,
  FALSETICKERS,
  CLOCK_FILTER,
  STEP_OR_SLEW,
  BACKWARDS,
  LEAP_SECOND,
  LOGICAL_CLOCKS,
  COMMIT_WAIT,
  BOUNDED_SKEW,
  LAST_WRITER,
];

/** Played by whole servers. */
export const CLOCK_WORLD_EXPERIMENTS: readonly WorldExperiment[] = [RESOLVER_LEAP];
