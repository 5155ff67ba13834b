/** One run among many: asked for and told in plain data, so that another thread can play it. */

import type { Experiment, Violation } from '../../lab/experiment/experiment.ts';
import { ParameterError, type ParameterValue } from '../../lab/experiment/parameters.ts';
import { play, type Played } from '../../lab/experiment/play.ts';
import type { Comparison } from '../../lab/experiment/prediction.ts';
import { playWorld, type WorldExperiment } from '../../lab/experiment/world-experiment.ts';
import { namedCard } from './named.ts';
import { UsageError } from './usage-error.ts';

export interface SeedTask {
  readonly id: string;
  readonly values: Readonly<Record<string, ParameterValue>>;
  readonly seed: string;
  readonly mutant?: string;
}

export interface SeedRun {
  readonly traceHash: string;
  readonly comparisons: readonly Comparison[];
  readonly violations: readonly Violation[];
  readonly end: Played['end'];
}

/** Throws `UsageError` when these values do not go together. */
export async function playSeed({ id, values, ...options }: SeedTask): Promise<SeedRun> {
  const card = namedCard(id);
  try {
    if (isWorld(card)) {
      const { traceHash, comparisons } = await playWorld(card, values, options);
      return { traceHash, comparisons, violations: [], end: 'idle' };
    }
    const { traceHash, comparisons, violations, end } = play(card, values, options);
    return { traceHash, comparisons, violations, end };
  } catch (error) {
    throw error instanceof ParameterError ? new UsageError(error.message) : error;
  }
}

function isWorld(card: Experiment | WorldExperiment): card is WorldExperiment {
  return 'play' in card;
}
