/** C2: one exchange of NTP, over ways that need not be alike. */

import { makeChecker } from '../../checkers/checker.ts';
import type { Checker, Meter } from '../../experiment/experiment.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Measurement, Prediction } from '../../experiment/prediction.ts';
import type { Context, NodeId, Process } from '../../process/process.ts';
import { NS_PER_MS } from '../../../sim/units.ts';
import { atMost, exact } from '../../order/predict.ts';
import { type Exchanged, Exchanges, type ExchangeMutant, TimeServer } from '../time-exchange.ts';
import { every, looks, WALL } from '../watch.ts';

const parameters = {
  forth: { kind: 'duration', default: '30ms', help: 'the way to the server, f' },
  back: { kind: 'duration', default: '10ms', help: 'the way from it, b' },
  jitter: { kind: 'duration', default: '0ms', help: 'added to each way, at most' },
  loss: { kind: 'fraction', default: 0, help: 'chance of a datagram to be lost' },
  offset: { kind: 'duration', default: '1s', help: 'the client’s clock is ahead by' },
  ppm: { kind: 'number', default: 0, min: -500, max: 500, help: 'the client’s crystal, y' },
  hold: { kind: 'duration', default: '0ms', help: 'the server keeps a request so long, h' },
  exchanges: { kind: 'count', default: 10, min: 1, max: 100_000, help: 'questions' },
  interval: { kind: 'duration', default: '16s', min: '1ms', help: 'from one to the next' },
} as const;
type Values = ValuesOf<typeof parameters>;

const [CLIENT, SERVER] = [0, 1] as const;
const MILLION = 1_000_000;
/** What two crystals may be apart by, faults included. */
const DRIFT_PPM = 1000;

class Client implements Process {
  readonly #context: Context;
  readonly #exchanges: Exchanges;

  constructor(context: Context, mutant: ExchangeMutant | undefined) {
    this.#context = context;
    this.#exchanges = new Exchanges(context, mutant);
  }

  onCommand(): void {
    this.#exchanges.ask(SERVER);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const sample = this.#exchanges.take(from, bytes);
    if (sample) tellSample(this.#context, sample);
  }
}

function tellSample(context: Context, { offsetNs, delayNs, elapsedNs }: Exchanged): void {
  context.note(WALL, context.wallNs());
  context.note('elapsed', elapsedNs);
  context.note('delay', delayNs);
  context.note('offset', Math.round(offsetNs));
}

/** Follows a client's remarks; the server is right, so the true offset is known. */
class SampleWatch {
  #wallNs = 0;
  #elapsedNs = 0;
  #delayNs = 0;

