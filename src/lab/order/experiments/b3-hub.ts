/** B3: one central hub, which is no member, numbers everything. */

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
import { exact, isCalm, latencyOfOthers, latencyOfSender } from '../predict.ts';
import { SEQUENCER_MUTANTS } from './b4-chosen-node.ts';

export const HUB: Experiment = defineExperiment({
  id: 'B3',
  title: 'A central hub that numbers',
  quote: 'one central hub (new) that numbers',
  question: 'What does it cost to let one machine decide, and who pays?',
  explanation:
    'A sender sends its message to the hub; the hub gives it the next number and sends it to ' +
    'all n members, who deliver in the order of the numbers: 1 + n messages, two hops. All ' +
    'octets go through the hub, n copies of each message, and when it stops, everything ' +
    'stops.',
  lookFor: [
    'hub.share is 1: no message that does not begin or end at the hub.',
    'The sender gets its own message back after two hops, not before everybody else.',
  ],
  parameters: ORDER_PARAMETERS,
  mutants: SEQUENCER_MUTANTS,
  scene: (values, { mutant }) => {
    const options = {
      members: values.nodes,
      sequencer: values.nodes,
      patienceNs: values.delay,
      mutant: mutant as SequencerMutant,
    };
    const names = [...Array.from({ length: values.nodes }, (_, node) => `member ${node}`), 'hub'];
    const create = members(
      values.nodes + 1,
      (context) => new FixedSequencer(context, options),
      names,
    );
    return orderScene(values, create);
  },
  meter: ({ nodes }) => new OrderMeter({ hub: nodes }),
  predict: (values) => {
    const { nodes, payload, links } = values;
    const hubOctets = payload + 1 + nodes * (payload + 7);
    return [
      exact('msgs.perBroadcast', 1 + nodes, '1 + n'),
      exact('hub.share', 1, '1'),
      ...(links === 'plain'
        ? [exact('hub.octets.perBroadcast', hubOctets, 'L + 1 + n (L + 7)')]
        : []),
      ...(isCalm(values) ? [latencyOfSender(2, values), ...latencyOfOthers(2, values)] : []),
    ];
  },
  checkers: (values) => allOrders(values),
  claims: { survives: ALL_BUT_CRASHES, draw: RELIABLE_DRAW },
});
