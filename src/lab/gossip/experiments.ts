/** B10: gossip, without any order, over networks of different shapes. */

import { noCreation } from '../checkers/delivery.ts';
import { integrity, uniformAgreement, validity } from '../checkers/order-agreement.ts';
import { type Command, defineExperiment, type Experiment } from '../experiment/experiment.ts';
import type { ValuesOf } from '../experiment/parameters.ts';
import type { Prediction } from '../experiment/prediction.ts';
import { OrderMeter } from '../order/order-meter.ts';
import { ALL_BUT_CRASHES } from '../order/order-scene.ts';
import { onReliableLinks } from '../order/reliable-links.ts';
import { makePayload } from '../process/payload.ts';
import type { NodeId } from '../process/process.ts';
import { Flood, type FloodMutant } from './flood.ts';
import { distancesFrom, neighboursOf, TOPOLOGIES } from './topology.ts';
import { NS_PER_MS } from '../../sim/units.ts';

const parameters = {
  nodes: { kind: 'count', default: 25, min: 2, max: 200, help: 'n' },
  topology: { kind: 'choice', choices: TOPOLOGIES, default: 'grid', help: 'who knows whom' },
  rounds: { kind: 'count', default: 1, min: 1, max: 1000, help: 'messages of each node' },
  interval: { kind: 'duration', default: '1s', help: 'between two messages' },
  delay: { kind: 'duration', default: '10ms', help: 'of a hop, δ' },
  jitter: { kind: 'duration', default: '0ms', help: 'added to a hop, uniform from 0 to this' },
  loss: { kind: 'fraction', default: 0, help: 'chance of a datagram to be lost' },
  reliable: { kind: 'flag', default: false, help: 'links that acknowledge and send again' },
  dead: { kind: 'flag', default: false, help: 'the node in the middle is down' },
} as const;
type Values = ValuesOf<typeof parameters>;

const gossip = defineExperiment({
  id: 'B10',
  title: 'Gossip',
  quote: 'reduce # of messages',
  question: 'Nobody knows everybody. How many messages does it take, and how long?',
  explanation:
    'Whoever hears a message for the first time tells its neighbours, but not the one it ' +
    'heard it from. On a network with E links that is 2 E − (n − 1) messages: n − 1 where ' +
    'there are no circles, as on a line or a tree, more on a grid. The last one hears it ' +
    'after as many hops as the network is wide. A tree is as cheap as a line and as quick as ' +
    'a grid; but only where there are circles does one dead node not cut the network in two.',
  lookFor: [
    'Line, grid and tree with 25 nodes: 24, 56, 24 messages; 240, 80, 50 ms.',
    'With --dead: how many messages are delivered, on a grid and on a line.',
  ],
  parameters,
  mutants: {
    'delivers-doubles': 'delivers every copy that comes: integrity',
    'skips-a-neighbour': 'tells three neighbours at most: uniform agreement',
  },
  scene: (values, { mutant }) => {
    const { nodes, topology, delay, jitter, loss, rounds, interval, reliable } = values;
    const neighbours = neighboursOf(topology, nodes);
    const plans = neighbours.map((known, node) => {
      const create = (context: ConstructorParameters<typeof Flood>[0]): Flood =>
        new Flood(context, known, mutant as FloodMutant);
      const resendNs = 3 * (delay + jitter) + NS_PER_MS;
      const options = { resendNs, isFifo: false };
      return {
        name: `node ${node}`,
        create: reliable ? onReliableLinks(create, options) : create,
      };
    });
    const settleNs = (nodes + 40) * (delay + jitter) + 500 * NS_PER_MS;
    return {
      nodes: plans,
      link: { delayMs: delay / NS_PER_MS, jitterMs: jitter / NS_PER_MS, loss },
      workload: inTurn(values),
      untilNs: rounds * nodes * interval + settleNs,
      faults: values.dead ? [{ kind: 'crash', atNs: 0, node: middleOf(values) }] : [],
    };
  },
  meter: () => new OrderMeter(),
  predict: (values) => (values.loss > 0 && !values.reliable ? [] : predictFlood(values)),
  checkers: (values) => [
    noCreation(),
    integrity(),
    ...(values.loss === 0 || values.reliable ? [validity()] : []),
    ...((values.loss === 0 || values.reliable) && isWhole(values)
      ? [uniformAgreement(values.nodes)]
      : []),
  ],
  claims: {
    survives: ALL_BUT_CRASHES,
    draw: {
      reliable: [true],
      nodes: [4, 9, 13],
      topology: TOPOLOGIES,
      interval: [5 * NS_PER_MS, 30 * NS_PER_MS],
      jitter: [0, 5 * NS_PER_MS, 40 * NS_PER_MS],
      loss: [0, 0.1],
    },
  },
});

export const GOSSIP_EXPERIMENTS: readonly Experiment[] = [gossip];

/** One message after the other, each from the next node. */
function* inTurn({ rounds, nodes, interval }: Values): Generator<Command> {
  for (let message = 0; message < rounds * nodes; message += 1) {
    yield { atNs: message * interval, node: message % nodes, payload: makePayload(message) };
  }
}

function middleOf({ nodes }: Values): NodeId {
  return Math.floor(nodes / 2);
}

/** The network of those who live: a dead node is nobody's neighbour. */
function livingNeighbours(values: Values): readonly (readonly NodeId[])[] {
  const all = neighboursOf(values.topology, values.nodes);
  if (!values.dead) return all;
  const dead = middleOf(values);
  return all.map((known, node) => (node === dead ? [] : known.filter((one) => one !== dead)));
}

/** By living origin, the hops to all whom it reaches. */
function reaches(values: Values): readonly (readonly number[])[] {
  const neighbours = livingNeighbours(values);
  return neighbours
    .map((_, node) => distancesFrom(node, neighbours).filter((hops) => hops !== undefined))
    .filter((_, node) => !values.dead || node !== middleOf(values));
}

function isWhole(values: Values): boolean {
  const reached = reaches(values);
  return reached.every((hops) => hops.length === reached.length);
}

function predictFlood(values: Values): readonly Prediction[] {
  const { nodes, topology, rounds, delay, jitter, dead } = values;
  const exact = (metric: string, value: number, formula: string): Prediction => {
    return { metric, kind: 'exact', value, formula };
  };
  const reached = reaches(values);
  const delivered = rounds * reached.reduce((sum, hops) => sum + hops.length, 0);
  const links = neighboursOf(topology, nodes).flat().length / 2;
  const width = Math.max(...reached.flat());
  return [
    exact('delivered', delivered, 'Σ of reached nodes'),
    ...(dead ? [] : [exact('msgs.perBroadcast', 2 * links - (nodes - 1), '2 E − (n − 1)')]),
    ...(jitter === 0 && values.loss === 0
      ? [exact('lat.others.max', width * delay, 'δ × longest shortest way')]
      : []),
  ];
}
