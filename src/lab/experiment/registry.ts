/** Every experiment of the laboratory, in the order of the course. */

import { AGREEMENT_EXPERIMENTS, AGREEMENT_WORLD_EXPERIMENTS } from '../agreement/experiments.ts';
import { CLOCK_EXPERIMENTS, CLOCK_WORLD_EXPERIMENTS } from '../clocks/experiments.ts';
import { GOSSIP_EXPERIMENTS } from '../gossip/experiments.ts';
import { ORDER_EXPERIMENTS } from '../order/experiments.ts';
import { TRANSPORT_EXPERIMENTS } from '../transport/experiments.ts';
import { TTL_EXPERIMENTS } from '../ttl/experiments.ts';
import type { Experiment } from './experiment.ts';
import type { WorldExperiment } from './world-experiment.ts';

export const EXPERIMENTS: readonly Experiment[] = [
  ...TRANSPORT_EXPERIMENTS,
  ...ORDER_EXPERIMENTS,
  ...GOSSIP_EXPERIMENTS,
  ...CLOCK_EXPERIMENTS,
  ...AGREEMENT_EXPERIMENTS,
];

/** By its id, in any letter case. */
export function findExperiment(id: string): Experiment | undefined {
  return EXPERIMENTS.find((experiment) => experiment.id.toUpperCase() === id.toUpperCase());
}

/** Those that whole programs play in a simulated internet. */
export const WORLD_EXPERIMENTS: readonly WorldExperiment[] = [
  ...CLOCK_WORLD_EXPERIMENTS,
  ...AGREEMENT_WORLD_EXPERIMENTS,
  ...TTL_EXPERIMENTS,
];

export function findWorldExperiment(id: string): WorldExperiment | undefined {
  return WORLD_EXPERIMENTS.find((experiment) => experiment.id.toUpperCase() === id.toUpperCase());
}
