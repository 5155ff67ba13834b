/** The experiments on reliable delivery between a sender and a receiver. */

import type { Experiment } from '../experiment/experiment.ts';
import { fireAndForget } from './experiments/a0-fire-and-forget.ts';
import { fixedTimer } from './experiments/a1-fixed-timer.ts';
import { adaptiveTimer } from './experiments/a2-adaptive-timer.ts';
import { goBackN } from './experiments/a3-go-back-n.ts';
import { selectiveRepeat } from './experiments/a4-selective-repeat.ts';
import { negativeAcks } from './experiments/a5-negative-acks.ts';
import { delayedAcks } from './experiments/a6-delayed-acks.ts';
import { batching } from './experiments/a7-batching.ts';
import { parity } from './experiments/a8-parity.ts';
import { packetNumbers } from './experiments/a9-packet-numbers.ts';
import { twoGenerals } from './experiments/a10-two-generals.ts';
import { exactlyOnce } from './experiments/a11-exactly-once.ts';
import { email } from './experiments/email.ts';
import { game } from './experiments/game.ts';
import { liveStream } from './experiments/live.ts';

export const TRANSPORT_EXPERIMENTS: readonly Experiment[] = [
  fireAndForget,
  fixedTimer,
  adaptiveTimer,
  goBackN,
  selectiveRepeat,
  negativeAcks,
  delayedAcks,
  batching,
  parity,
  packetNumbers,
  twoGenerals,
  exactlyOnce,
  liveStream,
  game,
  email,
];
