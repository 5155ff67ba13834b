/** C10: a clock that knows how wrong it may be, and waiting until it does not matter. */

import { makeChecker } from '../../checkers/checker.ts';
import {
  type Checker,
  type Command,
  defineExperiment,
  type Experiment,
  type Meter,
} from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Measurements, Prediction } from '../../experiment/prediction.ts';
import { BatchMeans, MIN_SAMPLES } from '../../meters/batch-means.ts';
import { atMost, exact } from '../../order/predict.ts';
import { makePayload } from '../../process/payload.ts';
import type { Context, NodeId, Process } from '../../process/process.ts';
import type { TraceEvent } from '../../run/trace-event.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { ErrorPlot } from '../error-plot.ts';
import { IntervalClock } from '../interval-clock.ts';
import { Exchanges, TimeServer } from '../time-exchange.ts';

const parameters = {
  nodes: { kind: 'count', default: 3, min: 1, max: 20, help: 'besides the time master' },
  ppm: {
    kind: 'number',
    default: 100,
    min: 0,
    max: 1000,
    help: 'crystals are wrong by, either way',
  },
  bound: { kind: 'number', default: 200, min: 1, max: 1000, help: 'ppm that are allowed for, D' },
  poll: { kind: 'duration', default: '30s', min: '1s', help: 'from one question to the next, P' },
  base: { kind: 'duration', default: '1ms', min: '1ms', help: 'what is unknown right after it, B' },
  delay: { kind: 'duration', default: '500us', min: '100us', max: '900us', help: 'of a way' },
  commits: { kind: 'count', default: 2400, min: 1, max: 100_000, help: 'transactions' },
  interval: { kind: 'duration', default: '100ms', min: '1ms', help: 'from a pair to the next' },
  gap: { kind: 'duration', default: '1ms', min: '1us', help: 'between the two of a pair' },
} as const;
type Values = ValuesOf<typeof parameters>;

type Mutant = 'no-wait';

const MASTER = 0;
const MILLION = 1_000_000;
/** Before the first commit every clock has been set. */
const START_NS = NS_PER_S;

class Node implements Process {
  readonly #context: Context;
  readonly #values: Values;
  readonly #mutant: Mutant | undefined;
  readonly #exchanges: Exchanges;
  readonly #clock: IntervalClock;
  /** Stamps of transactions that wait, by number. */
  readonly #waiting = new Map<number, { readonly stampNs: number; readonly sinceNs: number }>();
  #last = 0;

  constructor(context: Context, values: Values, mutant: Mutant | undefined) {
    this.#context = context;
    this.#values = values;
    this.#mutant = mutant;
    this.#exchanges = new Exchanges(context);
    this.#clock = new IntervalClock(() => context.monotonicNs(), values.bound);
  }

  onStart(): void {
    this.#poll();
  }

  onTimer(name: string, detail: number): void {
    if (name === 'poll') this.#poll();
    else this.#tryCommit(detail);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const sample = this.#exchanges.take(from, bytes);
    if (sample === undefined) return;
    this.#tellInterval('before');
    const timeNs = this.#context.wallNs() + sample.offsetNs;
    // What the way may have hidden, and what the crystal did meanwhile.
    const hiddenNs = sample.delayNs / 2 + (sample.elapsedNs * this.#values.bound) / MILLION;
    this.#clock.synchronise(timeNs, Math.max(this.#values.base, Math.ceil(hiddenNs)));
    this.#tellInterval('after');
  }

  onCommand(): void {
    this.#tellInterval('now');
    const { latestNs } = this.#clock.now();
    if (latestNs === Infinity) return;
    this.#last += 1;
    const number = this.#last;
    this.#context.note('begin', number);
    this.#context.note('stamp', Math.ceil(latestNs));
    const stampNs = Math.ceil(latestNs);
    this.#waiting.set(number, { stampNs, sinceNs: this.#context.monotonicNs() });
    this.#tryCommit(number);
  }

  /** Commit wait: until the stamp has passed everywhere. */
  #tryCommit(number: number): void {
    const waiting = this.#waiting.get(number);
    if (waiting === undefined) return;
    const { stampNs, sinceNs } = waiting;
    if (this.#mutant !== 'no-wait' && !this.#clock.isAfter(stampNs)) {
      const leftNs = stampNs - this.#clock.now().earliestNs;
      this.#context.setTimer(Math.max(1, leftNs), 'commit', number);
      return;
    }
    this.#waiting.delete(number);
    this.#context.note('waited', this.#context.monotonicNs() - sinceNs);
    this.#context.note('commit', stampNs);
  }

