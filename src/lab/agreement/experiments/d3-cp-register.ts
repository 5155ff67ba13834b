/** D3: the date that nobody may change without a majority. */

import { linearizability } from '../../checkers/linearizability.ts';
import { raftProperties } from '../../checkers/raft.ts';
import { readsGoOn } from '../../checkers/reads-go-on.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { RegisterMeter } from '../../meters/register-meter.ts';
import { TermMeter } from '../../meters/terms.ts';
import { together } from '../../meters/together.ts';
import { ALL_BUT_CRASHES, members } from '../../order/order-scene.ts';
import { atMost, exact } from '../../order/predict.ts';
import type { Fault } from '../../run/fault.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { SidesTimeline } from '../../plot/sides-timeline.ts';
import { CUT_PARAMETERS, cutFaults, divisionOf, sidesOf } from '../cuts.ts';
import { RAFT_PARAMETERS, raftOptions } from '../raft/raft-parameters.ts';
import { TermRibbon } from '../raft/term-ribbon.ts';
import { DateRegister, type RegisterMutant } from '../register/date-register.ts';
import { CLIENT_PARAMETERS, clientCommands } from '../register/register-scene.ts';

const parameters = {
  nodes: { kind: 'count', default: 5, min: 3, max: 99, help: 'servers, each with a client, n' },
  reads: {
    kind: 'choice',
    choices: ['log', 'lease', 'follower'],
    default: 'log',
    help: 'as an entry of the log; by the leader, who has a lease; by whoever is asked',
  },
  delay: { kind: 'duration', default: '10ms', help: 'of a hop, δ' },
  jitter: { kind: 'duration', default: '0ms', help: 'added to a hop, at most' },
  loss: { kind: 'fraction', default: 0, help: 'chance of a datagram to be lost' },
  ...CLIENT_PARAMETERS,
  operations: { ...CLIENT_PARAMETERS.operations, default: 80 },
  ...RAFT_PARAMETERS,
  ...CUT_PARAMETERS,
  outage: { ...CUT_PARAMETERS.outage, default: '5s' },
  lease: { kind: 'duration', default: '1s', min: '1ms', max: '1h', help: 'of the leader, D' },
  margin: { kind: 'fraction', default: 0.02, help: 'error of clocks that is allowed for, ε' },
  drift: {
    kind: 'number',
    default: 0,
    min: 0,
    max: 450_000,
    help: 'ppm by which the crystal of node 0, who leads first, is slow',
  },
  clock: {
    kind: 'choice',
    choices: ['mono', 'wall'],
    default: 'mono',
    help: 'what leases are measured with',
  },
  back: {
    kind: 'duration',
    default: '0ms',
    help: 'node 0 has its wall clock set back, at the cut',
  },
} as const;
type Values = ValuesOf<typeof parameters>;

const BACKGROUND = [
  ...['commit', 'heartbeat', 'heard', 'again', 'begin', 'lease', 'granted'],
  ...['vote', 'voted', 'snapshot', 'refused'],
];
/** Timeouts until somebody leads, usually; split votes take a few. */
const WARM_UP_TIMEOUTS = 2;
const ELECTION_TIMEOUTS = 4;

