/** C6: how to set a clock that is wrong. */

import { makeChecker } from '../../checkers/checker.ts';
import type { Checker, Meter } from '../../experiment/experiment.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Measurements, Prediction } from '../../experiment/prediction.ts';
import type { Context, NodeId, Process } from '../../process/process.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { neverBackwards } from '../clock-checkers.ts';
import { ClockMeter } from '../clock-meter.ts';
import { Discipline, type DisciplineMutant } from '../discipline.ts';
import { exact } from '../../order/predict.ts';
import { Exchanges, TimeServer } from '../time-exchange.ts';
import { ErrorPlot } from '../error-plot.ts';
import { every, looks, WALL } from '../watch.ts';

const parameters = {
  offset: { kind: 'duration', default: '100ms', max: '1d', help: 'the clock is wrong by, x' },
  behind: { kind: 'flag', default: false, help: 'it is behind, not ahead' },
  ppm: { kind: 'number', default: 0, min: -200, max: 200, help: 'its crystal' },
  step: { kind: 'duration', default: '125ms', help: 'what is larger is stepped, STEPT' },
  watch: { kind: 'duration', default: '900s', help: 'when it has lasted so long, WATCH' },
  panic: { kind: 'duration', default: '1000s', help: 'what is larger is not believed, PANICT' },
  slew: { kind: 'number', default: 500, min: 1, max: 100_000, help: 'ppm, r' },
  poll: { kind: 'duration', default: '64s', min: '1s', help: 'from a question to the next' },
  delay: { kind: 'duration', default: '10ms', help: 'of each way' },
  time: { kind: 'duration', default: '3000s', help: 'of the run' },
} as const;
type Values = ValuesOf<typeof parameters>;

const [CLIENT, SERVER] = [0, 1] as const;
const MILLION = 1_000_000;
/** A clock that is so near is right: what an exchange is wrong by while the clock is slewed. */
const RIGHT_NS = 20_000;

class Client implements Process {
  readonly #context: Context;
  readonly #pollNs: number;
  readonly #exchanges: Exchanges;
  readonly #discipline: Discipline;

  constructor(context: Context, values: Values, mutant: DisciplineMutant | undefined) {
    const { step, watch, panic, slew, poll } = values;
    const options = { stepNs: step, watchNs: watch, panicNs: panic, slewPpm: slew };
    this.#context = context;
    this.#pollNs = poll;
    this.#exchanges = new Exchanges(context);
    this.#discipline = new Discipline(context, { ...options, ...(mutant && { mutant }) });
  }

  onStart(): void {
    this.#poll();
  }

  onTimer(name: string): void {
    if (name === 'slewed') this.#discipline.onTimer();
    else this.#poll();
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const sample = this.#exchanges.take(from, bytes);
    if (sample) this.#discipline.take(sample.offsetNs);
  }

  onCommand(): void {
    this.#context.note(WALL, this.#context.wallNs());
  }

  #poll(): void {
    if (this.#discipline.hasPanicked) return;
    this.#exchanges.ask(SERVER);
    this.#context.setTimer(this.#pollNs, 'poll');
  }
}

class CorrectionMeter implements Meter {
  readonly #clocks = new ClockMeter();
  #steps = 0;
  #panics = 0;
  /** Since when it has been right. */
  #rightSinceNs: number | undefined;

  observe(event: Parameters<Meter['observe']>[0]): void {
    this.#clocks.observe(event);
    const { kind, text, atNs, detail } = event;
    if (kind !== 'note') return;
    if (text === 'steps') this.#steps += 1;
    if (text === 'panics') this.#panics += 1;
    if (text !== WALL) return;
    if (Math.abs(detail - atNs) > RIGHT_NS) this.#rightSinceNs = undefined;
    else this.#rightSinceNs ??= atNs;
  }

