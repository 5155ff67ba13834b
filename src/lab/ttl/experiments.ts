/** The experiments on TTLs, in the order of the course. */

import type { WorldExperiment } from '../experiment/world-experiment.ts';
import { hitRatioExperiment, upstreamExperiment } from './experiments/hit-ratio.ts';
import { retriesExperiment } from './experiments/attack.ts';
import { costExperiment } from './experiments/cost.ts';
import { dhtExperiment } from './experiments/dht.ts';
import { forwardersExperiment } from './experiments/forwarders.ts';
import { hostsFileExperiment } from './experiments/hosts-file.ts';
import { levelsExperiment } from './experiments/levels.ts';
import { negativeExperiment } from './experiments/negative.ts';
import { parentChildExperiment } from './experiments/parent-child.ts';
import { plannedChangeExperiment } from './experiments/planned-change.ts';
import { popularityExperiment } from './experiments/popularity.ts';
import { prefetchExperiment } from './experiments/prefetch.ts';
import { serveStaleExperiment } from './experiments/serve-stale.ts';
import { changeExperiment, churnExperiment } from './experiments/staleness.ts';
import { uyExperiment } from './experiments/uy.ts';

export const TTL_EXPERIMENTS: readonly WorldExperiment[] = [
  hitRatioExperiment,
  upstreamExperiment,
  levelsExperiment,
  changeExperiment,
  churnExperiment,
  costExperiment,
  forwardersExperiment,
  popularityExperiment,
  uyExperiment,
  retriesExperiment,
  serveStaleExperiment,
  negativeExperiment,
  prefetchExperiment,
  plannedChangeExperiment,
  hostsFileExperiment,
  parentChildExperiment,
  dhtExperiment,
];
