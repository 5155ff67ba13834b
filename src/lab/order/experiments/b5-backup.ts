/** B5: the node that numbers has a backup of the same order. */

import { totalOrder } from '../../checkers/order.ts';
import { integrity } from '../../checkers/order-agreement.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import type { Fault } from '../../run/fault.ts';
import { BackedUpSequencer, type BackupMutant } from '../backup.ts';
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
import { ServiceTimeline } from '../service-timeline.ts';
import { delaysInHops, MESSAGES_OVER_MEMBERS } from '../sweeps.ts';

const parameters = {
  ...ORDER_PARAMETERS,
  heartbeat: { kind: 'duration', default: '50ms', min: '1ms', help: 'of node 0 to the backup, H' },
  timeout: { kind: 'duration', default: '150ms', min: '1ms', help: 'silence means death, D' },
  crash: { kind: 'duration', default: '0ms', help: 'node 0 stops then; 0: never' },
  pause: { kind: 'duration', default: '0ms', help: 'node 0 stands still then; 0: never' },
  cut: { kind: 'duration', default: '0ms', help: 'the backup is cut off then; 0: never' },
  outage: { kind: 'duration', default: '400ms', help: 'how long it stands still, or is cut off' },
} as const;
type Values = ValuesOf<typeof parameters>;

const FAILOVER = ['heartbeat', 'takeover', 'join', 'catch-up'];

export const BACKUP: Experiment = defineExperiment({
  id: 'B5',
  title: 'A chosen node with a backup',
  quote: 'should have backup of the same order',
  question: 'The node that numbers dies. Does everybody go on in the same order?',
  explanation:
    'Node 0 numbers a message, gives it to the backup (the last node), and sends it to the ' +
    'others when the backup has it: n + 2 messages, four hops. When the backup does not hear ' +
    'node 0 for D it takes over with all that was ever sent, and the order goes on; in ' +
    'between nothing is delivered. Silence is no death: node 0 may only have been slow, and ' +
    'then two of them number. The epoch saves the order: a backup that has taken over ' +
    'acknowledges nothing more to node 0, and what is not acknowledged is sent to nobody.',
  lookFor: [
    'With --crash 333ms: gap.max, from the last delivery of node 0 to the first of the backup.',
    'With --pause 333ms: node 0 comes back, is refused, and steps down.',
    'With --cut 333ms --interval 20ms --messages 100 --links fifo: gap.median. B9 does better.',
    'With --pause 333ms --senders 5 --interval 20ms --mutant no-epoch: two of one number.',
  ],
  parameters,
  mutants: {
    'no-epoch': 'node 0 hears of no takeover, and the backup goes on acknowledging: total order',
    'no-backup-before-multicast': 'sends to all before the backup has it: total order',
  },
  scene: (values, { mutant }) => {
    const { nodes, heartbeat, timeout } = values;
    const options = {
      heartbeatNs: heartbeat,
      timeoutNs: timeout,
      mutant: mutant as BackupMutant,
    };
    const names = ['sequencer', ...Array.from({ length: nodes - 2 }, (_, i) => `member ${i + 1}`)];
    const kinds = members(nodes, (context) => new BackedUpSequencer(context, options), [
      ...names,
      'backup',
    ]);
    const scene = orderScene(values, kinds);
    return { ...scene, untilNs: scene.untilNs + 4 * timeout, faults: faultsOf(values) };
  },
  meter: () => new OrderMeter({ hub: 0, background: FAILOVER }),
  predict: (values) => {
    if (values.pause > 0) return [];
    if (values.cut > 0) return predictCut(values);
    return values.crash > 0 ? predictFailover(values) : predictWhole(values);
  },
  // A cut loses what plain links carry across it.
  checkers: (values) =>
    values.cut > 0 && values.links === 'plain' ? [totalOrder(), integrity()] : allOrders(values),
  plots: {
    sweeps: [MESSAGES_OVER_MEMBERS],
    run: (values) => [new ServiceTimeline(values.nodes), ...delaysInHops(values)],
  },
  claims: {
    survives: [...ALL_BUT_CRASHES, 'crash'],
    draw: RELIABLE_DRAW,
    mayFail: () => [0],
  },
});

function faultsOf({ nodes, crash, pause, cut, outage }: Values): readonly Fault[] {
  const all = Array.from({ length: nodes }, (_, node) => node);
  const groups = [all.slice(0, -1), all.slice(-1)];
  const faults: readonly (Fault | undefined)[] = [
    crash > 0 ? { kind: 'crash', atNs: crash, node: 0 } : undefined,
    pause > 0 ? { kind: 'pause', atNs: pause, node: 0 } : undefined,
    pause > 0 ? { kind: 'resume', atNs: pause + outage, node: 0 } : undefined,
    cut > 0 ? { kind: 'partition', atNs: cut, groups } : undefined,
    cut > 0 ? { kind: 'heal', atNs: cut + outage } : undefined,
  ];
  return faults.filter((fault) => fault !== undefined).toSorted((a, b) => a.atNs - b.atNs);
}

function predictWhole(values: Values): readonly Prediction[] {
  const { nodes, delay, heartbeat, timeout } = values;
  // A backup that is impatient takes over from a node 0 that is well.
  if (!isCalm(values) || timeout <= heartbeat + delay) return [];
  const own = shareOfNodeZero(values);
  return [
    exact('msgs.perBroadcast', nodes + 2 - own, own === 0 ? 'n + 2' : 'n + 2 − 1/n'),
    ...(own === 0 ? [latencyOfSender(4, values)] : []),
    ...(own === 0 && nodes > 2 ? [exact('lat.others.max', 4 * delay, '4 δ')] : []),
    ...(own === 0 ? [exact('lat.others.min', 3 * delay, '3 δ, node 0')] : []),
  ];
}

/** Nothing of node 0 is acknowledged, and nothing of the backup is heard: everybody waits. */
function predictCut(values: Values): readonly Prediction[] {
  const { cut, outage, delay, interval, messages, senders, links, crash } = values;
  const isUnderLoad = interval <= cut && (messages - 1) * interval > cut + outage;
  if (!isCalm(values) || senders > 1 || !isUnderLoad || links === 'plain' || crash > 0) return [];
  const value = outage - 2 * delay;
  return [{ metric: 'gap.median', kind: 'at least', value, formula: 'outage − 2 δ' }];
}

/**
 * The last heartbeat before the crash at C reaches the backup after δ; D later it takes over. What
 * it had and others had not is with them after one hop; if there was nothing, then after three: the
 * senders hear of it, send again, and are numbered.
 */
function predictFailover(values: Values): readonly Prediction[] {
  const { nodes, delay, heartbeat, timeout, crash, interval, messages, senders } = values;
  const isSimple = isCalm(values) && senders === 1 && nodes > 2 && timeout > heartbeat + delay;
  const takeover = (Math.ceil(crash / heartbeat) - 1) * heartbeat + delay + timeout;
  const isUnderLoad = (messages - 1) * interval > takeover && crash > interval + 3 * delay;
  if (!isSimple || !isUnderLoad) return [];
  const lastBefore = (ns: number): number => (Math.ceil(ns / interval) - 1) * interval;
  const told = lastBefore(crash - 3 * delay);
  const replicated = lastBefore(crash - delay);
  const hops = replicated > told ? 1 : 3;
  const firstAgain = takeover + hops * delay;
  return [
    exact('gap.max', firstAgain - (told + 4 * delay), 'last heartbeat + δ + D + 1 or 3 δ − last'),
    exact('delivered', messages * (nodes - 1) + told / interval + 1, 'all but of node 0'),
  ];
}