export const CP_REGISTER: Experiment = defineExperiment({
  id: 'D3',
  title: 'The date that needs a majority (CP)',
  quote: 'if no network: cannot change the time',
  question: 'Who can still read and change the date when the network is cut, and at what price?',
  explanation:
    'A date is kept on n servers, and each change goes through the log of Raft: it is done when ' +
    'a majority has it. So the smaller side of a cut can change nothing, and nobody is ever told ' +
    'of two dates. Reads through the log cost as much as writes. A leader may read alone as long ' +
    'as it holds a lease: a majority has promised to vote for nobody else for D. Then two clocks ' +
    'measure the same D, and where the leader’s is slower than the margin allows for, ' +
    'another leads and writes while it still answers: a stale read. Or one reads whatever one ' +
    'has, at any server: always answered, and perhaps old.',
  lookFor: [
    'With --cut 1s: cut.side1 (2 of 5) answers nothing, cut.side2 (3 of 5) everything.',
    'msgs.perOperation and lat.reads.max for --reads log, lease and follower.',
    'With --cut 1s --reads follower: stale.age.max, the price of always having an answer.',
    'With --cut 1s --reads lease --drift 300000: linearizability is violated.',
    'With --cut 1s --reads lease --clock wall --back 1s: the same, by a clock that is set.',
    'first.write of the larger side: with leases, nobody is elected until they have run out.',
  ],
  parameters,
  mutants: {
    'read-without-lease':
      'the leader answers reads without asking whether it still leads: linearizability',
    'lease-ignores-drift': 'allows for no error of clocks: linearizability',
    'ack-before-commit': 'a leader says that it is done before others have it: linearizability',
    'no-fencing': 'votes though it has promised not to: linearizability',
  } satisfies Record<RegisterMutant, string>,
  scene: (values, { mutant }) => {
    const { nodes, delay, jitter, loss, operations, interval, patience, drift } = values;
    const { reads, lease: lengthNs, margin, clock } = values;
    const options = {
      raft: { ...raftOptions(values), standsAtOnce: 0 },
      ...{ reads, lease: { lengthNs, margin, clock }, patienceNs: patience },
      mutant: mutant as RegisterMutant | undefined,
    };
    const fromNs = firstNs(values);
    const plans = members(nodes, (context) => new DateRegister(context, options));
    const kind = { kind: 'uniform', maxMs: jitter / NS_PER_MS } as const;
    const lastNs = Math.max(fromNs + operations * interval, values.cut + values.outage);
    return {
      nodes: plans.map((plan, node) => {
        return node === 0 && drift > 0 ? { ...plan, clock: { ppm: -drift } } : plan;
      }),
      link: { delayMs: delay / NS_PER_MS, loss, ...(jitter > 0 && { jitter: kind }) },
      workload: clientCommands(values, { nodes, fromNs }),
      faults: [...cutFaults(values), ...setBack(values)].toSorted((a, b) => a.atNs - b.atNs),
      untilNs: lastNs + patience + NS_PER_S,
    };
  },
  meter: (values) =>
    together(new RegisterMeter({ background: BACKGROUND, cut: windowOf(values) }), new TermMeter()),
  predict,
  checkers: (values) => [
    ...raftProperties(),
    values.reads === 'follower' ? readsGoOn() : linearizability(),
  ],
  claims: {
    survives: [...ALL_BUT_CRASHES, 'crash', 'torn', 'step', 'drift'],
    // Who leads first is cut off while others read, and its clock is slow: what leases are about.
    draw: {
      nodes: [3, 5],
      reads: ['lease', 'lease', 'lease', 'log', 'follower'],
      operations: [24],
      interval: [50 * NS_PER_MS],
      patience: [400 * NS_PER_MS],
      keys: [1],
      jitter: [0, 10 * NS_PER_MS],
      loss: [0, 0, 0.1],
      heartbeat: [20 * NS_PER_MS],
      timeout: [100 * NS_PER_MS],
      stagger: [20 * NS_PER_MS, 60 * NS_PER_MS],
      cut: [0, 300 * NS_PER_MS, 300 * NS_PER_MS],
      outage: [1300 * NS_PER_MS],
      sides: ['halves', 'one', 'halves', 'one', 'bridge', 'one-way', 'flapping'],
      compact: [0, 7],
      lease: [400 * NS_PER_MS],
      margin: [0.4],
      drift: [0, 450_000, 450_000],
    },
    settle: '3s',
    maxDown: ({ nodes }) => Math.ceil(nodes / 2) - 1,
  },
  plots: {
    run: (values) => {
      const division = divisionOf(values);
      return [...(division ? [new SidesTimeline(division)] : []), new TermRibbon(values.nodes)];
    },
  },
});

function firstNs({ timeout, stagger }: Values): number {
  return WARM_UP_TIMEOUTS * (timeout + stagger);
}

