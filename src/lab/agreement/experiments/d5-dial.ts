/** D5: the dial between consistent and available: N, R and W. */

import {
  homesConverge,
  noAcknowledgedWriteLost,
  readsSeeAcknowledged,
} from '../../checkers/quorums.ts';
import { linearizability } from '../../checkers/linearizability.ts';
import { type Command, defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { AvailabilityMeter } from '../../meters/availability.ts';
import { MIN_SAMPLES } from '../../meters/batch-means.ts';
import { StaleReadMeter } from '../../meters/stale-reads.ts';
import { together } from '../../meters/together.ts';
import { ALL_BUT_CRASHES } from '../../order/order-scene.ts';
import { exact } from '../../order/predict.ts';
import { makePayload } from '../../process/payload.ts';
import type { Context } from '../../process/process.ts';
import { exp } from '../../../sim/math.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { SidesTimeline } from '../../plot/sides-timeline.ts';
import { CUT_PARAMETERS, cutFaults, divisionOf } from '../cuts.ts';
import { QuorumMeter } from '../quorum/quorum-meter.ts';
import {
  isStrong,
  type QuorumMutant,
  type QuorumOptions,
  REPAIRS,
} from '../quorum/quorum-options.ts';
import { QuorumStore } from '../quorum/quorum-store.ts';
import { StalenessPlot } from '../quorum/staleness-plot.ts';

const parameters = {
  nodes: { kind: 'count', default: 5, min: 2, max: 50, help: 'each with clients' },
  n: { kind: 'count', default: 3, min: 1, max: 50, help: 'of them keep the value, N; at most all' },
  r: {
    kind: 'count',
    default: 1,
    min: 1,
    max: 50,
    help: 'answers that a read waits for, R; at most N',
  },
  w: { kind: 'count', default: 1, min: 1, max: 50, help: 'that a write waits for, W; at most N' },
  ask: {
    kind: 'choice',
    choices: ['quorum', 'all'],
    default: 'quorum',
    help: 'as many as have to answer, drawn by chance; or all N',
  },
  sloppy: { kind: 'flag', default: false, help: 'others stand in for those that do not answer' },
  strong: {
    kind: 'count',
    default: 0,
    min: 0,
    max: 1000,
    help: 'every so many-th read asks N − W + 1; 0: none',
  },
  repair: {
    kind: 'choice',
    choices: REPAIRS,
    default: 'none',
    help: 'of those that are behind, after the reader has its answer, or before',
  },
  period: { kind: 'duration', default: '0ms', help: 'of anti-entropy among the N; 0: none' },
  messages: { kind: 'count', default: 1500, min: 1, max: 1_000_000, help: 'writes' },
  reads: {
    kind: 'count',
    default: 1,
    min: 1,
    max: 100,
    help: 'reads of each, one after the other',
  },
  interval: { kind: 'duration', default: '200ms', min: '1ms', help: 'between two writes' },
  wait: { kind: 'duration', default: '100ms', help: 'from a write to its first read' },
  timeout: { kind: 'duration', default: '100ms', min: '1ms', help: 'until a client is refused' },
  delay: { kind: 'duration', default: '10ms', help: 'of a hop, δ' },
  jitter: { kind: 'duration', default: '0ms', help: 'added to a hop, exponential with this mean' },
  loss: { kind: 'fraction', default: 0, help: 'chance of a datagram to be lost' },
  ...CUT_PARAMETERS,
} as const;
type Values = ValuesOf<typeof parameters>;

/** Of an exponential delay: longer ones are so rare that none is expected. */
const LONG_DELAYS = 30;

export const DIAL: Experiment = defineExperiment({
  id: 'D5',
  title: 'The dial: N, R and W',
  quote: 'in between: how many have to answer',
  question: 'What does a read miss that asks fewer nodes, and what does it cost to miss nothing?',
  explanation:
    'N nodes keep a value. A write waits for W of them, a read for R. If R + W > N, every read ' +
    'meets somebody who has the last acknowledged write. If not, it misses it when all R are ' +
    'among the N − W that do not have it: C(N−W, R) / C(N, R), and the last k with that to the k ' +
    '(PBS: Bailis and others, VLDB 2012). With --ask all a write reaches the rest soon after, ' +
    'and what is stale depends on how soon one reads. While the network is divided, W and R are ' +
    'also what a side needs to have. A sloppy quorum takes whoever is there, and hands over ' +
    'later.',
  lookFor: [
    'stale.reads for R and W of 1 and 1, 1 and 2, 2 and 2: two thirds, one third, 0.',
    'stale.k2, stale.k3: the square and the cube.',
    'With --w 2 --strong 10: one read in ten asks for more, and is never stale.',
    'With --ask all --wait 0ms --jitter 20ms, and --repair after or --period 50ms as well.',
    'With --cut 1s --ask all --r 2 --w 2: one side only. With --sloppy true: both, and stale.',
  ],
  parameters,
  mutants: {
    'one-short': 'waits for one answer less: reads see acknowledged writes',
    'drops-hint': 'hands a hint over once and forgets it: no acknowledged write lost',
    'last-arrival':
      'keeps what came last: no acknowledged write lost, reads see acknowledged writes',
    'answers-first': 'repairs after the answer, not before: linearizability',
    'ack-before-persist': 'answers before it has written: no acknowledged write lost',
  },
  scene: (values, { mutant }) => {
    const { nodes, delay, jitter, loss, messages, interval, timeout } = values;
    const { n } = sizesOf(values);
    const options = optionsOf(values, mutant as QuorumMutant | undefined);
    const kind = { kind: 'exponential', meanMs: jitter / NS_PER_MS } as const;
    return {
      nodes: Array.from({ length: nodes }, (_, node) => ({
        name: node < n ? `home ${node}` : `node ${node}`,
        create: (context: Context) => new QuorumStore(context, options),
      })),
      link: { delayMs: delay / NS_PER_MS, loss, ...(jitter > 0 && { jitter: kind }) },
      workload: requests(values),
      faults: cutFaults(values),
      untilNs: messages * interval + values.wait + values.cut + 4 * timeout + NS_PER_S,
    };
  },
  meter: (values) => {
    const division = divisionOf(values);
    const isOwnLevel = (message: number): boolean => !isStrong(message, values.strong);
    return together(
      new AvailabilityMeter(division),
      new StaleReadMeter({ versions: 3, division, counts: isOwnLevel }),
      ...(values.strong > 0
        ? [new StaleReadMeter({ name: 'stale.strong', counts: (one) => !isOwnLevel(one) })]
        : []),
      new QuorumMeter(),
    );
  },
  predict,
  checkers: (values) => {
    const { sloppy, strong, repair, period } = values;
    const { n } = sizesOf(values);
    const isStrict = isStrictly(values);
    return [
      ...(sloppy ? [] : [readsSeeAcknowledged((one) => isStrict || isStrong(one, strong))]),
      ...(isStrict && repair === 'before' ? [linearizability()] : []),
      noAcknowledgedWriteLost(n),
      ...(period > 0 ? [homesConverge(n)] : []),
    ];
  },
  claims: {
    survives: [...ALL_BUT_CRASHES, 'crash', 'torn'],
    // More often what promises much: small R, large W, reads that write back.
    draw: {
      nodes: [3, 5],
      n: [1, 3],
      r: [1, 1, 2, 3],
      w: [1, 2, 3, 3],
      ask: ['quorum', 'all'],
      sloppy: [true, false],
      strong: [0, 2],
      repair: [...REPAIRS, 'before'],
      period: [0, 40 * NS_PER_MS],
      messages: [5, 10],
      reads: [1, 3, 3],
      interval: [20 * NS_PER_MS, 100 * NS_PER_MS],
      wait: [0, 15 * NS_PER_MS],
      timeout: [80 * NS_PER_MS],
      jitter: [0, 8 * NS_PER_MS],
      loss: [0, 0.1, 0.2],
    },
    maxDown: ({ nodes }) => nodes,
    settle: '3s',
  },
  plots: {
    run: (values) => {
      const division = divisionOf(values);
      if (division) return [new SidesTimeline(division)];
      return values.ask === 'quorum' ? [new StalenessPlot(missedShare(values))] : [];
    },
    sweeps: [
      {
        title: 'What a read misses',
        caption: 'N = 3, and whoever has to answer is drawn by chance. R + W > 3 misses nothing.',
        sweep: { r: '1,2,3', w: '1,2,3' },
        x: { of: 'r', label: 'answers that a read waits for, R' },
        y: { of: 'stale.reads', label: 'stale reads', from: 0, to: 1 },
        series: ['w'],
      },
      {
        title: 'How soon after a write',
        caption:
          'N = 3 = all nodes, R = W = 1: a write is acknowledged at once, and on its way to the ' +
          'others for 10 ms and an exponential delay of 30 ms on average.',
        sweep: { nodes: '3', ask: 'all', jitter: '30ms', wait: '0,10,20,40,80,120ms' },
        x: { of: 'wait', label: 'from the acknowledgement of a write to the read' },
        y: { of: 'stale.reads', label: 'stale reads', from: 0 },
      },
    ],
  },
});

function optionsOf(values: Values, mutant: QuorumMutant | undefined): QuorumOptions {
  const { strong, ask, sloppy, repair, period, timeout } = values;
  const { n, r, w } = sizesOf(values);
  return {
    ...{ homes: n, readQuorum: r, writeQuorum: w, strongEvery: strong },
    ...{ asksAll: ask === 'all', isSloppy: sloppy, repair, mutant },
    ...{ periodNs: period, timeoutNs: timeout },
  };
}

function sizesOf(values: Values): { readonly n: number; readonly r: number; readonly w: number } {
  const n = Math.min(values.n, values.nodes);
  return { n, r: Math.min(values.r, n), w: Math.min(values.w, n) };
}

/** Every read meets every acknowledged write. */
function isStrictly(values: Values): boolean {
  const { n, r, w } = sizesOf(values);
  return !values.sloppy && r + w > n;
}

/** A write at one node, then reads at others. */
function requests({ messages, reads, interval, wait, nodes }: Values): readonly Command[] {
  const commands: Command[] = [];
  for (let round = 0; round < messages; round += 1) {
    const write = 2 * round;
    const label = { tag: 'write date', detail: write };
    const atNs = round * interval;
    commands.push({ atNs, node: round % nodes, payload: makePayload(write), label });
    for (let index = 0; index < reads; index += 1) {
      const number = round * reads + index;
      commands.push({
        atNs: atNs + wait + Math.floor((index * (interval - wait)) / reads),
        node: (2 * number + 1) % nodes,
        payload: makePayload(2 * number + 1),
        label: { tag: 'read date' },
      });
    }
  }
  return commands.toSorted((a, b) => a.atNs - b.atNs);
}

function predict(values: Values): readonly Prediction[] {
  const { strong, sloppy, cut, messages, loss, reads } = values;
  const isCalm = loss === 0 && cut === 0;
  const isStrict = isStrictly(values);
  return [
    // Of reads at the usual level; there may be none.
    ...(isStrict && strong !== 1 ? [exact('stale.reads', 0, '0: R + W > N')] : []),
    ...(strong > 0 && !sloppy ? [exact('stale.strong', 0, '0: N − W + 1')] : []),
    ...(isCalm && values.jitter === 0 && 2 * values.delay < values.timeout
      ? [exact('avail.writes', 1, '1'), exact('avail.reads', 1, '1')]
      : []),
    ...(isCalm && !isStrict && messages * reads >= MIN_SAMPLES
      ? [...predictStale(values), ...predictHaste(values)]
      : []),
  ];
}

/** As long as one write is over before the next. */
function predictStale(values: Values): readonly Prediction[] {
  const { ask, repair, period, delay, jitter, wait, interval, strong, messages, reads } = values;
  const isApart = Math.min(wait, interval - wait) > 2 * delay + LONG_DELAYS * jitter;
  if (!isApart) return [];
  if (ask === 'all') return [exact('stale.reads', 0, '0: all have it by then')];
  const isCounted = strong === 0 || messages * reads * (1 - 1 / strong) >= MIN_SAMPLES;
  if (repair !== 'none' || period > 0 || !isCounted) return [];
  const missed = missedShare(values);
  const cite = 'Bailis and others 2012';
  return [1, 2, 3].map((k): Prediction => {
    const formula = k === 1 ? 'C(N−W, R) / C(N, R)' : `that to the ${k}`;
    const metric = k === 1 ? 'stale.reads' : `stale.k${k}`;
    return { metric, kind: 'statistical', value: missed ** k, formula, cite };
  });
}

/**
 * All nodes keep the value, and each answers by itself: a read is stale as long as the write is on
 * its way from another one.
 */
function predictHaste(values: Values): readonly Prediction[] {
  const { nodes, ask, repair, period, strong, reads, delay, jitter, wait, interval } = values;
  const { n, r, w } = sizesOf(values);
  const isAlone = n === nodes && r === 1 && w === 1 && ask === 'all' && reads === 1;
  const isPlain = repair === 'none' && period === 0 && strong === 0;
  if (!isAlone || !isPlain || jitter === 0 || wait >= interval) return [];
  const underWay = wait < delay ? 1 : exp(-(wait - delay) / jitter);
  const formula = '(1 − 1/N) e^(−(t − δ)/J)';
  return [{ metric: 'stale.reads', kind: 'statistical', value: (1 - 1 / n) * underWay, formula }];
}

/** That all R are among those that the write has not reached. */
function missedShare(values: Values): number {
  const { n, r, w } = sizesOf(values);
  let share = 1;
  for (let drawn = 0; drawn < r; drawn += 1) share *= Math.max(0, n - w - drawn) / (n - drawn);
  return share;
}
