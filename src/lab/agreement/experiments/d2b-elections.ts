/** D2b: how long nobody leads, against the randomness of the timeouts. */

import { electionSafety, leaderCompleteness } from '../../checkers/raft.ts';
import { defineExperiment, type Experiment, type Meter } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Measurements, Prediction } from '../../experiment/prediction.ts';
import { readNote } from '../raft/raft-notes.ts';
import { Mortal } from '../raft/mortal.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import type { TraceEvent } from '../../run/trace-event.ts';

const parameters = {
  nodes: { kind: 'count', default: 5, min: 3, max: 99, help: 'servers' },
  trials: { kind: 'count', default: 1000, min: 1, max: 1e6, help: 'leaders that die' },
  delay: { kind: 'duration', default: '2.5ms', help: 'of a hop, at least' },
  jitter: { kind: 'duration', default: '1ms', help: 'added to a hop, at most' },
  write: { kind: 'duration', default: '7ms', help: 'to the disk, before a server answers' },
  timeout: { kind: 'duration', default: '150ms', min: '2ms', help: 'silence, at least, D' },
  stagger: { kind: 'duration', default: '150ms', help: 'and by chance up to so much longer' },
  prevote: { kind: 'flag', default: false, help: 'asks whether it could win before it stands' },
} as const;
type Values = ValuesOf<typeof parameters>;

/** Enough that all logs are the same again. */
const HEARTBEATS = 6;
/** A trial that takes so many timeouts is given up: nobody will ever lead. */
const MAX_TIMEOUTS = 80;
const REST_TIMEOUTS = 4;

/** Timeouts in ms → what Ongaro measured in ms (2014, §9.3; broadcast time about 15 ms). */
const PUBLISHED: Readonly<Record<string, Readonly<Record<string, number>>>> = {
  '150-155': { 'down.median': 287 },
  '150-200': { 'down.max': 513 },
  '12-24': { 'down.mean': 35, 'down.max': 152 },
};

export const ELECTIONS: Experiment = defineExperiment({
  id: 'D2b',
  title: 'Raft: how long without a leader',
  quote: 'a chosen node with a backup that takes over',
  question: 'How much randomness do the timeouts need, and how short may they be?',
  explanation:
    'When a leader dies, whoever waits least stands first. If others stop waiting before its ' +
    'question has reached them, the votes are split, and all wait again. Some cannot win: the ' +
    'last entry did not reach them. A few milliseconds of randomness are enough to find a ' +
    'leader in the end; more of it finds one at the first try. And timeouts near the time of a ' +
    'round trip make servers stand against a leader that is alive. Downtime counts from the ' +
    'death of a leader to the next; at least half of the timeout, since the last heartbeat was ' +
    'up to that long before.',
  lookFor: [
    '--stagger 0ms: split votes for ever; the run ends without a second leader.',
    '--stagger 5ms, 50ms, 150ms: the median falls, and the worst case falls further.',
    '--timeout 12ms --stagger 12ms: short, at the cost of many elections.',
  ],
  parameters,
  mutants: {},
  scene: (values) => {
    const { nodes, delay, jitter, write, timeout, stagger, prevote, trials } = values;
    const raft = {
      heartbeatNs: Math.round(timeout / 2),
      timeoutNs: [timeout, timeout + stagger] as const,
      hasPreVote: prevote,
      // Without snapshots each server that comes back would read, and be judged by, all that was.
      ...{ batch: 64, window: 8, compactAfter: 128 },
    };
    const restNs = REST_TIMEOUTS * (timeout + stagger);
    const options = { raft, writeNs: write, heartbeats: HEARTBEATS, restNs };
    const plans = Array.from({ length: nodes }, (_, node) => ({
      name: `server ${node}`,
      create: (context: ConstructorParameters<typeof Mortal>[0]) => new Mortal(context, options),
    }));
    const kind = { kind: 'uniform', maxMs: jitter / NS_PER_MS } as const;
    return {
      nodes: plans,
      link: { delayMs: delay / NS_PER_MS, ...(jitter > 0 && { jitter: kind }) },
      workload: [],
      untilNs:
        trials * (HEARTBEATS / 2 + 2) * (timeout + stagger + 2 * delay) + MAX_TIMEOUTS * timeout,
    };
  },
  meter: ({ trials }) => new DowntimeMeter(trials),
  predict,
  checkers: () => [electionSafety(), leaderCompleteness()],
  claims: { survives: [], draw: { trials: [2, 5], stagger: [20 * NS_PER_MS, 150 * NS_PER_MS] } },
});

/** From the death of a leader to the next leader, of the first so many deaths. */
class DowntimeMeter implements Meter {
  readonly #trials: number;
  readonly #downNs: number[] = [];
  #diedAtNs: number | undefined;
  #stood = 0;

  constructor(trials: number) {
    this.#trials = trials;
  }

  observe(event: TraceEvent): void {
    if (event.kind !== 'note' || this.#downNs.length >= this.#trials) return;
    if (event.text === 'dies') this.#diedAtNs ??= event.atNs;
    const note = readNote(event);
    if (note?.kind === 'stands') this.#stood += 1;
    if (note?.kind !== 'leads' || this.#diedAtNs === undefined) return;
    this.#downNs.push(event.atNs - this.#diedAtNs);
    this.#diedAtNs = undefined;
  }

  finish(): Measurements {
    const sorted = this.#downNs.toSorted((a, b) => a - b);
    const trials = { trials: { value: sorted.length, unit: 'count' as const } };
    if (sorted.length === 0) return trials;
    const time = (value: number | undefined) => ({ value: value ?? 0, unit: 'ns' as const });
    const mean = sorted.reduce((sum, ns) => sum + ns, 0) / sorted.length;
    return {
      ...trials,
      'elections.perTrial': { value: this.#stood / sorted.length, unit: 'count' },
      'down.min': time(sorted[0]),
      'down.median': time(sorted[sorted.length >> 1]),
      'down.mean': time(mean),
      'down.p99': time(sorted[Math.floor(sorted.length * 0.99)]),
      'down.max': time(sorted.at(-1)),
    };
  }
}

function predict({ timeout, stagger, delay, write, nodes, trials }: Values): readonly Prediction[] {
  const ms = (ns: number): number => ns / NS_PER_MS;
  const published = PUBLISHED[`${ms(timeout)}-${ms(timeout + stagger)}`] ?? {};
  const isTheirs = nodes === 5 && trials >= 1000;
  const cite = 'Ongaro 2014, §9.3';
  return [
    ...(stagger > 0
      ? [atLeast('down.min', timeout / 2 + 2 * delay + write, 'D / 2, and a vote: 2 δ + write')]
      : []),
    ...(isTheirs ? Object.entries(published) : []).map(([metric, value]): Prediction => {
      return { metric, kind: 'published', value: value * NS_PER_MS, formula: 'measured', cite };
    }),
  ];
}

function atLeast(metric: string, value: number, formula: string): Prediction {
  return { metric, kind: 'at least', value, formula };
}
