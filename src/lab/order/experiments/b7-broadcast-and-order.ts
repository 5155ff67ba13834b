/** B7: everybody broadcasts, the sequencer broadcasts the order. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { BroadcastAndOrder, type BroadcastAndOrderMutant } from '../broadcast-and-order.ts';
import { OrderMeter } from '../order-meter.ts';
import {
  ALL_BUT_CRASHES,
  allOrders,
  members,
  ORDER_PARAMETERS,
  orderScene,
  RELIABLE_DRAW,
} from '../order-scene.ts';
import { exact, isCalm, latencyOfSender } from '../predict.ts';
import { delaysInHops, HUB_OCTETS, MESSAGES_OVER_MEMBERS } from '../sweeps.ts';

export const BROADCAST_AND_ORDER: Experiment = defineExperiment({
  id: 'B7',
  title: 'Broadcast, then the order',
  quote: 'choose one of the node to number',
  question: 'Must the messages themselves go through the node that numbers them?',
  explanation:
    'The sender sends its message to everybody at once, and node 0 sends everybody its ' +
    'number: 2 (n − 1) messages, two hops. Nearly twice as many as with a chosen node that ' +
    'passes the messages on, but the message crosses each link once; the order is 11 octets.',
  lookFor: [
    'Messages wait in the hold-back queue for their number: holdback.time is one hop.',
    'octets.perBroadcast with --payload 1200, beside B4.',
  ],
  parameters: ORDER_PARAMETERS,
  mutants: { 'no-holdback': 'delivers what has any number: total order' },
  scene: (values, { mutant }) =>
    orderScene(
      values,
      members(
        values.nodes,
        (context) => new BroadcastAndOrder(context, mutant as BroadcastAndOrderMutant),
        ['sequencer'],
      ),
    ),
  meter: () => new OrderMeter({ hub: 0 }),
  predict: (values) => {
    const { nodes, delay, payload, links } = values;
    const octets = (nodes - 1) * (payload + 5 + 11);
    const isAway = isCalm(values) && values.senders < nodes && nodes > 2;
    return [
      exact('msgs.perBroadcast', 2 * (nodes - 1), '2 (n − 1)'),
      ...(links === 'plain' ? [exact('octets.perBroadcast', octets, '(n − 1) (L + 5 + 11)')] : []),
      ...(isAway
        ? [
            latencyOfSender(2, values),
            exact('lat.others.min', delay, 'δ'),
            exact('lat.others.max', 2 * delay, '2 δ'),
            exact('holdback.time', delay, 'δ'),
          ]
        : []),
    ];
  },
  checkers: (values) => allOrders(values),
  plots: { sweeps: [HUB_OCTETS, MESSAGES_OVER_MEMBERS], run: delaysInHops },
  claims: { survives: ALL_BUT_CRASHES, draw: RELIABLE_DRAW },
});