  #poll(): void {
    this.#exchanges.ask(MASTER);
    this.#context.setTimer(this.#values.poll, 'poll');
  }

  #tellInterval(when: 'before' | 'after' | 'now'): void {
    const { earliestNs, latestNs } = this.#clock.now();
    if (latestNs === Infinity) return;
    this.#context.note('earliest', Math.floor(earliestNs));
    this.#context.note('latest', Math.ceil(latestNs));
    this.#context.note(`ε ${when}`, Math.round((latestNs - earliestNs) / 2));
  }
}

class IntervalMeter implements Meter {
  readonly #means = { ε: new BatchMeans(), waited: new BatchMeans() };
  #least = Infinity;
  #most = 0;
  #leastWaitNs = Infinity;
  #outside = 0;
  #commits = 0;

  observe({ kind, text, detail, atNs }: TraceEvent): void {
    if (kind !== 'note') return;
    if (text === 'earliest' && detail > atNs) this.#outside += 1;
    if (text === 'latest' && detail < atNs) this.#outside += 1;
    if (text === 'ε after') this.#least = Math.min(this.#least, detail);
    if (text === 'ε before') this.#most = Math.max(this.#most, detail);
    if (text === 'ε now') this.#means.ε.add(detail);
    if (text === 'commit') this.#commits += 1;
    if (text !== 'waited') return;
    this.#means.waited.add(detail);
    this.#leastWaitNs = Math.min(this.#leastWaitNs, detail);
  }

