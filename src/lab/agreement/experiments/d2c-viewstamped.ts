/** D2c: Viewstamped Replication. The protocol of B9, under the divisions of D2. */

import { causalOrder, fifoOrder, realTimeOrder, totalOrder } from '../../checkers/order.ts';
import { integrity, uniformAgreement, validity } from '../../checkers/order-agreement.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import { OrderMeter } from '../../order/order-meter.ts';
import { ALL_BUT_CRASHES, members, ORDER_PARAMETERS, orderScene } from '../../order/order-scene.ts';
import { exact, isCalm } from '../../order/predict.ts';
import { ReplicatedLog } from '../../order/replicated-log.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import { CUT_PARAMETERS, cutFaults } from '../cuts.ts';

const parameters = {
  ...ORDER_PARAMETERS,
  heartbeat: { kind: 'duration', default: '50ms', min: '1ms', help: 'of the leader, H' },
  timeout: {
    kind: 'duration',
    default: '300ms',
    min: '1ms',
    max: '4s',
    help: 'silence of the leader, D to 2 D',
  },
  ...CUT_PARAMETERS,
} as const;
type Values = ValuesOf<typeof parameters>;

export const VIEWSTAMPED: Experiment = defineExperiment({
  id: 'D2c',
  title: 'Viewstamped Replication',
  quote: 'n nodes: the same order everywhere, also when nodes and links fail',
  question: 'Raft votes for its leader. What if it is known in advance who leads next?',
  explanation:
    'The leader of view v is node v mod n. Who hears nothing moves to the next view and sends ' +
    'its log to the leader of that; with the logs of a majority, it takes the one of the latest ' +
    'view, and the longest of these, and starts the view with it. Where Raft votes only for ' +
    'somebody whose log is good, here anybody may lead, and gets the good log. Entries cost the ' +
    'same: a majority has to have them. It is the protocol of B9 (which has its mutants).',
  lookFor: [
    'msgs.perBroadcast and sent.commit beside D2.',
    'With --cut 1500ms --outage 2s --senders 5 --interval 20ms --messages 100: gap.median beside ' +
      'D2.',
    'With --sides bridge: views change as long as it lasts.',
  ],
  parameters,
  mutants: {},
  scene: (values) => {
    const { nodes, heartbeat: heartbeatNs, timeout: timeoutNs } = values;
    const kinds = members(nodes, (context) => {
      return new ReplicatedLog(context, { heartbeatNs, timeoutNs });
    });
    const scene = orderScene(values, kinds);
    const untilNs = scene.untilNs + 10 * timeoutNs + values.cut + values.outage;
    return { ...scene, untilNs, faults: cutFaults(values) };
  },
  meter: () => new OrderMeter({ background: ['commit', 'heartbeat', 'again', 'change'] }),
  predict: (values: Values) => {
    const { nodes, cut, links, senders, heartbeat, timeout, delay } = values;
    const isPatient = heartbeat > 4 * delay && timeout > heartbeat + 2 * delay;
    if (!isCalm(values) || !isPatient || cut > 0 || links !== 'plain' || senders >= nodes)
      return [];
    return [
      exact('msgs.perBroadcast', 2 * nodes - 1, '1 + 2 (n − 1)'),
      exact('lat.sender.max', 4 * delay, '4 δ'),
    ];
  },
  checkers: ({ nodes }) => [
    ...[totalOrder(), integrity(), fifoOrder(), causalOrder(), realTimeOrder()],
    ...[validity(), uniformAgreement(nodes)],
  ],
  claims: {
    survives: [...ALL_BUT_CRASHES, 'crash'],
    draw: {
      nodes: [3, 5],
      senders: [2, 3],
      messages: [10],
      interval: [30 * NS_PER_MS],
      jitter: [0, 5 * NS_PER_MS],
      loss: [0, 0.1],
      timeout: [60 * NS_PER_MS, 150 * NS_PER_MS],
      cut: [0, 200 * NS_PER_MS],
      outage: [500 * NS_PER_MS],
      sides: ['halves', 'one', 'bridge', 'one-way', 'flapping'],
    },
    maxDown: ({ nodes }) => Math.ceil(nodes / 2) - 1,
  },
});
