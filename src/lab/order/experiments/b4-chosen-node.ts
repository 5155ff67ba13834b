/** B4: one of the members, node 0, numbers everything. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import { FixedSequencer, type SequencerMutant } from '../fixed-sequencer.ts';
import { OrderMeter } from '../order-meter.ts';
import {
  ALL_BUT_CRASHES,
  allOrders,
  members,
  ORDER_PARAMETERS,
  orderScene,
  RELIABLE_DRAW,
} from '../order-scene.ts';
import { exact, isCalm, latencyOfSender, shareOfNodeZero } from '../predict.ts';

export const SEQUENCER_MUTANTS: Readonly<Record<SequencerMutant, string>> = {
  'no-holdback': 'delivers on arrival, whatever the number: total order',
  'skip-number-on-timeout': 'gives a number up that is late by a hop: total order, agreement',
};

export const CHOSEN_NODE: Experiment = defineExperiment({
  id: 'B4',
  title: 'A chosen node that numbers',
  quote: 'choose one of the node to number',
  question: 'What is saved when the hub is one of the members?',
  explanation:
    'As with the hub, but node 0 numbers and is a member itself, so it needs no copy: n ' +
    'messages a broadcast, two hops for everybody but node 0, who knows after one. It works ' +
    'harder than the others, and when it crashes, everything stops.',
  lookFor: [
    'Node 0 delivers a hop before everybody else.',
    'With --senders of all nodes, broadcasts of node 0 itself cost one message less.',
  ],
  parameters: ORDER_PARAMETERS,
  mutants: SEQUENCER_MUTANTS,
  scene: (values, { mutant }) => {
    const options = {
      members: values.nodes,
      sequencer: 0,
      patienceNs: values.delay,
      mutant: mutant as SequencerMutant,
    };
    const create = members(values.nodes, (context) => new FixedSequencer(context, options), [
      'sequencer',
    ]);
    return orderScene(values, create);
  },
  meter: () => new OrderMeter({ hub: 0 }),
  predict: (values) => {
    const { nodes, delay } = values;
    const own = shareOfNodeZero(values);
    return [
      exact('msgs.perBroadcast', nodes - own, own === 0 ? 'n' : 'n − 1/n'),
      exact('hub.share', 1, '1'),
      ...(isCalm(values)
        ? [
            latencyOfSender(2, values),
            exact('lat.others.min', delay, 'δ'),
            ...(nodes > 2 ? [exact('lat.others.max', 2 * delay, '2 δ')] : []),
          ]
        : []),
    ];
  },
  checkers: (values) => allOrders(values),
  claims: { survives: ALL_BUT_CRASHES, draw: RELIABLE_DRAW },
});
