/** B4: one of the members, node 0, numbers everything. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
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
  RELIABLE_DRAW,
} from '../order-scene.ts';
import { exact, isCalm, latencyOfSender, shareOfNodeZero } from '../predict.ts';
import { delaysInHops, HUB_OCTETS, HUB_SATURATION, MESSAGES_OVER_MEMBERS } from '../sweeps.ts';

export const SEQUENCER_MUTANTS: Readonly<Record<SequencerMutant, string>> = {
  'no-holdback': 'delivers on arrival, whatever the number: total order',
  'skip-number-on-timeout':
    'gives a number up that is late by a hop: total order, uniform agreement',
};

const parameters = { ...ORDER_PARAMETERS, ...WORK_PARAMETERS } as const;

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
  parameters,
  mutants: SEQUENCER_MUTANTS,
  scene: (values, { mutant }) => {
    const options = {
      members: values.nodes,
      sequencer: 0,
      patienceNs: values.delay,
      mutant: mutant as SequencerMutant,
    };
    const create = (context: Context): FixedSequencer => new FixedSequencer(context, options);
    const [first, ...rest] = members(values.nodes, create, ['sequencer']);
    const busyNs = serviceNs(values, values.nodes - 1);
    return orderScene(values, [...(first ? [{ ...first, serviceNs: busyNs }] : []), ...rest]);
  },
  meter: () => new OrderMeter({ hub: 0 }),
  predict: (values) => {
    const { nodes } = values;
    const own = shareOfNodeZero(values);
    return [
      exact('msgs.perBroadcast', nodes - own, own === 0 ? 'n' : 'n − 1/n'),
      exact('hub.share', 1, '1'),
      ...(isCalm(values) ? predictTimes(values) : []),
    ];
  },
  checkers: (values) => allOrders(values),
  plots: { sweeps: [HUB_OCTETS, MESSAGES_OVER_MEMBERS, HUB_SATURATION], run: delaysInHops },
  claims: { survives: ALL_BUT_CRASHES, draw: RELIABLE_DRAW },
});

function predictTimes(values: ValuesOf<typeof parameters>): readonly Prediction[] {
  const { nodes, delay } = values;
  const busyNs = serviceNs(values, nodes - 1);
  if (busyNs > 0) return predictQueue(values, { busyNs, hops: 2, formula: 's0 + (n − 1) s1' });
  return [
    latencyOfSender(2, values),
    exact('lat.others.min', delay, 'δ'),
    ...(nodes > 2 ? [exact('lat.others.max', 2 * delay, '2 δ')] : []),
  ];
}
