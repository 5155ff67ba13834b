/** B8: the right to number goes around. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
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
import { TokenRing, type TokenRingMutant } from '../token-ring.ts';
import { delaysInHops } from '../sweeps.ts';

const MS = 1_000_000;

const parameters = {
  ...ORDER_PARAMETERS,
  patience: { kind: 'duration', default: '500ms', min: '1ms', help: 'without the token, R' },
  lost: { kind: 'duration', default: '0ms', help: 'the next token to node 0 is lost; 0: none' },
} as const;
type Values = ValuesOf<typeof parameters>;

const AROUND = ['token', 'search', 'answer'];

export const TOKEN_RING: Experiment = defineExperiment({
  id: 'B8',
  title: 'A token ring',
  quote: 'choose one of the node to number',
  question: 'Must it always be the same node that numbers?',
  explanation:
    'A token goes around, one hop after the other, and carries the next number; whoever has ' +
    'it numbers its own messages and sends them: n − 1 messages, all nodes share the work, ' +
    'and nobody is asked. A message waits for the token first, n δ/2 on average and n δ at ' +
    'most, and the token travels when nobody has anything to send. When it is lost nobody may ' +
    'number, until somebody has waited for R, asked everybody, and made a new one.',
  lookFor: [
    'lat.sender.max is the wait for the token; to the others it is one hop more.',
    'sent.token grows with time, not with messages.',
    'With --lost 700ms: gap.max, and who makes the new token.',
  ],
  parameters,
  mutants: {
    'token-duplicated': 'makes a new token without asking for the old one: total order',
    'old-token-taken': 'takes a token that was given up: total order',
  },
  scene: (values, { mutant }) => {
    const { nodes, patience, lost } = values;
    const options = { patienceNs: patience, mutant: mutant as TokenRingMutant };
    const scene = orderScene(
      values,
      members(nodes, (context) => new TokenRing(context, options)),
    );
    const untilNs = scene.untilNs + 3 * patience;
    if (lost === 0) return { ...scene, untilNs };
    const to = { from: nodes - 1, to: 0, nth: 1 };
    return { ...scene, untilNs, faults: [{ kind: 'drop', atNs: lost, ...to }] };
  },
  meter: () => new OrderMeter({ background: AROUND }),
  predict: (values) => {
    if (values.lost > 0) return predictLoss(values);
    return [exact('msgs.perBroadcast', values.nodes - 1, 'n − 1'), ...predictLatency(values)];
  },
  checkers: (values) => allOrders(values),
  plots: { run: delaysInHops },
  claims: {
    survives: ALL_BUT_CRASHES,
    // Long enough for tokens to be given up while messages still come.
    draw: {
      ...RELIABLE_DRAW,
      messages: [10],
      interval: [30 * MS],
      patience: [150 * MS, 300 * MS],
    },
  },
});

/** The token begins at node 0, and is at node i after i, i + n, i + 2n… hops. */
function predictLatency(values: Values): readonly Prediction[] {
  const { nodes, delay, messages, interval, senders, patience } = values;
  if (!isCalm(values) || senders > 1 || delay === 0 || patience <= nodes * delay) return [];
  const round = nodes * delay;
  const waits = Array.from({ length: messages }, (_, message) => {
    const sinceToken = (message * interval - delay) % round;
    return sinceToken <= 0 ? -sinceToken : round - sinceToken;
  });
  const longest = Math.max(...waits);
  const mean = waits.reduce((sum, wait) => sum + wait, 0) / messages;
  return [
    exact('lat.sender.max', longest, 'wait for the token, below n δ'),
    exact('lat.others.max', longest + delay, 'wait + δ'),
    exact('lat.mean', mean + ((nodes - 1) / nodes) * delay, 'mean wait + δ (n − 1)/n'),
  ];
}

/**
 * Node 0 had the token last when it passed it on, a round before the one that is lost would have
 * come; R later it asks, and two hops later it has the answers. Then the token is at node 1 after
 * one hop more.
 */
function predictLoss(values: Values): readonly Prediction[] {
  const { nodes, delay, messages, interval, senders, patience, lost } = values;
  const round = nodes * delay;
  const isSimple = isCalm(values) && senders === 1 && nodes > 2 && interval <= round;
  const isUnderLoad = messages * interval > lost + patience + 2 * round;
  // Node 1 must not lose its patience while node 0 is asking.
  if (!isSimple || !isUnderLoad || patience / nodes < 2 * delay || patience <= round) return [];
  const formula = 'R + 2 δ, instead of n δ';
  return [exact('gap.max', patience + 2 * delay, formula)];
}
