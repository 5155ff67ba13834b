/** B0: no order at all, so that one sees what the others are for. */

import { noCreation } from '../../checkers/delivery.ts';
import { fifoOrder } from '../../checkers/order.ts';
import { integrity, uniformAgreement, validity } from '../../checkers/order-agreement.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { Nothing, type NothingMutant } from '../nothing.ts';
import { OrderMeter } from '../order-meter.ts';
import {
  ALL_BUT_CRASHES,
  isReliable,
  members,
  ORDER_PARAMETERS,
  orderScene,
  RELIABLE_DRAW,
} from '../order-scene.ts';
import { exact, isCalm, latencyOfOthers, latencyOfSender } from '../predict.ts';

export const NOTHING: Experiment = defineExperiment({
  id: 'B0',
  title: 'No order',
  quote: 'n nodes, the same order',
  question: 'Two nodes send at nearly the same time. Do all the others get the two in one order?',
  explanation:
    'Everybody sends to everybody and delivers what comes: n − 1 messages, one hop. A sender ' +
    'numbers its own messages, so these keep their order; between two senders each receiver ' +
    'sees its own race. No clock can tell afterwards who was right: both were.',
  lookFor: [
    'Two arrows that cross on the way to one receiver and not on the way to another.',
    'order.violations is 0 without jitter: a constant delay hides the problem.',
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
  meter: () => new OrderMeter(),
  predict: (values) => [
    exact('msgs.perBroadcast', values.nodes - 1, 'n − 1'),
    ...(isCalm(values) ? [latencyOfSender(0, values), ...latencyOfOthers(1, values)] : []),
  ],
  checkers: (values) => [
    noCreation(),
    integrity(),
    fifoOrder(),
    ...(isReliable(values) ? [validity(), uniformAgreement(values.nodes)] : []),
  ],
  claims: { survives: ALL_BUT_CRASHES, draw: RELIABLE_DRAW },
});
