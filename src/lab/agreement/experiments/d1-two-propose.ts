/** D1: two nodes propose, and all agree on one value. */

import { safeConsensus, termination } from '../../checkers/consensus.ts';
import { type Command, defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { MIN_SAMPLES } from '../../meters/batch-means.ts';
import { DecisionMeter } from '../../meters/decision-meter.ts';
import { ALL_BUT_CRASHES } from '../../order/order-scene.ts';
import { exact } from '../../order/predict.ts';
import { makePayload } from '../../process/payload.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import { Acceptor } from '../paxos/acceptor.ts';
import { Proposer } from '../paxos/proposer.ts';
import type { PaxosMutant, PaxosOptions } from '../paxos/paxos-options.ts';

const parameters = {
  proposers: { kind: 'count', default: 2, min: 1, max: 9, help: 'nodes that propose' },
  acceptors: { kind: 'count', default: 3, min: 1, max: 99, help: 'nodes that accept, n' },
  decisions: { kind: 'count', default: 1, min: 1, max: 100_000, help: 'one after the other' },
  horizon: { kind: 'duration', default: '2s', min: '1ms', help: 'time for each of them, H' },
  gap: { kind: 'duration', default: '30ms', help: 'between a proposer and the next, s' },
  delay: { kind: 'duration', default: '10ms', min: '1ns', help: 'of a hop, δ' },
  jitter: { kind: 'duration', default: '0ms', help: 'added to a hop, at most' },
  loss: { kind: 'fraction', default: 0, help: 'chance of a datagram to be lost' },
  write: { kind: 'duration', default: '20ms', help: 'to the disk, before an acceptor answers, W' },
  wait: { kind: 'duration', default: '0ms', help: 'after a refusal, w' },
  'step-back': {
    kind: 'fraction',
    default: 0,
    help: 'chance to wait instead until another has had its way, p',
  },
  down: { kind: 'fraction', default: 0, help: 'chance of an acceptor to be down, f' },
  timeout: { kind: 'duration', default: '1s', min: '1ms', help: 'for an answer of a majority' },
} as const;
type Values = ValuesOf<typeof parameters>;

export const TWO_PROPOSE: Experiment = defineExperiment({
  id: 'D1',
  title: 'Two nodes propose (Paxos)',
  quote: 'two nodes agree on one value',
  question: 'Two propose different values at nearly the same time. Do they ever agree?',
  explanation:
    'In Paxos, a proposer first asks a majority of acceptors to take part in no ballot with a ' +
    'smaller number than its own, and then to accept a value: the one that was accepted in the ' +
    'largest ballot it has heard of, or its own. So at most one value is ever decided, however ' +
    'many propose, messages are lost and nodes restart.\n\n' +
    'But it may be that none is. Each proposer’s first question stops the other’s second. With ' +
    'equal delays δ, a disk that takes W, and w until the next attempt, a duel goes on for ever ' +
    'when w < s − 2δ < W: each new ballot begins between the two questions of the other. No ' +
    'protocol can be without such runs where nobody can tell slow from dead (Fischer, Lynch and ' +
    'Paterson 1985). Chance ends them: who is refused steps back with chance p, so that duels ' +
    'take 1 / p refusals on average, geometrically distributed.',
  lookFor: [
    'decided: 0, however long --horizon is, and nothing is lost or slow.',
    '--step-back 50% --decisions 3000: refusals.perDecision is 1 / p.',
    '--proposers 1 --decisions 3000 --horizon 200ms --down 20%: how often a majority is there.',
    '--proposers 1: two round trips and two writes. --gap 50ms: the first has its way.',
    'A10 (D1b): the two generals, who cannot agree at all when messages may be lost.',
  ],
  parameters,
  mutants: {
    'forget-promise': 'accepts in a ballot smaller than it has promised: agreement',
    'own-value-always': 'asks to accept its own value, whatever was accepted before: agreement',
    'no-disk': 'an acceptor keeps nothing over a crash: agreement',
    'one-is-enough': 'takes for decided what one acceptor has accepted: agreement',
  } satisfies Record<PaxosMutant, string>,
  scene: (values, { mutant }) => {
    const { proposers, acceptors, delay, jitter, loss, write, decisions, horizon } = values;
    const options: PaxosOptions = {
      ...{ proposers, writeNs: write, timeoutNs: values.timeout, waitNs: values.wait },
      ...{ stepBack: values['step-back'], down: values.down },
      stepBackNs: 10 * (delay + jitter) + 4 * write,
      mutant: mutant as PaxosMutant | undefined,
    };
    const kind = { kind: 'uniform', maxMs: jitter / NS_PER_MS } as const;
    return {
      nodes: [
        ...Array.from({ length: proposers }, (_, node) => ({
          name: `proposer ${node}`,
          create: (context: ConstructorParameters<typeof Proposer>[0]) =>
            new Proposer(context, options),
        })),
        ...Array.from({ length: acceptors }, (_, node) => ({
          name: `acceptor ${node}`,
          create: (context: ConstructorParameters<typeof Acceptor>[0]) =>
            new Acceptor(context, options),
        })),
      ],
      link: { delayMs: delay / NS_PER_MS, loss, ...(jitter > 0 && { jitter: kind }) },
      workload: proposals(values),
      untilNs: decisions * horizon,
    };
  },
  meter: ({ proposers }) => new DecisionMeter(proposers),
  predict: (values) => (values.down > 0 ? predictAvailability(values) : predict(values)),
  checkers: (values) => [
    ...safeConsensus(values.proposers),
    ...(values['step-back'] > 0 && values.down === 0 ? [termination(values.proposers)] : []),
  ],
  claims: {
    survives: [...ALL_BUT_CRASHES, 'crash', 'torn'],
    draw: {
      proposers: [2, 3],
      acceptors: [3, 5],
      decisions: [3],
      horizon: [300 * NS_PER_MS],
      gap: [0, 5 * NS_PER_MS, 30 * NS_PER_MS],
      jitter: [0, 20 * NS_PER_MS],
      loss: [0, 0.2],
      write: [0, 10 * NS_PER_MS],
      'step-back': [0.5],
      timeout: [100 * NS_PER_MS],
    },
    settle: '5s',
    maxDown: ({ acceptors }) => Math.ceil(acceptors / 2) - 1,
  },
});

function* proposals({ proposers, decisions, horizon, gap }: Values): Generator<Command> {
  for (let decision = 0; decision < decisions; decision += 1) {
    for (let node = 0; node < proposers; node += 1) {
      const atNs = decision * horizon + node * gap;
      yield { atNs, node, payload: makePayload(decision * proposers + node) };
    }
  }
}

function predict(values: Values): readonly Prediction[] {
  const { proposers, acceptors, decisions, horizon, gap, delay, write, wait } = values;
  const isCalm = values.jitter === 0 && values.loss === 0 && values.timeout > 4 * (delay + write);
  if (!isCalm) return [];
  if (proposers === 1) {
    return [
      exact('decided', 1, '1'),
      exact('ballots.perDecision', 1, '1'),
      exact('lat.max', 4 * delay + 2 * write, '4 δ + 2 W'),
      exact('msgs.perDecision', 5 * acceptors, '5 n'),
    ];
  }
  const apart = gap - 2 * delay;
  if (proposers > 2 || !(wait < apart && apart < write)) return [];
  const p = values['step-back'];
  if (p === 0 && decisions === 1) return predictLivelock(values);
  if (p === 0 || wait > 0 || decisions < 2 * MIN_SAMPLES) return [];
  // Longer duels than fit the time are as rare as (1 − p) to the power of their length.
  const longest = horizon / (2 * delay + write);
  if ((1 - p) ** longest > 1e-6) return [];
  return [
    { metric: 'refusals.perDecision', kind: 'statistical', value: 1 / p, formula: '1 / p' },
    exact('decided', 1, '1'),
  ];
}

/** That more than half of n are up, each with chance 1 − f. */
function predictAvailability(values: Values): readonly Prediction[] {
  const { acceptors: n, down: f, decisions, proposers, jitter, loss } = values;
  if (proposers > 1 || jitter > 0 || loss > 0 || decisions < 2 * MIN_SAMPLES) return [];
  let ways = 1;
  let value = 0;
  for (let up = 0; up <= n; up += 1) {
    if (2 * up > n) value += ways * (1 - f) ** up * f ** (n - up);
    ways = (ways * (n - up)) / (up + 1);
  }
  const formula = 'sum over i > n / 2 of C(n, i) (1 − f)^i f^(n − i)';
  return [{ metric: 'decided', kind: 'statistical', value, formula }];
}

/** Each begins a ballot every 4 δ + W + w. */
function predictLivelock({ horizon, gap, delay, write, wait }: Values): readonly Prediction[] {
  const period = 4 * delay + write + wait;
  const begun = (fromNs: number): number => Math.floor((horizon - fromNs) / period) + 1;
  return [
    exact('decided', 0, 'w < s − 2 δ < W: never'),
    exact('ballots.perDecision', begun(0) + begun(gap), '2 H / (4 δ + W + w)'),
  ];
}