  finish(): Measurements {
    const since = this.#rightSinceNs;
    return {
      ...(since !== undefined && { 'right.after': { value: since, unit: 'ns' } }),
      steps: { value: this.#steps, unit: 'count' },
      panics: { value: this.#panics, unit: 'count' },
      ...this.#clocks.finish(),
    };
  }
}

function noHugeCorrection(panicNs: number): Checker {
  return makeChecker('nobody is believed beyond the panic threshold', {
    observe: ({ kind, text, detail, id }, report) => {
      if (kind !== 'note' || text !== 'steps' || Math.abs(detail) <= panicNs) return;
      report(`the clock is set by ${detail} ns`, id);
    },
  });
}

export const STEP_OR_SLEW: Experiment = defineExperiment({
  id: 'C6',
  title: 'Step or slew',
  quote: 'wall clock backwards',
  question: 'A clock is found to be wrong. How should it be set right?',
  explanation:
    'At once (a step): then time jumps, perhaps back, and durations come out below zero. Or by ' +
    'running a little faster or slower (a slew): then time goes on, and it takes x/r. At 500 ppm ' +
    'a tenth of a second takes 200 s, a second 2000 s; chrony slews at 83,333 ppm if it must. ' +
    'NTP slews up to STEPT (125 ms in figure 27 of RFC 5905, 128 ms in its appendix), steps ' +
    'what is larger and has lasted for WATCH (a single packet must not set a clock), and stops ' +
    'above PANICT: whoever says that we are a quarter of an hour wrong is probably wrong himself.',
  lookFor: [
    'right.after, and mono.violations, at --offset 100ms and at --offset 500ms.',
    'rate.err.max: never more than r while it slews.',
    'With --offset 1100s: it panics, and stays wrong.',
  ],
  parameters,
  mutants: {
    'step-always': 'steps every offset: wall never goes backwards',
    'no-panic': 'believes any offset: nobody is believed beyond the panic threshold',
  },
  scene: (values, { mutant }) => {
    const { offset, behind, ppm, delay, time } = values;
    return {
      nodes: [
        {
          name: 'client',
          create: (context) => new Client(context, values, mutant as DisciplineMutant | undefined),
          clock: { offsetNs: behind ? -offset : offset, ppm },
        },
        { name: 'server', create: (context) => new TimeServer(context) },
      ],
      link: { delayMs: delay / NS_PER_MS },
      workload: looks(every(NS_PER_S, time), [CLIENT]),
      untilNs: time,
    };
  },
  plots: { run: () => [new ErrorPlot()] },
  meter: () => new CorrectionMeter(),
  predict: (values) => predict(values),
  checkers: (values) => [
    noHugeCorrection(values.panic),
    // Of larger offsets it is the point that they are stepped.
    ...(values.offset <= values.step ? [neverBackwards()] : []),
  ],
  claims: {
    survives: ['loss', 'duplication', 'partition', 'cut', 'drift'],
    draw: {
      offset: [0, 20 * NS_PER_MS, 100 * NS_PER_MS, 300 * NS_PER_MS, 2000 * NS_PER_S],
      behind: [false, true],
      ppm: [-100, 0, 100],
      poll: [4 * NS_PER_S, 16 * NS_PER_S],
      watch: [30 * NS_PER_S],
      time: [100 * NS_PER_S],
    },
    settle: '60s',
  },
});

function predict(values: Values): readonly Prediction[] {
  const { offset, ppm, step, panic } = values;
  const isPanic = offset > panic;
  const panics = exact('panics', isPanic ? 1 : 0, isPanic ? '1: x > PANICT' : '0');
  if (ppm !== 0 || offset === 0) return [panics];
  if (isPanic) return [panics, ...stepsBack(0)];
  return [panics, ...(offset > step ? predictStep(values) : predictSlew(values))];
}

/** Large offsets are seen at the first poll, and stepped at the first poll WATCH later. */
function predictStep({ watch, poll, delay, time, behind }: Values): readonly Prediction[] {
  const stepNs = Math.ceil(watch / poll) * poll + 2 * delay;
  if (stepNs > time) return stepsBack(0);
  return [
    exact('right.after', stepNs, '2 d + WATCH, at a poll'),
    exact('steps', 1, '1: x > STEPT'),
    exact('mono.violations', behind ? 0 : 1, behind ? '0' : '1 step, back'),
  ];
}

function predictSlew({ offset, slew, delay, time }: Values): readonly Prediction[] {
  const rightNs = 2 * delay + (Math.max(0, offset - RIGHT_NS) * MILLION) / slew;
  const seenNs = Math.ceil(rightNs / NS_PER_S) * NS_PER_S;
  if (seenNs > time) return stepsBack(0);
  return [exact('right.after', seenNs, '2 d + x / r, at a look'), ...stepsBack(0)];
}

function stepsBack(count: number): readonly Prediction[] {
  return [exact('steps', count, '0'), exact('mono.violations', count, '0')];
}
