/** B9: a majority has it, so it is decided. */

import { causalOrder, fifoOrder, realTimeOrder, totalOrder } from '../../checkers/order.ts';
import { integrity, uniformAgreement, validity } from '../../checkers/order-agreement.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import type { Fault } from '../../run/fault.ts';
import { OrderMeter } from '../order-meter.ts';
import {
  ALL_BUT_CRASHES,
  members,
  ORDER_PARAMETERS,
  orderScene,
  RELIABLE_DRAW,
} from '../order-scene.ts';
import { atMost, exact, isCalm, latencyOfSender, shareOfNodeZero } from '../predict.ts';
import { ReplicatedLog, type ReplicatedLogMutant } from '../replicated-log.ts';
import { ServiceTimeline } from '../service-timeline.ts';
import { delaysInHops, MESSAGES_OVER_MEMBERS } from '../sweeps.ts';

const MS = 1_000_000;

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
  crash: { kind: 'duration', default: '0ms', help: 'nodes 0, 1… stop then; 0: never' },
  crashes: { kind: 'count', default: 1, min: 1, max: 100, help: 'how many of them' },
  cut: { kind: 'duration', default: '0ms', help: 'the last node is cut off then; 0: never' },
  outage: { kind: 'duration', default: '400ms', help: 'how long it is cut off' },
} as const;
type Values = ValuesOf<typeof parameters>;

const BACKGROUND = ['commit', 'heartbeat', 'again', 'change'];

export const REPLICATED_LOG: Experiment = defineExperiment({
  id: 'B9',
  title: 'A replicated log',
  quote: 'should have backup of the same order',
  question: 'How many must have the order before it cannot be lost any more?',
  explanation:
    'The leader puts a message into its log and sends it to all; when a majority has it, it ' +
    'is committed: whoever leads later has heard a majority, and two majorities share a node. ' +
    'That is 1 + 2 (n − 1) messages, and n − 1 more that say what is committed (they can ride ' +
    'on the next message); the leader delivers after three hops, the others after four. It is ' +
    'what one backup cannot do: go on when any minority has died, and never be two, because ' +
    'only one side of a partition has a majority.',
  lookFor: [
    'sent.commit apart from msgs.perBroadcast.',
    'With --crash 333ms --interval 20ms: gap.max, while the next leader is found.',
    'With --cut 333ms --interval 20ms --messages 100: gap.median, of those who are not cut off.',
    'With --crash 333ms --crashes 3: a majority of five is dead, and nothing goes on. Nor wrong.',
  ],
  parameters,
  mutants: {
    'minority-commit': 'commits with one node less than a majority: total order',
    'no-disk': 'forgets its log in a crash: total order',
    'first-log-wins': 'a new leader takes the log that came first, not the best: total order',
  },
  scene: (values, { mutant }) => {
    const { nodes, heartbeat, timeout } = values;
    const options = {
      heartbeatNs: heartbeat,
      timeoutNs: timeout,
      mutant: mutant as ReplicatedLogMutant,
    };
    const kinds = members(nodes, (context) => new ReplicatedLog(context, options), ['leader']);
    const scene = orderScene(values, kinds);
    return { ...scene, untilNs: scene.untilNs + 10 * timeout, faults: faultsOf(values) };
  },
  meter: () => new OrderMeter({ hub: 0, background: BACKGROUND }),
  predict: (values) => {
    if (values.cut > 0) return predictCut(values);
    return values.crash > 0 ? predictCrash(values) : predictWhole(values);
  },
  checkers: (values) => {
    const { nodes, crash, crashes } = values;
    const always = [totalOrder(), integrity(), fifoOrder(), causalOrder(), realTimeOrder()];
    const isMajorityAlive = crash === 0 || crashes <= minorityOf(nodes);
    return isMajorityAlive ? [...always, validity(), uniformAgreement(nodes)] : always;
  },
  plots: {
    sweeps: [MESSAGES_OVER_MEMBERS],
    run: (values) => [new ServiceTimeline(values.nodes), ...delaysInHops(values)],
  },
  claims: {
    survives: [...ALL_BUT_CRASHES, 'crash'],
    draw: {
      ...RELIABLE_DRAW,
      links: ['plain'],
      nodes: [3, 3, 4, 5, 5],
      // Everybody sends while leaders come and go, so that each has what others have not.
      senders: [2, 3, 5],
      messages: [10, 20],
      interval: [30 * MS],
      timeout: [60 * MS, 150 * MS, 300 * MS],
    },
    maxDown: ({ nodes }) => minorityOf(nodes),
  },
});

