/** C7: durations and deadlines by the wall clock, when that is set back. */

import { makeChecker } from '../../checkers/checker.ts';
import type { Checker, Meter } from '../../experiment/experiment.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Measurements, Prediction } from '../../experiment/prediction.ts';
import { exact } from '../../order/predict.ts';
import { messageFormat } from '../../process/message-format.ts';
import type { Context, NodeId, Process } from '../../process/process.ts';
import type { Fault } from '../../run/fault.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { every, looks } from '../watch.ts';

const parameters = {
  clock: {
    kind: 'choice',
    choices: ['monotonic', 'wall'],
    default: 'monotonic',
    help: 'by which durations are measured',
  },
  back: { kind: 'duration', default: '1s', help: 'the wall clock is set back by, each time' },
  steps: { kind: 'count', default: 3, min: 0, max: 1000, help: 'how often' },
  delay: { kind: 'duration', default: '20ms', min: '1ms', help: 'of a way' },
  ttl: { kind: 'duration', default: '10s', help: 'how long a record may be kept, T' },
  time: { kind: 'duration', default: '60s', help: 'of the run' },
} as const;
type Values = ValuesOf<typeof parameters>;

type Mutant = 'wall-clock-rtt';

const [CLIENT, SERVER] = [0, 1] as const;
const INTERVAL_NS = 100 * NS_PER_MS;
const format = messageFormat({ ping: { number: 'u32' } });

/** Asks every 100 ms, measures how long answers take, and keeps a record for its TTL. */
class Client implements Process {
  readonly #context: Context;
  readonly #values: Values;
  readonly #mutant: Mutant | undefined;
  #number = 0;
  #askedNs = 0;
  #expiresNs: number | undefined;

  constructor(context: Context, values: Values, mutant: Mutant | undefined) {
    this.#context = context;
    this.#values = values;
    this.#mutant = mutant;
  }

  onCommand(): void {
    const nowNs = this.#nowNs();
    if (this.#expiresNs === undefined || nowNs >= this.#expiresNs) {
      this.#context.note('fetches');
      this.#expiresNs = nowNs + this.#values.ttl;
    }
    this.#number += 1;
    this.#askedNs = nowNs;
    this.#context.send(SERVER, format.write({ kind: 'ping', number: this.#number }), {
      tag: 'ping',
      detail: this.#number,
    });
  }

  onDatagram(_from: NodeId, bytes: Uint8Array): void {
    if (format.read(bytes)?.number !== this.#number) return;
    this.#context.note('rtt', this.#nowNs() - this.#askedNs);
  }

  #nowNs(): number {
    const isWall = this.#mutant === 'wall-clock-rtt' || this.#values.clock === 'wall';
    return isWall ? this.#context.wallNs() : this.#context.monotonicNs();
  }
}

class Echo implements Process {
  readonly #context: Context;

  constructor(context: Context) {
    this.#context = context;
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    this.#context.send(from, bytes, { tag: 'pong' });
  }
}

class DurationMeter implements Meter {
  #negative = 0;
  #leastNs = Infinity;
  #fetchedNs: number | undefined;
  #longestNs = 0;

  observe({ kind, text, detail, atNs, node }: Parameters<Meter['observe']>[0]): void {
    if (kind !== 'note' || node !== CLIENT) return;
    if (text === 'rtt') {
      if (detail < 0) this.#negative += 1;
      this.#leastNs = Math.min(this.#leastNs, detail);
    }
    if (text !== 'fetches') return;
    if (this.#fetchedNs !== undefined) {
      this.#longestNs = Math.max(this.#longestNs, atNs - this.#fetchedNs);
    }
    this.#fetchedNs = atNs;
  }

  finish(): Measurements {
    return {
      'rtt.negative': { value: this.#negative, unit: 'count' },
      'rtt.min': { value: this.#leastNs === Infinity ? 0 : this.#leastNs, unit: 'ns' },
      'kept.max': { value: this.#longestNs, unit: 'ns' },
    };
  }
}

function neverNegative(): Checker {
  return makeChecker('no duration is negative', {
    observe: ({ kind, text, detail, id }, report) => {
      if (kind === 'note' && text === 'rtt' && detail < 0) {
        report(`an answer took ${detail} ns`, id);
      }
    },
  });
}

export const BACKWARDS: Experiment = defineExperiment({
  id: 'C7',
  title: 'Backwards',
  quote: 'wall clock backwards',
  question: 'What happens to a program that measures durations with the wall clock?',
  explanation:
    'Time of day is set: by NTP, by leap seconds, by people. A duration is the difference of two ' +
    'readings, and when the clock is set back between them it is too short, or below zero. On ' +
    '2017-01-01 a negative round-trip time reached a random generator that takes positive ' +
    'numbers only, and 0.2 % of Cloudflare’s DNS queries failed. A deadline by wall time comes ' +
    'late by what the clock was set back: a record outlives its TTL. Monotonic clocks exist for ' +
    'this. They say nothing about the time of day, and durations need none.',
  lookFor: [
    'rtt.negative with --clock wall: once a step, the answer that was under way.',
    'kept.max with --clock wall: T and what the steps of that time add up to.',
    'With --clock wall --back 30ms: shorter than the way, and no duration is negative. Only wrong.',
  ],
  parameters,
  mutants: { 'wall-clock-rtt': 'measures by the wall clock after all: no duration is negative' },
  scene: (values, { mutant }) => {
    const { delay, time } = values;
    return {
      nodes: [
        {
          name: 'client',
          create: (context) => new Client(context, values, mutant as Mutant | undefined),
        },
        { name: 'server', create: (context) => new Echo(context) },
      ],
      link: { delayMs: delay / NS_PER_MS },
      workload: looks(every(INTERVAL_NS, time), [CLIENT]),
      faults: stepsOf(values),
      untilNs: time + NS_PER_S,
    };
  },
  meter: () => new DurationMeter(),
  predict: (values) => predict(values),
  checkers: ({ clock }) => (clock === 'monotonic' ? [neverNegative()] : []),
  claims: {
    survives: ['loss', 'duplication', 'reordering', 'pause', 'partition', 'hold', 'step', 'drift'],
    draw: {
      back: [0, 30 * NS_PER_MS, NS_PER_S],
      steps: [0, 2],
      ttl: [NS_PER_S, 3 * NS_PER_S],
      time: [5 * NS_PER_S],
    },
    settle: '1s',
  },
});

/** Each while an answer is under way, evenly over the run. */
function stepsOf({ back, steps, delay, time }: Values): readonly Fault[] {
  return Array.from({ length: steps }, (_, index): Fault => {
    const place = Math.floor(((index + 1) * time) / (steps + 1) / INTERVAL_NS);
    return { kind: 'step', node: CLIENT, atNs: place * INTERVAL_NS + delay, byNs: -back };
  });
}

function predict(values: Values): readonly Prediction[] {
  const { clock, back, steps, delay, ttl, time } = values;
  const isAnswered = 2 * delay < INTERVAL_NS;
  if (!isAnswered || ttl % INTERVAL_NS !== 0 || ttl >= time) return [];
  if (clock === 'monotonic') {
    return [
      exact('rtt.negative', 0, '0'),
      exact('rtt.min', 2 * delay, '2 d'),
      exact('kept.max', ttl, 'T'),
    ];
  }
  const isNegative = back > 2 * delay;
  return [
    exact('rtt.negative', isNegative ? steps : 0, isNegative ? 'steps' : '0: back < 2 d'),
    exact('rtt.min', 2 * delay - (steps > 0 ? back : 0), '2 d − back'),
  ];
}
