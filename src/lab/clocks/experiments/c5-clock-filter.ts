/** C5: of eight samples the one with the least delay. */

import { exp } from '../../../sim/math.ts';
import { makeChecker } from '../../checkers/checker.ts';
import type { Checker, Meter } from '../../experiment/experiment.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Measurement, Measurements } from '../../experiment/prediction.ts';
import { BatchMeans, MIN_SAMPLES } from '../../meters/batch-means.ts';
import { ClockFilter } from '../../ntp/clock-filter.ts';
import { ntp } from '../../ntp/constants.ts';
import type { Context, NodeId, Process } from '../../process/process.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { atMost } from '../../order/predict.ts';
import { Exchanges, TimeServer } from '../time-exchange.ts';
import { every, looks } from '../watch.ts';

const parameters = {
  delay: { kind: 'duration', default: '10ms', help: 'of each way when nobody queues' },
  queue: { kind: 'duration', default: '20ms', help: 'on the way to the server, on average, m' },
  'queue-back': { kind: 'duration', default: '0ms', help: 'on the way back, on average' },
  polls: { kind: 'count', default: 20_000, min: 8, max: 1_000_000, help: 'questions' },
  interval: { kind: 'duration', default: '16s', min: '1ms', help: 'from one to the next' },
} as const;
type Values = ValuesOf<typeof parameters>;

type Mutant = 'newest';

const [CLIENT, SERVER] = [0, 1] as const;

class Client implements Process {
  readonly #context: Context;
  readonly #exchanges: Exchanges;
  readonly #filter = new ClockFilter();
  readonly #mutant: Mutant | undefined;

  constructor(context: Context, mutant: Mutant | undefined) {
    this.#context = context;
    this.#mutant = mutant;
    this.#exchanges = new Exchanges(context);
  }

  onCommand(): void {
    this.#exchanges.ask(SERVER);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const sample = this.#exchanges.take(from, bytes);
    if (sample === undefined) return;
    const context = this.#context;
    const atNs = context.monotonicNs();
    const grownNs = (sample.elapsedNs * ntp.phiPpm) / 1_000_000;
    this.#filter.add({ ...sample, atNs, dispersionNs: grownNs });
    const best = this.#filter.best(atNs);
    if (best === undefined) return;
    const chosen = this.#mutant === 'newest' ? sample : best;
    context.note('sample', Math.round(sample.offsetNs));
    context.note('sample delay', sample.delayNs);
    context.note('chosen delay', chosen.delayNs);
    context.note('dispersion', Math.round(best.dispersionNs));
    context.note('chosen', Math.round(chosen.offsetNs));
  }
}

/** Both clocks are right: every offset is an error. */
class FilterMeter implements Meter {
  readonly #means = { sample: new BatchMeans(), chosen: new BatchMeans() };
  readonly #squares = { sample: 0, chosen: 0 };
  #dispersionNs = 0;

  observe({ kind, text, detail }: Parameters<Meter['observe']>[0]): void {
    if (kind !== 'note') return;
    if (text === 'dispersion') this.#dispersionNs = detail;
    if (text !== 'sample' && text !== 'chosen') return;
    this.#means[text].add(detail);
    this.#squares[text] += detail ** 2;
  }

