/** B6b: a number server that leases blocks of numbers. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { Context } from '../../process/process.ts';
import { BlockClient, BlockServer, type LeasedBlocksMutant } from '../leased-blocks.ts';
import { OrderMeter } from '../order-meter.ts';
import {
  ALL_BUT_CRASHES,
  allOrders,
  members,
  ORDER_PARAMETERS,
  orderScene,
  RELIABLE_DRAW,
} from '../order-scene.ts';
import { exact, isCalm } from '../predict.ts';

const MS = 1_000_000;

const parameters = {
  ...ORDER_PARAMETERS,
  block: { kind: 'count', default: 10, min: 1, max: 1000, help: 'numbers of a block, k' },
  idle: { kind: 'duration', default: '500ms', help: 'until the rest is released; 0: never' },
} as const;

export const LEASED_BLOCKS: Experiment = defineExperiment({
  id: 'B6b',
  title: 'A number server that leases blocks',
  quote: 'number server: response the number only … problem: slow',
  question: 'Would it be fast if a sender took ten numbers at a time?',
  explanation:
    'The server leases blocks of k numbers. A sender with numbers in hand is its own ' +
    'sequencer: 2/k + (n − 1) messages, one hop. But the order is that of the blocks, not ' +
    'that of sending: with two senders, the messages of the younger block wait until the ' +
    'older one is used up, or until its holder, idle for a while, releases the rest.',
  lookFor: [
    'lat.others.min is one hop, as without any order; lat.others.max is the first of a block.',
    'With --senders 2: order.againstTime, messages that were sent later and are delivered first.',
  ],
  parameters,
  mutants: {
    'uses-released': 'goes on with the numbers that it has released: uniform agreement, validity',
    'overlapping-blocks': 'the server counts one short: total order',
  },
  scene: (values, { mutant }) => {
    const { nodes, block, idle } = values;
    const options = {
      members: nodes,
      blockSize: block,
      idleNs: idle,
      mutant: mutant as LeasedBlocksMutant,
    };
    const server = {
      name: 'number server',
      create: (context: Context): BlockServer => new BlockServer(context, options),
    };
    const clients = members(nodes, (context) => new BlockClient(context, options));
    return orderScene(values, [...clients, server]);
  },
  meter: ({ nodes }) => new OrderMeter({ hub: nodes, background: ['release'] }),
  predict: (values) => {
    const { nodes, messages, block, interval, delay, senders, idle } = values;
    if (senders > 1 || !isCalm(values) || interval < 2 * delay) return [];
    if (idle > 0 && idle <= interval) return [];
    const asks = (2 * Math.ceil(messages / block)) / messages;
    const isInHand = block > 1 && messages > 1;
    return [
      exact('msgs.perBroadcast', asks + nodes - 1, '2/k + (n − 1)'),
      exact('lat.others.min', isInHand ? delay : 3 * delay, 'δ with numbers in hand'),
      exact('lat.others.max', 3 * delay, '3 δ, the first of a block'),
    ];
  },
  checkers: (values) => allOrders(values),
  claims: {
    survives: ALL_BUT_CRASHES,
    draw: { ...RELIABLE_DRAW, interval: [5 * MS, 60 * MS], block: [2, 5], idle: [40 * MS] },
  },
});
