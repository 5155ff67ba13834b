/** The experiments on agreement and CAP, D1 to D6, in the order of the course. */

import type { Experiment } from '../experiment/experiment.ts';
import type { WorldExperiment } from '../experiment/world-experiment.ts';
import { TWO_PROPOSE } from './experiments/d1-two-propose.ts';
import { TWO_GENERALS } from './experiments/d1b-two-generals.ts';
import { RAFT } from './experiments/d2-raft.ts';
import { ELECTIONS } from './experiments/d2b-elections.ts';
import { VIEWSTAMPED } from './experiments/d2c-viewstamped.ts';
import { CP_REGISTER } from './experiments/d3-cp-register.ts';
import { AP_REGISTER } from './experiments/d4-ap-register.ts';
import { DIAL } from './experiments/d5-dial.ts';
import { CP_AP } from './experiments/d5b-cp-ap.ts';
import { DNS_MIX } from './experiments/d6-dns.ts';

export const AGREEMENT_EXPERIMENTS: readonly Experiment[] = [
  ...[TWO_PROPOSE, TWO_GENERALS],
  ...[RAFT, ELECTIONS, VIEWSTAMPED, CP_REGISTER],
  ...[AP_REGISTER, DIAL],
];

/** Those that whole servers play, or several of the above. */
export const AGREEMENT_WORLD_EXPERIMENTS: readonly WorldExperiment[] = [CP_AP, DNS_MIX];