  finish(): Measurements {
    const { ε, waited } = this.#means;
    return {
      commits: { value: this.#commits, unit: 'count' },
      'eps.min': { value: this.#least, unit: 'ns' },
      'eps.max': { value: this.#most, unit: 'ns' },
      'eps.mean': { ...errorOf(ε), value: Math.round(ε.mean), unit: 'ns' },
      'truth.outside': { value: this.#outside, unit: 'count' },
      'wait.min': { value: this.#leastWaitNs, unit: 'ns' },
      'wait.mean': { value: Math.round(waited.mean), unit: 'ns' },
    };
  }
}

function errorOf({ standardError }: BatchMeans): { readonly standardError?: number } {
  return standardError === undefined ? {} : { standardError };
}

/** Who began after another had committed has the greater stamp. */
function externalConsistency(): Checker {
  const begun = new Map<NodeId, number>();
  let greatest: { readonly stampNs: number; readonly id: number } | undefined;
  return makeChecker('external consistency', {
    observe: ({ kind, text, node, detail, id }, report) => {
      if (kind !== 'note') return;
      if (text === 'begin') begun.set(node, greatest?.stampNs ?? -Infinity);
      if (text === 'stamp' && detail <= (begun.get(node) ?? -Infinity)) {
        const before = `${begun.get(node)} had been committed`;
        report(`node ${node} takes stamp ${detail}, and ${before}`, greatest?.id ?? id, id);
      }
      if (text === 'commit' && detail > (greatest?.stampNs ?? -Infinity)) {
        greatest = { stampNs: detail, id };
      }
    },
  });
}

function truthInside(): Checker {
  return makeChecker('the truth is within the interval', {
    observe: ({ kind, text, node, detail, atNs, id }, report) => {
      if (kind !== 'note') return;
      const isEarly = text === 'earliest' && detail > atNs;
      const isLate = text === 'latest' && detail < atNs;
      if (isEarly || isLate) report(`node ${node}: ${text} is ${detail} at ${atNs}`, id);
    },
  });
}

export const COMMIT_WAIT: Experiment = defineExperiment({
  id: 'C10',
  title: 'Commit wait',
  quote: 'no timestamp guarantee',
  question: 'Can timestamps of different machines be trusted after all?',
  explanation:
    'If every clock says how wrong it may be. After a look at a time master the truth is within ' +
    'B; then the interval grows by D, what crystals are allowed to be wrong by: a saw from B to ' +
    'B + D·P, with TrueTime’s figures (Spanner, OSDI 2012 §3) from 1 to 7 ms, 4 on average. ' +
    'A transaction takes the latest time for its stamp, and says that it is done only when that ' +
    'has certainly passed: a wait of 2 ε. Whoever begins after that gets a greater stamp, on ' +
    'whatever machine. It rests on D: with a crystal beyond it nothing holds.',
  lookFor: [
    'eps.min, eps.max: the saw. wait.mean: twice its mean.',
    'With --ppm 400: the crystals break their promise, and truth.outside is not 0.',
    'The mutant does not wait: fast, and wrong.',
  ],
  parameters,
  mutants: { 'no-wait': 'commits at once: external consistency' },
  scene: (values, { mutant }) => {
    const { nodes, ppm, delay, commits, interval } = values;
    const create = (context: Context): Node =>
      new Node(context, values, mutant as Mutant | undefined);
    return {
      nodes: [
        { name: 'time master', create: (context) => new TimeServer(context) },
        ...Array.from({ length: nodes }, (_, node) => {
          const clock = { ppm: node % 2 === 0 ? ppm : -ppm, offsetNs: node * NS_PER_MS };
          return { name: `node ${node + 1}`, create, clock };
        }),
      ],
      link: { delayMs: delay / NS_PER_MS },
      workload: transactions(values),
      untilNs: START_NS + commits * interval + NS_PER_S,
    };
  },
  plots: { run: () => [new ErrorPlot()] },
  meter: () => new IntervalMeter(),
  predict: (values) => predict(values),
  checkers: ({ ppm, bound }) => (ppm < bound ? [truthInside(), externalConsistency()] : []),
  claims: {
    // Not 'step': the wall clock must not be set between a question and its answer.
    survives: ['loss', 'duplication', 'reordering', 'pause', 'cut', 'hold', 'drift'],
    draw: {
      nodes: [2, 3],
      ppm: [0, 100],
      poll: [5 * NS_PER_S],
      commits: [10, 30],
      interval: [50 * NS_PER_MS, 200 * NS_PER_MS],
      gap: [NS_PER_MS / 5, NS_PER_MS],
    },
    // With the crystal's own no more than what is allowed for.
    clocks: { stepNs: 0, ppm: 90 },
    settle: '3s',
  },
});

function predict({ ppm, bound, poll, base, commits, interval }: Values): readonly Prediction[] {
  const mostNs = base + Math.ceil((bound * poll) / MILLION);
  // Two at each interval; a whole tooth of the saw and what comes after it.
  const lastsNs = Math.floor(commits / 2) * interval;
  if (lastsNs < 2 * poll) return [];
  const mean = { metric: 'eps.mean', value: (base + mostNs) / 2, formula: 'B + D P / 2' } as const;
  return [
    exact('commits', commits, 'transactions'),
    exact('eps.min', base, 'B'),
    // A reading is rounded to a nanosecond, and an interval up to the next one.
    atMost('eps.max', mostNs + 1, 'B + D P + 1 ns'),
    // Of a tooth that is cut short, the mean is another.
    ...(lastsNs % poll === 0 && commits >= MIN_SAMPLES
      ? [{ ...mean, kind: 'statistical' } as const]
      : []),
    ...(ppm < bound ? [exact('truth.outside', 0, '0: y < D')] : []),
    { metric: 'wait.min', kind: 'at least', value: 2 * base, formula: '2 B' },
    atMost('wait.mean', 2 * mostNs, '2 (B + D P)'),
  ];
}

/** Each node in turn, two shortly after each other. */
function* transactions({ nodes, commits, interval, gap }: Values): Generator<Command> {
  for (let number = 0; number < commits; number += 1) {
    const atNs = START_NS + Math.floor(number / 2) * interval + (number % 2) * gap;
    yield { atNs, node: 1 + (number % nodes), payload: makePayload(number) };
  }
}
