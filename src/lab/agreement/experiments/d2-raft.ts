/** D2: Raft. */

import { totalOrder } from '../../checkers/order.ts';
import { integrity, uniformAgreement, validity } from '../../checkers/order-agreement.ts';
import { raftProperties } from '../../checkers/raft.ts';
import { type Command, defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { TermMeter } from '../../meters/terms.ts';
import { together } from '../../meters/together.ts';
import { OrderMeter } from '../../order/order-meter.ts';
import { ALL_BUT_CRASHES, members, ORDER_PARAMETERS, orderScene } from '../../order/order-scene.ts';
import { atMost, exact, isCalm } from '../../order/predict.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import { CUT_PARAMETERS, cutFaults } from '../cuts.ts';
import { Delivering } from '../raft/delivering.ts';
import { Raft } from '../raft/raft.ts';
import type { RaftMutant, RaftOptions } from '../raft/raft-options.ts';
import { RAFT_MUTANTS, RAFT_PARAMETERS, raftOptions } from '../raft/raft-parameters.ts';
import { TermRibbon } from '../raft/term-ribbon.ts';

const parameters = {
  ...ORDER_PARAMETERS,
  ...RAFT_PARAMETERS,
  ...CUT_PARAMETERS,
} as const;
type Values = ValuesOf<typeof parameters>;

/** What nobody's command costs. */
const BACKGROUND = [
  ...['commit', 'heartbeat', 'heard', 'again', 'begin'],
  ...['vote', 'voted', 'snapshot', 'refused'],
];

/** Until then somebody leads, usually: what is sent earlier waits for that. */
const WARM_UP_TIMEOUTS = 6;

export const RAFT: Experiment = defineExperiment({
  id: 'D2',
  title: 'Raft',
  quote: 'n nodes: the same order everywhere, also when nodes and links fail',
  question: 'What does it cost that any majority can go on, and what happens to a minority?',
  explanation:
    'Time is divided into terms with one leader at most. A server that hears nothing for a ' +
    'timeout of random length begins a term and asks for votes; who gets a majority leads, and ' +
    'nobody votes for a log that is behind its own. The leader appends commands to its log and ' +
    'sends them on; what a majority has is committed. That is 1 + 2 (n − 1) messages for a ' +
    'command of another member, as with B9, and the heartbeats. A log that grows long is ' +
    'replaced by a snapshot (--compact), which is also what a server gets that was away.',
  lookFor: [
    'msgs.perBroadcast beside B9: the price of agreement is the same, whoever says how.',
    'With --cut 1s: the side with a majority goes on; the other waits, and catches up.',
    'With --cut 1s --sides thirds --nodes 9: nobody has a majority; nothing goes on, nor wrong.',
    'With --loss 20%: elections happen although nobody has died. With --prevote: fewer of them.',
  ],
  parameters,
  mutants: RAFT_MUTANTS,
  scene: (values, { mutant }) => {
    const options: RaftOptions = { ...raftOptions(values), mutant: mutant as RaftMutant };
    const kinds = members(values.nodes, (context) => {
      return new Raft(context, options, new Delivering(context));
    });
    const scene = orderScene(values, kinds);
    const settleNs = 2 * WARM_UP_TIMEOUTS * values.timeout;
    return {
      ...scene,
      workload: later(scene.workload, WARM_UP_TIMEOUTS * values.timeout),
      untilNs: scene.untilNs + settleNs + values.cut + values.outage,
      faults: cutFaults(values),
    };
  },
  meter: () => together(new OrderMeter({ background: BACKGROUND }), new TermMeter()),
  predict,
  checkers: ({ nodes, compact }) => [
    ...raftProperties(),
    integrity(),
    // Who gets a snapshot is not told what was before it.
    ...(compact === 0 ? [totalOrder(), validity(), uniformAgreement(nodes)] : []),
  ],
  claims: {
    survives: [...ALL_BUT_CRASHES, 'crash', 'torn'],
    // Impatient servers over bad lines, and somebody always wants something: terms change often,
    // and with entries under way. A round trip stays below a timeout, or nobody leads for long.
    draw: {
      links: ['plain'],
      nodes: [3, 5],
      senders: [2, 3],
      messages: [30],
      interval: [20 * NS_PER_MS, 30 * NS_PER_MS],
      jitter: [0, 15 * NS_PER_MS],
      loss: [0, 0.1, 0.3],
      heartbeat: [20 * NS_PER_MS],
      timeout: [60 * NS_PER_MS],
      stagger: [20 * NS_PER_MS, 60 * NS_PER_MS],
      prevote: [false, true],
      batch: [1, 16],
      compact: [0, 7],
    },
    settle: '5s',
    maxDown: ({ nodes }) => Math.ceil(nodes / 2) - 1,
  },
  plots: { run: ({ nodes }) => [new TermRibbon(nodes)] },
});

function* later(workload: Iterable<Command>, byNs: number): Generator<Command> {
  for (const command of workload) yield { ...command, atNs: command.atNs + byNs };
}

/** As long as nobody stands a second time, and somebody leads before the first command. */
function predict(values: Values): readonly Prediction[] {
  const { nodes, delay, heartbeat, timeout, stagger, batch, messages, senders, cut } = values;
  const isPatient = timeout > heartbeat + 2 * delay && stagger >= 4 * delay;
  const isApart = values.interval > 4 * delay || batch === 1;
  if (!isCalm(values) || !isPatient || !isApart || cut > 0 || values.links !== 'plain') return [];
  const delivered = messages * Math.min(senders, nodes) * nodes;
  return [
    atMost('msgs.perBroadcast', 2 * nodes - 1, '1 + 2 (n − 1), a request less from the leader'),
    ...(values.compact === 0 ? [exact('delivered', delivered, 'broadcasts × n')] : []),
    atMost('lat.sender.max', 4 * delay, '4 δ; the leader 2 δ'),
    atMost('lat.others.max', 4 * delay, '4 δ'),
  ];
}