function setBack({ cut, back }: Values): readonly Fault[] {
  return cut > 0 && back > 0 ? [{ kind: 'step', atNs: cut, node: 0, byNs: -back }] : [];
}

/** Whether clocks are as good as the lease takes them to be. */
function isPromised({ reads, drift, margin, clock, back }: Values): boolean {
  if (reads === 'follower') return false;
  return reads === 'log' || (drift <= margin * 1e6 && (clock === 'mono' || back === 0));
}

/** When nobody leads any more who should not, and who should leads. */
function settledNs({ cut, reads, lease, timeout, stagger }: Values): number {
  const leaseNs = reads === 'lease' ? lease : 0;
  return cut + leaseNs + ELECTION_TIMEOUTS * (timeout + stagger);
}

/** Of a client whose clock is slow. */
function patienceNs({ patience, drift }: Values): number {
  return Math.ceil(patience / (1 - drift / 1e6));
}

function windowOf(values: Values): ConstructorParameters<typeof RegisterMeter>[0]['cut'] {
  const { cut: fromNs, outage, sides } = values;
  if (fromNs === 0) return undefined;
  const healNs = fromNs + outage;
  const isClean = sides === 'halves' || sides === 'one' || sides === 'thirds';
  const startNs = settledNs(values);
  return {
    ...{ fromNs, healNs, sides: isClean ? sidesOf(values) : [] },
    judgedNs: { reads: startNs, writes: startNs, end: healNs - patienceNs(values) },
  };
}

function predict(values: Values): readonly Prediction[] {
  const { nodes, delay, reads, jitter, loss, heartbeat, timeout, stagger, patience } = values;
  const isPatient = timeout > heartbeat + 2 * delay && stagger >= 4 * delay;
  const isCalm = jitter === 0 && loss === 0 && isPatient && patience > 6 * delay;
  if (!isCalm) return [];
  const fresh = isPromised(values) && values.cut === 0 ? [exact('stale.reads', 0, 'none')] : [];
  return values.cut > 0 ? predictCut(values) : [...fresh, ...predictCosts()];

  function predictCosts(): readonly Prediction[] {
    const hops = { log: 4, lease: 2, follower: 0 }[reads];
    const entry = 2 * (nodes - 1) + (nodes - 1) / nodes;
    const cost = { log: entry, lease: (2 * (nodes - 1)) / nodes, follower: 0 }[reads];
    const formula = { log: 'as writes', lease: '2 (n − 1) / n', follower: '0' }[reads];
    const isEven = (values.operations * nodes) % 2 === 0;
    const told = reads === 'follower' ? [atMost('stale.age.max', delay, 'δ, of a leader’s')] : [];
    return [
      exact('avail.reads', 1, 'no fault'),
      exact('avail.writes', 1, 'no fault'),
      exact('lat.reads.max', hops * delay, `${hops} δ`),
      exact('lat.writes.max', 4 * delay, '4 δ'),
      ...(isEven
        ? [
            exact(
              'msgs.perOperation',
              (entry + cost) / 2,
              `half writes, 2 (n − 1) + (n − 1) / n; half reads, ${formula}`,
            ),
          ]
        : []),
      ...told,
    ];
  }
}

/** Of what is asked for when all have noticed, and long enough before the end to be given up. */
function predictCut(values: Values): readonly Prediction[] {
  const { nodes, reads, sides, cut, outage } = values;
  const isClean = sides === 'halves' || sides === 'one' || sides === 'thirds';
  const isLong = cut + outage - patienceNs(values) > settledNs(values) + values.interval * 2;
  if (!isClean || !isLong || !isPromised({ ...values, reads: 'lease' })) return [];
  return sidesOf(values).flatMap(({ length }, place) => {
    const isMajority = 2 * length > nodes;
    const name = `cut.side${place + 1}`;
    const formula = `${length} of ${nodes}${isMajority ? '' : ' are no majority'}`;
    const able = Number(isMajority);
    return [
      exact(`${name}.reads`, reads === 'follower' ? 1 : able, reads === 'follower' ? '1' : formula),
      exact(`${name}.writes`, able, formula),
    ];
  });
}