function minorityOf(nodes: number): number {
  return Math.ceil(nodes / 2) - 1;
}

function faultsOf({ crash, crashes, nodes, cut, outage }: Values): readonly Fault[] {
  const all = Array.from({ length: nodes }, (_, node) => node);
  const dying = crash > 0 ? all.slice(0, crashes) : [];
  const deaths = dying.map((node): Fault => ({ kind: 'crash', atNs: crash, node }));
  if (cut === 0) return deaths;
  const groups = [all.slice(0, -1), all.slice(-1)];
  const division: readonly Fault[] = [
    { kind: 'partition', atNs: cut, groups },
    { kind: 'heal', atNs: cut + outage },
  ];
  return [...deaths, ...division].toSorted((a, b) => a.atNs - b.atNs);
}

function predictWhole(values: Values): readonly Prediction[] {
  const { nodes, delay, heartbeat, timeout, messages, senders, links } = values;
  const isPatient = heartbeat > 4 * delay && timeout > heartbeat + 2 * delay;
  if (!isCalm(values) || !isPatient || links !== 'plain') return [];
  const own = shareOfNodeZero(values);
  const commits = messages * Math.min(senders, nodes) * (nodes - 1);
  return [
    exact('msgs.perBroadcast', 2 * nodes - 1 - own, own === 0 ? '1 + 2 (n − 1)' : '2 n − 1 − 1/n'),
    exact('sent.commit', commits, 'broadcasts × (n − 1)'),
    ...(own === 0 ? [latencyOfSender(4, values)] : []),
    ...(own === 0 ? [exact('lat.others.min', 3 * delay, '3 δ, the leader')] : []),
    ...(own === 0 && nodes > 2 ? [exact('lat.others.max', 4 * delay, '4 δ')] : []),
  ];
}

/** A majority goes on as if nothing had happened, while the one that is cut off waits. */
function predictCut(values: Values): readonly Prediction[] {
  const { nodes, cut, outage, timeout, interval, messages, senders, crash } = values;
  const isUnderLoad = interval <= cut && (messages - 1) * interval > cut + outage;
  // It must not begin a view of its own, which ends that of the others when it comes back.
  const isPatient = outage < timeout;
  const isSimple = isCalm(values) && senders === 1 && nodes > 2 && crash === 0;
  return isSimple && isUnderLoad && isPatient ? [exact('gap.median', interval, 'interval')] : [];
}

/**
 * The followers hear the last heartbeat after δ at the latest, and one of them stops waiting after
 * 2 D; its word, the logs, the new log and the acknowledgements take a hop each. A request waits
 * for a tick, and for another when its time had come just before the view began.
 */
function predictCrash(values: Values): readonly Prediction[] {
  const { nodes, delay, heartbeat, timeout, crashes, messages, interval, crash, senders } = values;
  const isUnderLoad = (messages - 1) * interval > crash + 4 * timeout && interval < timeout;
  const isSimple = isCalm(values) && senders === 1 && crashes === 1 && nodes > 2;
  if (!isSimple || !isUnderLoad || heartbeat < 4 * delay) return [];
  const bound = 2 * timeout + 2 * heartbeat + 10 * delay;
  return [atMost('gap.max', bound, '2 D + 2 H + 10 δ')];
}
