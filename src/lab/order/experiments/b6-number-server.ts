/** B6: a server that responds the number only. */

import { totalOrder } from '../../checkers/order.ts';
import { integrity } from '../../checkers/order-agreement.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import type { Context } from '../../process/process.ts';
import { predictQueue, serviceNs, WORK_PARAMETERS } from '../busy-node.ts';
import { NumberClient } from '../number-client.ts';
import type { NumberServerMutant } from '../number-messages.ts';
import { NumberServer } from '../number-server.ts';
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
import { delaysInHops, HUB_OCTETS, MESSAGES_OVER_MEMBERS } from '../sweeps.ts';

const parameters = {
  ...ORDER_PARAMETERS,
  ...WORK_PARAMETERS,
  crash: { kind: 'duration', default: '0ms', help: 'node 1 stops then; 0: never' },
  fill: { kind: 'duration', default: '0ms', help: 'a hole is waited for so long, F; 0: for ever' },
} as const;
type Values = ValuesOf<typeof parameters>;

const FILLING = ['missing', 'sought', 'found', 'refused', 'relay', 'void'];

export const NUMBER_SERVER: Experiment = defineExperiment({
  id: 'B6',
  title: 'A number server',
  quote: 'number server: response the number only … problem: slow',
  question: 'What is gained, and what lost, when the hub gives out numbers and nothing else?',
  explanation:
    'A sender asks the server for a number, gets it, and sends message and number to the ' +
    'others itself: 2 + (n − 1) = n + 1 messages, three hops to the others, two to the ' +
    'sender. Slow is half of the truth: it is one hop more than a hub, half as much again; ' +
    'but the server handles 6 octets a message instead of n copies of it. And it has a ' +
    'failure of its own: a sender that dies with a number in its hand leaves a hole, and ' +
    'everybody waits for it. After F of waiting the server asks everybody: who has it? who ' +
    'promises never to take it? When all have promised, or are silent like the dead, the ' +
    'number is void.',
  lookFor: [
    'hub.octets.perBroadcast beside that of B3.',
    'With --senders 2 --gap 1ms --crash 15ms --messages 1: node 1 dies with number 1 in its hand.',
    'The same with --fill 100ms: what was held is delivered.',
  ],
  parameters,
  mutants: {
    'no-holdback': 'delivers on arrival, whatever the number: total order',
    'skip-number-on-timeout': 'gives up a number that is late, without asking anybody: total order',
  },
  scene: (values, { mutant }) => {
    const { nodes, delay, crash, fill } = values;
    const options = {
      members: nodes,
      fillNs: fill,
      patienceNs: delay,
      mutant: mutant as NumberServerMutant,
    };
    const server = {
      name: 'number server',
      create: (context: Context): NumberServer => new NumberServer(context, options),
      serviceNs: serviceNs(values, 1),
    };
    const scene = orderScene(values, [
      ...members(nodes, (context) => new NumberClient(context, options)),
      server,
    ]);
    return crash === 0 ? scene : { ...scene, faults: [{ kind: 'crash', atNs: crash, node: 1 }] };
  },
  meter: ({ nodes }) => new OrderMeter({ hub: nodes, background: FILLING }),
  predict: (values) => (values.crash > 0 ? predictHole(values) : predictWhole(values)),
  checkers: (values) => (values.crash > 0 ? [totalOrder(), integrity()] : allOrders(values)),
  plots: { sweeps: [HUB_OCTETS, MESSAGES_OVER_MEMBERS], run: delaysInHops },
  claims: { survives: ALL_BUT_CRASHES, draw: RELIABLE_DRAW },
});

function predictWhole(values: Values): readonly Prediction[] {
  const { nodes, links } = values;
  return [
    exact('msgs.perBroadcast', nodes + 1, 'n + 1'),
    exact('hub.share', 2 / (nodes + 1), '2 / (n + 1)'),
    ...(links === 'plain' ? [exact('hub.octets.perBroadcast', 6, '1 + 5')] : []),
    ...(isCalm(values) ? predictTimes(values) : []),
  ];
}

function predictTimes(values: Values): readonly Prediction[] {
  const busyNs = serviceNs(values, 1);
  if (busyNs > 0) return predictQueue(values, { busyNs, hops: 2, formula: 's0 + s1' });
  // Of several senders one may hold a number while the one before is still under way.
  const sender = values.senders === 1 ? [latencyOfSender(2, values)] : [];
  return [...sender, ...latencyOfOthers(3, values)];
}

/**
 * Node 1 asks at 0 and dies before it hears the answer; node 2 asks at s, and holds its own message
 * from s + 2 δ on. It complains after F, the server asks everybody and waits F for node 1, and its
 * word is with all a hop later.
 */
function predictHole(values: Values): readonly Prediction[] {
  const { delay, crash, senders, messages, gap, fill, nodes } = values;
  const isOneHole = senders === 2 && messages === 1 && crash < 2 * delay && gap > 0;
  if (!isOneHole || !isCalm(values) || nodes < 3) return [];
  if (fill === 0) return [exact('delivered', 0, '0: everybody waits for number 1')];
  if (fill < 2 * delay) return [];
  return [
    exact('delivered', nodes - 1, 'n − 1'),
    exact('lat.sender.max', 4 * delay + 2 * fill, '4 δ + 2 F'),
    exact('holdback.time', delay + 2 * fill, 'δ + 2 F'),
  ];
}
