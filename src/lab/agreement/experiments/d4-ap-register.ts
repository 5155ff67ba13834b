/** D4: a register that is always available, and what becomes of conflicts. */

import { replicaProperties } from '../../checkers/replicas.ts';
import { type Command, defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { AvailabilityMeter } from '../../meters/availability.ts';
import { StaleReadMeter } from '../../meters/stale-reads.ts';
import { together } from '../../meters/together.ts';
import { ALL_BUT_CRASHES } from '../../order/order-scene.ts';
import { atMost, exact } from '../../order/predict.ts';
import { makePayload } from '../../process/payload.ts';
import type { Context, NodeId } from '../../process/process.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { SidesTimeline } from '../../plot/sides-timeline.ts';
import { CUT_PARAMETERS, cutFaults, divisionOf } from '../cuts.ts';
import { ConflictTree } from '../replicas/conflict-tree.ts';
import { ReplicaMeter } from '../replicas/replica-meter.ts';
import { MERGES, type ReplicaMutant } from '../replicas/replica-options.ts';
import { Replica } from '../replicas/replica.ts';
import { isRegister } from '../replicas/types.ts';

const parameters = {
  merge: {
    kind: 'choice',
    choices: MERGES,
    default: 'lww-hlc',
    help: 'last writer wins by wall or hybrid clock; mvr: multi-value; or a type that merges',
  },
  nodes: { kind: 'count', default: 5, min: 2, max: 50, help: 'replicas, n' },
  writers: { kind: 'count', default: 2, min: 1, max: 50, help: 'users who write together, k' },
  rounds: { kind: 'count', default: 20, min: 1, max: 200, help: 'in which each of them writes' },
  interval: { kind: 'duration', default: '100ms', min: '1ms', help: 'between two rounds' },
  gap: { kind: 'duration', default: '0ms', help: 'between a writer of a round and the next, g' },
  reads: { kind: 'flag', default: true, help: 'everybody reads half an interval later' },
  resolve: { kind: 'flag', default: true, help: 'who reads several dates writes the latest' },
  push: { kind: 'flag', default: true, help: 'an update is sent to all at once' },
  period: { kind: 'duration', default: '50ms', min: '1ms', help: 'of anti-entropy, T' },
  skew: {
    kind: 'duration',
    default: '0ms',
    help: 'the last clock is ahead of the first by, ε; those between in proportion',
  },
  delay: { kind: 'duration', default: '10ms', help: 'of a hop, δ' },
  jitter: { kind: 'duration', default: '0ms', help: 'added to a hop, uniform from 0 to this' },
  loss: { kind: 'fraction', default: 0, help: 'chance of a datagram to be lost' },
  ...CUT_PARAMETERS,
} as const;
type Values = ValuesOf<typeof parameters>;

export const AP_REGISTER: Experiment = defineExperiment({
  id: 'D4',
  title: 'A date that everybody may always change',
  quote: 'AP: if no network: can change local time; if network: resolve conflict',
  question: 'Everybody may write at any time. What becomes of what they write at the same time?',
  explanation:
    'Every replica answers at once out of what it knows, and tells the others: each update when ' +
    'it is made (push), and now and then one of them is asked whether it knows more ' +
    '(anti-entropy). Whole states travel and are merged. The merge is commutative, associative ' +
    'and idempotent, so who knows the same shows the same. Of k writes that did not know of each ' +
    'other, the last writer’s wins: k − 1 are lost, silently, and by wall clocks also such as ' +
    'knew what they replaced. A multi-value register keeps all of them for a user to choose. A ' +
    'set, a counter, a text can be built so that nothing is in conflict: then nothing is lost.',
  lookFor: [
    'lostUpdates with --writers 5, and with --merge mvr or gset.',
    'With --cut 500ms: both sides write on, and agree soon after the network is whole again.',
    'With --gap 30ms nobody is in conflict. With --merge lww-wall --skew 200ms: lost all the same.',
    'With --push false: the same end, later; what is read meanwhile is stale.',
  ],
  parameters,
  mutants: {
    'skewed-clock': 'lww-hlc stamps by the wall clock alone: causality',
    'mine-wins':
      'a register keeps its own value when it hears another: strong eventual consistency',
    'forgets-others': 'mvr writes do not say what they knew: causality',
    sums: 'pncounter adds up what it merges: no update lost, strong eventual consistency',
    'no-tags': 'orset adds an element once and for all: no update lost',
    'no-tombstones': 'what is taken away is forgotten: causality',
    'no-order': 'text inserts where it is told, whoever else has: strong eventual consistency',
    'ack-before-persist': 'answers before it has written: no update lost',
    'no-anti-entropy': 'sends each update once, and never asks: convergence',
  },
  scene: (values, { mutant }) => {
    const { merge, nodes, period, push, resolve, skew, delay, jitter, loss } = values;
    const options = {
      ...{ merge, periodNs: period, pushes: push, resolves: resolve },
      mutant: mutant as ReplicaMutant | undefined,
    };
    const kind = { kind: 'uniform', maxMs: jitter / NS_PER_MS } as const;
    return {
      nodes: Array.from({ length: nodes }, (_, node) => ({
        name: `replica ${node}`,
        create: (context: Context) => new Replica(context, options),
        clock: { offsetNs: Math.round((skew * node) / Math.max(1, nodes - 1)) },
      })),
      link: { delayMs: delay / NS_PER_MS, loss, ...(jitter > 0 && { jitter: kind }) },
      workload: requests(values),
      faults: cutFaults(values),
      untilNs: endOf(values) + boundOf(values) + NS_PER_S,
    };
  },
  meter: (values) => {
    const division = divisionOf(values);
    return together(
      new AvailabilityMeter(division),
      ...(isRegister(values.merge) ? [new StaleReadMeter({ division })] : []),
      new ReplicaMeter(values.merge, values.nodes),
    );
  },
  predict,
  checkers: ({ merge, nodes }) => replicaProperties(merge, nodes),
  claims: {
    survives: [...ALL_BUT_CRASHES, 'crash', 'torn', 'step', 'drift'],
    draw: {
      merge: MERGES,
      nodes: [2, 3, 4],
      writers: [2, 3],
      rounds: [4, 8],
      interval: [7 * NS_PER_MS, 30 * NS_PER_MS],
      gap: [0, 3 * NS_PER_MS, 12 * NS_PER_MS],
      reads: [false, true],
      resolve: [false, true],
      push: [false, true],
      period: [30 * NS_PER_MS],
      skew: [0, 50 * NS_PER_MS],
      jitter: [0, 15 * NS_PER_MS],
      loss: [0, 0.2],
    },
    maxDown: ({ nodes }) => nodes,
    settle: '3s',
  },
  plots: {
    run: (values) => {
      const division = divisionOf(values);
      const fromNs = Math.max(0, values.cut - 2 * values.interval);
      return [
        ...(division ? [new SidesTimeline(division)] : []),
        ...(isRegister(values.merge) ? [new ConflictTree(values.nodes, fromNs)] : []),
      ];
    },
    sweeps: [
      {
        title: 'What the last writer wins',
        caption: 'Twenty rounds, in each of which k users write at the same time.',
        sweep: { merge: 'lww-hlc,mvr', writers: '1,2,3,4,5', reads: 'false' },
        x: { of: 'writers', label: 'users who write at the same time, k' },
        y: { of: 'lostUpdates', label: 'writes that are lost' },
        series: ['merge'],
      },
    ],
  },
});

/** Writer j of k. */
function writerOf(j: number, { nodes, writers }: Values): NodeId {
  return Math.floor((j * nodes) / Math.min(writers, nodes));
}

/** The writers one after the other; half an interval after the first everybody reads. */
function requests(values: Values): readonly Command[] {
  const { rounds, interval, nodes, reads, gap } = values;
  const writers = Math.min(values.writers, nodes);
  const commands: Command[] = [];
  for (let round = 0; round < rounds; round += 1) {
    for (let j = 0; j < writers; j += 1) {
      const message = 2 * commands.length;
      const label = { tag: 'write date', detail: message };
      const [atNs, node] = [round * interval + j * gap, writerOf(j, values)];
      commands.push({ atNs, node, payload: makePayload(message), label });
    }
    const atNs = round * interval + Math.floor(interval / 2);
    for (let node = 0; reads && node < nodes; node += 1) {
      const payload = makePayload(2 * commands.length + 1);
      commands.push({ atNs, node, payload, label: { tag: 'read date' } });
    }
  }
  return commands.toSorted((a, b) => a.atNs - b.atNs);
}

/** After the last round and the last fault. */
function endOf({ rounds, interval, writers, gap, cut, outage }: Values): number {
  return Math.max(rounds * interval + writers * gap, cut === 0 ? 0 : cut + outage);
}

/** Every two have asked each other by then, when nothing is lost. */
function boundOf({ nodes, period, delay, jitter }: Values): number {
  return (nodes - 1) * period + 3 * (delay + jitter);
}

function predict(values: Values): readonly Prediction[] {
  const { nodes, cut, push, jitter, loss, merge, reads } = values;
  const isCalm = loss === 0 && jitter === 0;
  return [
    exact('avail.writes', 1, '1: nobody is asked'),
    ...(reads ? [exact('avail.reads', 1, '1: nobody is asked')] : []),
    exact('msgs.perUpdate', push ? nodes - 1 : 0, push ? 'n − 1' : '0'),
    ...(merge.startsWith('lww') ? [] : [exact('lostUpdates', 0, '0')]),
    ...(cut > 0 ? [exact('cut.writes', 1, '1, on every side')] : []),
    ...(isCalm && cut > 0 ? predictDivided(values) : []),
    ...(isCalm && cut === 0 ? [...predictSpread(values), ...predictConflicts(values)] : []),
  ];
}

function predictSpread(values: Values): readonly Prediction[] {
  return values.push
    ? [exact('spread.max', values.delay, 'δ')]
    : [atMost('spread.max', boundOf(values), '(n − 1) T + 3 δ')];
}

function predictDivided(values: Values): readonly Prediction[] {
  return [
    atMost('converge.afterHeal', boundOf(values), '(n − 1) T + 3 δ'),
    ...(isOneConflict(values) ? [exact('lostUpdates', 1, '(k − 1) a division: 1')] : []),
  ];
}

/** As long as everybody knows what was written in one round before the next. */
function predictConflicts(values: Values): readonly Prediction[] {
  const { merge, rounds, interval, delay, push, gap, nodes } = values;
  const k = Math.min(values.writers, nodes);
  const lastNs = (k - 1) * gap;
  const isTogether = lastNs < delay;
  const isApart = k === 1 || gap > delay;
  if (!push || interval <= lastNs + 2 * delay || (!isTogether && !isApart)) return [];
  if (isApart) return [exact('conflicts', 0, 'g > δ: 0'), ...predictLost(values)];
  return [
    exact('conflicts', rounds, 'rounds'),
    ...(merge === 'lww-hlc' || (merge === 'lww-wall' && values.skew === 0)
      ? [exact('lostUpdates', rounds * (k - 1), '(k − 1) a conflict')]
      : []),
    ...(merge === 'mvr' ? [exact('siblings.max', k, 'k')] : []),
  ];
}

/** Nobody writes without knowing the write before: only a clock can lose one. */
function predictLost(values: Values): readonly Prediction[] {
  const { merge, rounds, interval, skew, nodes, writers, gap } = values;
  if (merge === 'lww-hlc') return [exact('lostUpdates', 0, '0: all knew what they replaced')];
  if (merge !== 'lww-wall' || Math.min(writers, nodes) !== 2) return [];
  // By its clock the first writer is back before what the second one wrote a round ago.
  const aheadNs = gap + (skew * writerOf(1, values)) / (nodes - 1);
  return aheadNs > interval
    ? [exact('lostUpdates', rounds - 1, 'rounds − 1: ε′ + g > interval')]
    : [exact('lostUpdates', 0, '0: ε′ + g < interval')];
}

/**
 * On either side each write knows the one before it; so there is one conflict, between two ends.
 */
function isOneConflict(values: Values): boolean {
  const { merge, sides, nodes, gap, delay, interval, rounds, cut, outage, skew, push } = values;
  const isEnough = outage >= 2 * interval && cut + 2 * interval <= rounds * interval;
  const isChain = push && gap > delay && interval > gap + 2 * delay;
  const isLastWriter = merge === 'lww-hlc' || (merge === 'lww-wall' && skew === 0);
  const isOnBothSides = Math.min(values.writers, nodes) === 2 && nodes > 2;
  return isEnough && isChain && isLastWriter && isOnBothSides && /^(halves|one)$/.test(sides);
}