  finish(): Measurements {
    const { sample, chosen } = this.#means;
    const rms = (name: 'sample' | 'chosen'): Measurement => {
      const { count } = this.#means[name];
      return { value: Math.round(Math.sqrt(this.#squares[name] / Math.max(1, count))), unit: 'ns' };
    };
    return {
      samples: { value: sample.count, unit: 'count' },
      'offset.mean.one': measured(sample),
      'offset.mean.filtered': measured(chosen),
      'offset.rms.one': rms('sample'),
      'offset.rms.filtered': rms('chosen'),
      dispersion: { value: this.#dispersionNs, unit: 'ns' },
    };
  }
}

function measured(means: BatchMeans): Measurement {
  const { standardError } = means;
  return { value: means.mean, unit: 'ns', ...(standardError !== undefined && { standardError }) };
}

/** Of the last eight samples none has less delay than the one that is chosen. */
function leastDelay(): Checker {
  const delays: number[] = [];
  return makeChecker('the least delay of eight is chosen', {
    observe: ({ kind, text, detail, id }, report) => {
      if (kind !== 'note') return;
      if (text === 'sample delay') {
        delays.unshift(detail);
        delays.length = Math.min(delays.length, ntp.stages);
      }
      if (text !== 'chosen delay') return;
      const least = Math.min(...delays);
      if (detail > least) report(`a sample with ${detail} ns, though one had ${least} ns`, id);
    },
  });
}

export const CLOCK_FILTER: Experiment = defineExperiment({
  id: 'C5',
  title: 'The clock filter',
  quote: 'NTP',
  question: 'Is it better to ask once, or often, and what to do with many answers?',
  explanation:
    'Queues make ways longer, and not both alike: the offset is wrong by half of the difference. ' +
    'Averaging does not help, as queues only ever add. But somebody who asks often meets an ' +
    'empty queue now and then, and recognises it by the delay. So of the last eight samples the ' +
    'one with the least delay is taken (RFC 5905 §10). With a queue of m on average on one ' +
    'way, exponential, one sample is wrong by m/2 on average, the least of eight by m/16. ' +
    'A sample that is old is worth less: dispersion grows by 15 ppm.',
  lookFor: [
    'offset.mean.filtered beside offset.mean.one: an eighth.',
    'With --queue-back 20ms: the mean is right by symmetry, and the rms is not.',
    'dispersion: what the RFC adds for the age of samples.',
  ],
  parameters,
  mutants: { newest: 'takes the newest sample: the least delay of eight is chosen' },
  scene: (values, { mutant }) => {
    const { delay, queue, polls, interval } = values;
    const link = (meanNs: number): object => {
      const jitter = { kind: 'exponential', meanMs: meanNs / NS_PER_MS } as const;
      return meanNs > 0 ? { jitter } : {};
    };
    const delayMs = delay / NS_PER_MS;
    const lastNs = (polls - 1) * interval;
    return {
      nodes: [
        { name: 'client', create: (context) => new Client(context, mutant as Mutant | undefined) },
        { name: 'server', create: (context) => new TimeServer(context) },
      ],
      link: { delayMs },
      links: [
        { from: CLIENT, to: SERVER, link: { delayMs, ...link(queue) } },
        { from: SERVER, to: CLIENT, link: { delayMs, ...link(values['queue-back']) } },
      ],
      workload: looks(every(interval, lastNs), [CLIENT]),
      untilNs: lastNs + 10 * NS_PER_S,
    };
  },
  meter: () => new FilterMeter(),
  predict: (values) => {
    const { queue, polls } = values;
    const isOneWay = values['queue-back'] === 0;
    // The first seven choose among fewer than eight, and a late answer is no answer.
    const isLong = polls >= MIN_SAMPLES && isAlone(values);
    if (!isOneWay || !isLong) return [];
    return [
      statistical('offset.mean.one', queue / 2, 'm / 2'),
      statistical('offset.mean.filtered', queue / 2 / ntp.stages, 'm / 16'),
      atMost('dispersion', dispersionNs(values), 'Σ (φ age) / 2^(i+1)'),
    ];
  },
  checkers: () => [leastDelay()],
  claims: {
    survives: ['loss', 'duplication', 'reordering', 'pause', 'cut', 'hold', 'partition', 'drift'],
    draw: {
      polls: [16, 40],
      interval: [100 * NS_PER_MS, NS_PER_S],
      queue: [0, 20 * NS_PER_MS],
      'queue-back': [0, 20 * NS_PER_MS],
    },
  },
});

function statistical(
  metric: string,
  value: number,
  formula: string,
): { metric: string; kind: 'statistical'; value: number; formula: string } {
  return { metric, kind: 'statistical', value, formula };
}

/** A question is answered before the next one is asked, but in a run of thousands once. */
function isAlone({ queue, delay, interval, polls }: Values): boolean {
  const roomNs = interval - 2 * delay;
  return roomNs > 0 && (queue === 0 || polls * exp(-roomNs / queue) < 0.001);
}

/** Eight samples as old as they can be, each weighted half of the one before. */
function dispersionNs({ interval }: Values): number {
  const oldestNs = ntp.stages * interval;
  return Math.ceil((oldestNs * ntp.phiPpm) / 1_000_000);
}
