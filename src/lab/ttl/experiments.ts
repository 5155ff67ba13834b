/** The experiments on TTLs, in the order of the course. */

import type { WorldExperiment } from '../experiment/world-experiment.ts';
import { hitRatioExperiment, upstreamExperiment } from './experiments/hit-ratio.ts';
import { retriesExperiment } from './experiments/attack.ts';
import { costExperiment } from './experiments/cost.ts';
import { forwardersExperiment } from './experiments/forwarders.ts';
import { levelsExperiment } from './experiments/levels.ts';
import { negativeExperiment } from './experiments/negative.ts';
import { popularityExperiment } from './experiments/popularity.ts';
import { prefetchExperiment } from './experiments/prefetch.ts';
import { serveStaleExperiment } from './experiments/serve-stale.ts';
import { changeExperiment, churnExperiment } from './experiments/staleness.ts';

export const TTL_EXPERIMENTS: readonly WorldExperiment[] = [
  hitRatioExperiment,
  upstreamExperiment,
  levelsExperiment,
  changeExperiment,
  churnExperiment,
  costExperiment,
  forwardersExperiment,
  popularityExperiment,
  retriesExperiment,
  serveStaleExperiment,
  negativeExperiment,
  prefetchExperiment,
];