  /** When a sample is complete: what is wrong about it. */
  take(text: string, value: number, atNs: number): Taken | undefined {
    if (text === WALL) this.#wallNs = value;
    if (text === 'elapsed') this.#elapsedNs = value;
    if (text === 'delay') this.#delayNs = value;
    if (text !== 'offset') return undefined;
    const errorNs = value - (atNs - this.#wallNs);
    return { errorNs, delayNs: this.#delayNs, elapsedNs: this.#elapsedNs };
  }
}

interface Taken {
  readonly errorNs: number;
  readonly delayNs: number;
  readonly elapsedNs: number;
}

class SampleMeter implements Meter {
  readonly #watch = new SampleWatch();
  readonly #errors = new Range();
  readonly #delays = new Range();

  observe({ kind, text, detail, atNs }: Parameters<Meter['observe']>[0]): void {
    if (kind !== 'note') return;
    const taken = this.#watch.take(text, detail, atNs);
    if (taken === undefined) return;
    this.#errors.add(taken.errorNs);
    this.#delays.add(taken.delayNs);
  }

  finish(): ReturnType<Meter['finish']> {
    return {
      samples: { value: this.#errors.count, unit: 'count' },
      ...this.#errors.measure('offset.err'),
      ...this.#delays.measure('delay'),
    };
  }
}

class Range {
  count = 0;
  #least = Infinity;
  #most = -Infinity;

  add(value: number): void {
    this.count += 1;
    this.#least = Math.min(this.#least, value);
    this.#most = Math.max(this.#most, value);
  }

  measure(name: string): Record<string, Measurement> {
    if (this.count === 0) return {};
    return {
      [`${name}.min`]: { value: this.#least, unit: 'ns' },
      [`${name}.max`]: { value: this.#most, unit: 'ns' },
    };
  }
}

/** RFC 5905 §8: with what the crystals did meanwhile. */
function withinHalfDelay(): Checker {
  const watch = new SampleWatch();
  return makeChecker('within half of the delay', {
    observe: ({ kind, text, detail, atNs, id }, report) => {
      const taken = kind === 'note' ? watch.take(text, detail, atNs) : undefined;
      if (taken === undefined) return;
      const { errorNs, delayNs, elapsedNs } = taken;
      const boundNs = delayNs / 2 + (elapsedNs * DRIFT_PPM) / MILLION + 1;
      if (Math.abs(errorNs) <= boundNs) return;
      report(`an offset is wrong by ${errorNs} ns with a delay of ${delayNs} ns`, id);
    },
  });
}

export const ONE_EXCHANGE: Experiment = defineExperiment({
  id: 'C2',
  title: 'One exchange',
  quote: 'NTP',
  question: 'How well can one clock be read from another, over a network?',
  explanation:
    'A client sends at T1, the server receives at T2 and answers at T3, the client has it at T4: ' +
    'θ = ((T2 − T1) + (T3 − T4))/2 is the offset, δ = (T4 − T1) − (T3 − T2) the delay. The ' +
    'formula takes the two ways for equally long. When they are f and b, θ is wrong by ' +
    'exactly (f − b)/2, and nothing in the four times tells: only that it is no more than δ/2. ' +
    'A crystal that is wrong makes δ wrong too: at 100 ppm over 64 s by 6.4 ms, which can be ' +
    'more than there is, so that δ must be clamped (RFC 5905 §8).',
  lookFor: [
    'offset.err.max: 10 ms, though every packet came in 30 or 10 ms, every time.',
    'With --forth 20ms: the ways are equal, and the offset is right to the nanosecond.',
    'With --forth 1ms --back 1ms --hold 64s --ppm -100: delay.max is clamped.',
  ],
  parameters,
  mutants: {
    'no-origin-check': 'believes an answer to an earlier question: within half of the delay',
  },
  scene: (values, { mutant }) => {
    const { forth, back, jitter, loss, offset, ppm, hold, exchanges, interval } = values;
    const link = (ns: number): object => {
      const max = { kind: 'uniform', maxMs: jitter / NS_PER_MS } as const;
      return { delayMs: ns / NS_PER_MS, loss, ...(jitter > 0 && { jitter: max }) };
    };
    const lastNs = (exchanges - 1) * interval;
    return {
      nodes: [
        {
          name: 'client',
          create: (context) => new Client(context, mutant as ExchangeMutant | undefined),
          clock: { offsetNs: offset, ppm },
        },
        { name: 'server', create: (context) => new TimeServer(context, { holdNs: hold }) },
      ],
      link: { delayMs: 0 },
      links: [
        { from: CLIENT, to: SERVER, link: { delayMs: 0, ...link(forth) } },
        { from: SERVER, to: CLIENT, link: { delayMs: 0, ...link(back) } },
      ],
      workload: looks(every(interval, lastNs), [CLIENT]),
      untilNs: lastNs + forth + back + 2 * jitter + hold + NS_PER_MS,
    };
  },
  meter: () => new SampleMeter(),
  predict: (values) => predict(values),
  checkers: () => [withinHalfDelay()],
  claims: {
    survives: ['loss', 'duplication', 'reordering', 'pause', 'partition', 'cut', 'hold', 'drift'],
    draw: {
      forth: [5 * NS_PER_MS, 30 * NS_PER_MS],
      back: [5 * NS_PER_MS, 10 * NS_PER_MS],
      jitter: [0, 20 * NS_PER_MS],
      loss: [0, 0.1],
      ppm: [-200, 0, 200],
      interval: [20 * NS_PER_MS, 100 * NS_PER_MS],
    },
  },
});

function predict(values: Values): readonly Prediction[] {
  const { forth, back, jitter, loss, ppm, hold, exchanges, interval } = values;
  const isAlone = interval > forth + back + 2 * jitter + hold;
  if (jitter > 0 || loss > 0 || !isAlone) {
    return [atMost('delay.max', forth + back + 2 * jitter, 'f + b + jitter')].filter(
      () => ppm === 0,
    );
  }
  const apparentNs = forth + back + ((forth + back + hold) * ppm) / MILLION;
  const isClamped = apparentNs < 1;
  const delayFormula = ppm === 0 ? 'f + b' : 'f + b + (f + b + h) y';
  const delayNs = isClamped ? 1 : apparentNs;
  return [
    exact('samples', exchanges, 'exchanges'),
    ...(ppm === 0
      ? [
          exact('offset.err.min', (forth - back) / 2, '(f − b) / 2'),
          exact('offset.err.max', (forth - back) / 2, '(f − b) / 2'),
        ]
      : []),
    ...(Number.isInteger(apparentNs)
      ? [exact('delay.max', delayNs, isClamped ? 'the precision' : delayFormula)]
      : []),
  ];
}
