/** B0: no order at all, so that one sees what the others are for. */

import { noCreation } from '../../checkers/delivery.ts';
import { fifoOrder } from '../../checkers/order.ts';
import { integrity, uniformAgreement, validity } from '../../checkers/order-agreement.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { Nothing, type NothingMutant } from '../nothing.ts';
import { exp } from '../../../sim/math.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { MIN_SAMPLES } from '../../meters/batch-means.ts';
import { together } from '../../meters/together.ts';
import { OrderMeter } from '../order-meter.ts';
import { DisagreementMeter } from '../share-meter.ts';
import {
  ALL_BUT_CRASHES,
  isReliable,
  members,
  ORDER_PARAMETERS,
  orderScene,
  type OrderValues,
  RELIABLE_DRAW,
} from '../order-scene.ts';
import { exact, isCalm, latencyOfOthers, latencyOfSender } from '../predict.ts';

export const NOTHING: Experiment = defineExperiment({
  id: 'B0',
  title: 'No order',
  quote: 'n nodes same order',
  question: 'Two nodes send at nearly the same time. Do all the others get the two in one order?',
  explanation:
    'Everybody sends to everybody and delivers what comes: n − 1 messages, one hop. A sender ' +
    'numbers its own messages, so these keep their order; between two senders each receiver ' +
    'sees its own race. No clock can tell afterwards who was right: both were.',
  lookFor: [
    'Two arrows that cross on the way to one receiver and not on the way to another.',
    'order.violations is 0 without jitter: a constant delay hides the problem.',
    'With --senders 2 --spread exponential --jitter 10ms --interval 1s: how often two differ.',
  ],
  parameters: ORDER_PARAMETERS,
  mutants: {
    'no-holdback': 'delivers on arrival, also before an earlier message of the sender: FIFO order',
  },
  scene: (values, { mutant }) =>
    orderScene(
      values,
      members(values.nodes, (context) => new Nothing(context, mutant as NothingMutant)),
    ),
  meter: (values) =>
    isRace(values)
      ? together(new OrderMeter(), new DisagreementMeter([values.nodes - 2, values.nodes - 1]))
      : new OrderMeter(),
  predict: (values) => [
    exact('msgs.perBroadcast', values.nodes - 1, 'n − 1'),
    ...(isCalm(values) ? [latencyOfSender(0, values), ...latencyOfOthers(1, values)] : []),
    ...predictDisagreement(values),
  ],
  checkers: (values) => [
    noCreation(),
    integrity(),
    fifoOrder(),
    ...(isReliable(values) ? [validity(), uniformAgreement(values.nodes)] : []),
  ],
  claims: { survives: ALL_BUT_CRASHES, draw: RELIABLE_DRAW },
});

/** Two senders, and two others who look on. */
function isRace({ nodes, senders }: OrderValues): boolean {
  return senders === 2 && nodes >= 5;
}

/**
 * A receiver sees the second message first when the first is late by more than the gap s and what
 * the second needs: with probability q, and each receiver alone. So two differ in 2 q (1 − q).
 */
function predictDisagreement(values: OrderValues): readonly Prediction[] {
  const { messages, gap, jitter, spread, interval, delay, links, loss } = values;
  const isSettled = interval > gap + delay + 30 * jitter;
  const isPlain = links === 'plain' && loss === 0 && jitter > 0;
  if (!isRace(values) || !isSettled || !isPlain || messages < MIN_SAMPLES) return [];
  const late = spread === 'exponential' ? exp(-gap / jitter) / 2 : overtaken(gap, jitter);
  const formula =
    spread === 'exponential' ? 'e^(−s/J) (1 − e^(−s/J) / 2)' : '2 q (1 − q), q = (J − s)² / 2 J²';
  const value = 2 * late * (1 - late);
  return [{ metric: 'disagreement', kind: 'statistical', value, formula }];
}

function overtaken(gap: number, jitter: number): number {
  return gap < jitter ? (jitter - gap) ** 2 / (2 * jitter ** 2) : 0;
}
