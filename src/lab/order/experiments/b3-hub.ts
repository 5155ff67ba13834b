/** B3: one central hub, which is no member, numbers everything. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import type { Context } from '../../process/process.ts';
import { predictQueue, serviceNs, WORK_PARAMETERS } from '../busy-node.ts';
import { FixedSequencer, type SequencerMutant } from '../fixed-sequencer.ts';
import { OrderMeter } from '../order-meter.ts';
import {
  ALL_BUT_CRASHES,
  allOrders,
  members,
  ORDER_PARAMETERS,
  orderScene,
  type OrderValues,
  RELIABLE_DRAW,
} from '../order-scene.ts';
import { exact, isCalm, latencyOfOthers, latencyOfSender } from '../predict.ts';
import { SEQUENCER_MUTANTS } from './b4-chosen-node.ts';
import { delaysInHops, HUB_OCTETS, HUB_SATURATION, MESSAGES_OVER_MEMBERS } from '../sweeps.ts';

const parameters = { ...ORDER_PARAMETERS, ...WORK_PARAMETERS } as const;

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
    'With --copy 1ms --interval 10ms and --nodes 5, 10, 20: throughput, when n s1 > interval.',
  ],
  parameters,
  mutants: SEQUENCER_MUTANTS,
  scene: (values, { mutant }) => {
    const options = {
      members: values.nodes,
      sequencer: values.nodes,
      patienceNs: values.delay,
      mutant: mutant as SequencerMutant,
    };
    const create = (context: Context): FixedSequencer => new FixedSequencer(context, options);
    const hub = { name: 'hub', create, serviceNs: serviceNs(values, values.nodes) };
    return orderScene(values, [...members(values.nodes, create), hub]);
  },
  meter: ({ nodes }) => new OrderMeter({ hub: nodes }),
  predict: (values) => {
    const { nodes, payload, links } = values;
    const busyNs = serviceNs(values, nodes);
    const hubOctets = payload + 1 + nodes * (payload + 7);
    return [
      exact('msgs.perBroadcast', 1 + nodes, '1 + n'),
      exact('hub.share', 1, '1'),
      ...(links === 'plain'
        ? [exact('hub.octets.perBroadcast', hubOctets, 'L + 1 + n (L + 7)')]
        : []),
      ...(isCalm(values) ? predictTimes(values, busyNs) : []),
    ];
  },
  checkers: (values) => allOrders(values),
  plots: { sweeps: [HUB_OCTETS, MESSAGES_OVER_MEMBERS, HUB_SATURATION], run: delaysInHops },
  claims: { survives: ALL_BUT_CRASHES, draw: RELIABLE_DRAW },
});

function predictTimes(values: OrderValues, busyNs: number): readonly Prediction[] {
  if (busyNs > 0) return predictQueue(values, { busyNs, hops: 2, formula: 's0 + n s1' });
  return [latencyOfSender(2, values), ...latencyOfOthers(2, values)];
}
