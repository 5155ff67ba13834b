/** C1: a crystal, and nobody who sets the clock. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import { neverBackwards, withinBound } from '../clock-checkers.ts';
import { ClockMeter } from '../clock-meter.ts';
import { atMost, exact } from '../../order/predict.ts';
import { ErrorPlot } from '../error-plot.ts';
import { every, looks, Watch } from '../watch.ts';

const parameters = {
  ppm: { kind: 'number', default: 15, min: -500, max: 500, help: 'the crystal of node 0, y' },
  other: { kind: 'number', default: 0, min: -500, max: 500, help: 'that of node 1' },
  temperature: { kind: 'number', default: 0, min: 0, max: 100, help: 'ppm at the warmest, a' },
  wander: {
    kind: 'number',
    default: 0,
    min: 0,
    max: 10,
    help: 'ppm by which the rate walks in 1 s',
  },
  time: { kind: 'duration', default: '1d', min: '1s', max: '100d', help: 'without correction, t' },
  looks: { kind: 'count', default: 24, min: 1, max: 100_000, help: 'at the clocks' },
} as const;
type Values = ValuesOf<typeof parameters>;

const MILLION = 1_000_000;
const DAY_NS = 86_400_000_000_000;

/**
 * The Patriot of Dhahran, 1991: its time was a count of tenths of a second, times 0.1 in 24 bits,
 * which is less than 0.1 by 0.000000095 (GAO/IMTEC-92-26).
 */
const TENTH_NS = 100_000_000;
const TENTH_IN_24_BITS = Math.floor(0.1 * 2 ** 23) / 2 ** 23;

function patriot(wallNs: number): number {
  return Math.round(Math.floor(wallNs / TENTH_NS) * TENTH_IN_24_BITS * 1_000_000_000);
}

export const CRYSTAL: Experiment = defineExperiment({
  id: 'C1',
  title: 'A crystal',
  quote: 'crystal',
  question: 'How wrong is a clock that nobody sets?',
  explanation:
    'A clock counts the oscillations of a crystal. Its rate is wrong by some parts per million: ' +
    'the error after t is y·t, 1.296 s a day at 15 ppm, 6 ms in 30 s at 200 ppm. It follows ' +
    'the temperature of the day, too, and it wanders: its deviation grows with the root of time. ' +
    'No counting can tell a clock that it is wrong; it must ask another.',
  lookFor: [
    'clock.err.max at --ppm 15, 50 and 200: straight lines.',
    'With --ppm 0 --temperature 10: nothing after a whole day, and much at noon.',
    'With --ppm 0 --wander 0.01: each --seed has another crystal.',
  ],
  parameters,
  mutants: { patriot: 'counts tenths of a second in 24 bits, as a missile did: no more than y t' },
  scene: (values, { mutant }) => {
    const { ppm, other, temperature, wander, time, looks: count } = values;
    const create = (context: ConstructorParameters<typeof Watch>[0]): Watch =>
      new Watch(context, mutant === 'patriot' ? patriot : undefined);
    const heat = temperature > 0 && { temperature: { ppm: temperature, periodNs: DAY_NS } };
    return {
      nodes: [
        { name: 'watch', create, clock: { ppm, wanderPpm: wander, ...heat } },
        { name: 'other watch', create, clock: { ppm: other } },
      ],
      link: { delayMs: 1 },
      workload: looks(every(Math.floor(time / count), time), [0, 1]),
      untilNs: time,
    };
  },
  plots: { run: () => [new ErrorPlot()] },
  meter: () => new ClockMeter(),
  predict: (values) => {
    const { ppm, other, temperature, wander } = values;
    const lastNs = lastLookNs(values);
    if (wander > 0) return [];
    if (temperature > 0)
      return [atMost('clock.err.max', boundNs(values, lastNs) + 1, 'y t + a P/π')];
    return [
      exact('clock.err.max', (Math.max(Math.abs(ppm), Math.abs(other)) * lastNs) / MILLION, 'y t'),
      exact('clock.apart.max', (Math.abs(ppm - other) * lastNs) / MILLION, '(y₁ − y₀) t'),
      exact('mono.violations', 0, '0'),
    ];
  },
  checkers: (values) => [
    neverBackwards(),
    ...(values.wander > 0
      ? []
      : [withinBound('no more than y t', (ns) => boundNs(values, ns) + 1)]),
  ],
  claims: {
    survives: [],
    draw: { ppm: [-200, -15, 0, 15, 200], other: [0, 50], temperature: [0, 10], looks: [24, 100] },
  },
});

/** The warm half of a day adds a·P/π at most: the area below half of a sine. */
function boundNs({ ppm, other, temperature }: Values, trueNs: number): number {
  const constantNs = (Math.max(Math.abs(ppm), Math.abs(other)) * trueNs) / MILLION;
  return constantNs + (temperature * DAY_NS) / Math.PI / MILLION;
}

function lastLookNs({ time, looks: count }: Values): number {
  const stepNs = Math.floor(time / count);
  return Math.floor(time / stepNs) * stepNs;
}
