/** B2: Lamport's timestamps, with acknowledgements or with heartbeats. */

import { totalOrder } from '../../checkers/order.ts';
import { integrity } from '../../checkers/order-agreement.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { Lamport, type LamportMutant } from '../lamport.ts';
import { OrderMeter } from '../order-meter.ts';
import {
  ALL_BUT_CRASHES,
  allOrders,
  isFifo,
  members,
  ORDER_PARAMETERS,
  orderScene,
  RELIABLE_DRAW,
} from '../order-scene.ts';
import { atMost, exact, isCalm, latencyOfOthers, latencyOfSender } from '../predict.ts';
import { delaysInHops, MESSAGES_OVER_MEMBERS } from '../sweeps.ts';

const MS = 1_000_000;

const parameters = {
  ...ORDER_PARAMETERS,
  heartbeat: {
    kind: 'duration',
    default: '0ms',
    help: 'between heartbeats, H; 0: acknowledgements instead',
  },
  crash: { kind: 'duration', default: '0ms', help: 'the last node stops then; 0: never' },
} as const;
type Values = ValuesOf<typeof parameters>;

export const LAMPORT: Experiment = defineExperiment({
  id: 'B2',
  title: 'Lamport timestamps',
  quote: 'chronologically (time stamp)',
  question: 'Can timestamps give one order without any wall clock?',
  explanation:
    'Clocks count events: a node that hears a larger clock goes past it. A message waits ' +
    'until everybody has been heard with a larger clock, because then nothing can come before ' +
    'it. So everybody acknowledges to everybody: (n − 1) + (n − 1)² = n (n − 1) messages, two ' +
    'hops. Nobody decides, and everybody is needed: one crash stops all delivery. With ' +
    'heartbeats every H instead of acknowledgements a broadcast costs n − 1 messages, and ' +
    'waits up to H longer.',
  lookFor: [
    'All deliver after two hops, the sender as well.',
    'With --crash 250ms the deliveries end there, and no node does anything wrong.',
    'With --jitter 20ms and plain links an acknowledgement overtakes a message: two orders.',
  ],
  parameters,
  mutants: {
    'ack-missing-one': 'delivers when one node has not been heard yet: total order',
    'no-tie-break': 'equal clocks are delivered as they came: total order',
  },
  scene: (values, { mutant }) => {
    const { nodes, heartbeat, crash } = values;
    const options = { heartbeatNs: heartbeat, mutant: mutant as LamportMutant };
    const scene = orderScene(
      values,
      members(nodes, (context) => new Lamport(context, options)),
    );
    return crash === 0
      ? scene
      : { ...scene, faults: [{ kind: 'crash', atNs: crash, node: nodes - 1 }] };
  },
  meter: () => new OrderMeter({ background: ['heartbeat'] }),
  predict: (values) => (values.crash > 0 ? predictCrash(values) : predictWhole(values)),
  checkers: (values) => {
    if (!isFifo(values)) return [integrity()];
    return values.crash > 0 ? [integrity(), totalOrder()] : allOrders(values);
  },
  plots: { sweeps: [MESSAGES_OVER_MEMBERS], run: delaysInHops },
  claims: {
    survives: ALL_BUT_CRASHES,
    draw: { ...RELIABLE_DRAW, links: ['fifo'], heartbeat: [0, 50 * MS] },
  },
});

function predictWhole(values: Values): readonly Prediction[] {
  const { nodes, heartbeat, delay, senders } = values;
  if (heartbeat > 0) {
    const bound = atMost('lat.others.max', 2 * delay + heartbeat, '2 δ + H');
    return [exact('msgs.perBroadcast', nodes - 1, 'n − 1'), ...(isCalm(values) ? [bound] : [])];
  }
  const isAlone = isCalm(values) && senders === 1 && values.interval > 2 * delay && nodes > 2;
  return [
    exact('msgs.perBroadcast', nodes * (nodes - 1), 'n (n − 1)'),
    ...(isAlone ? [latencyOfSender(2, values), ...latencyOfOthers(2, values)] : []),
  ];
}

/** A message is delivered when the last acknowledgement of the node that stops was on its way. */
function predictCrash(values: Values): readonly Prediction[] {
  const { nodes, heartbeat, delay, senders, messages, interval, crash } = values;
  if (heartbeat > 0 || senders !== 1 || !isCalm(values) || nodes < 3 || interval <= 2 * delay) {
    return [];
  }
  const sentBefore = (ns: number): number =>
    Math.min(messages, Math.max(0, Math.ceil(ns / interval)));
  const delivered = sentBefore(crash - delay) * (nodes - 1) + sentBefore(crash - 2 * delay);
  const formula = '(n − 1) × acknowledged by all + 1 × delivered by the last node';
  return [exact('delivered', delivered, formula)];
}
