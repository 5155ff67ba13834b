/** C8: a leap second, and the ways to live through it. */

import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Prediction } from '../../experiment/prediction.ts';
import { atMost, exact } from '../../order/predict.ts';
import { type LeapHandling, type LeapSecond, posixOffsetNs } from '../../../sim/leap-second.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { neverBackwards, withinBound } from '../clock-checkers.ts';
import { ClockMeter } from '../clock-meter.ts';
import { ErrorPlot } from '../error-plot.ts';
import { looks, Watch } from '../watch.ts';

const HANDLINGS = ['repeat', 'freeze', 'late', 'slew', 'smear', 'ignore'] as const;
type Handling = (typeof HANDLINGS)[number];

const parameters = {
  node: { kind: 'choice', choices: HANDLINGS, default: 'repeat', help: 'what node 0 does' },
  other: { kind: 'choice', choices: HANDLINGS, default: 'smear', help: 'what node 1 does' },
  late: { kind: 'duration', default: '1h', help: 'after how long “late” notices' },
  slew: { kind: 'number', default: 500, min: 1, max: 100_000, help: 'ppm of “slew”' },
} as const;
type Values = ValuesOf<typeof parameters>;

type Mutant = 'one-sided';

/** The run begins at noon: midnight is twelve hours later. */
const HALF_DAY_NS = 43_200 * NS_PER_S;
const SMEAR_NS = 86_401 * NS_PER_S;
const LEAP = { atNs: HALF_DAY_NS } as const;
const truth = (trueNs: number): number => trueNs + posixOffsetNs(LEAP, trueNs);

function leapOf(handling: Handling, values: Values, mutant?: Mutant): LeapSecond {
  const isLate = handling === 'late';
  // Smeared over the day after, and not around midnight.
  const shiftNs = mutant === 'one-sided' ? HALF_DAY_NS : 0;
  const kind: LeapHandling = isLate ? 'repeat' : handling;
  return {
    atNs: HALF_DAY_NS + shiftNs,
    handling: kind,
    lateNs: isLate ? values.late : 0,
    ppm: values.slew,
  };
}

export const LEAP_SECOND: Experiment = defineExperiment({
  id: 'C8',
  title: 'The leap second',
  quote: 'leak seconds',
  question: 'What does a clock show in a second that its time has no room for?',
  explanation:
    'The notes mean leap seconds: the earth is slow, so 27 times since 1972 a day had 86,401 ' +
    'seconds. POSIX time counts days of 86,400. So 23:59:59 is shown twice (repeat: what Linux ' +
    'does, and time goes back); or it stands still (freeze); or nobody tells it, and it is a ' +
    'second ahead until NTP steps it (late) or slews it (at 500 ppm that takes 2000 s); or all ' +
    '86,401 seconds from noon to noon are longer by 11.574 ppm (smear): never wrong by more than ' +
    'half a second, and never backwards. What one must not do is mix: half a second is far more ' +
    'than any distance that NTP allows, and smeared servers are falsetickers to all others.',
  lookFor: [
    'mono.violations and clock.err.max for each --node.',
    'clock.apart.max: what two ways differ by, at most.',
    'rate.err.max of --node smear: 11.574 ppm, below what crystals are wrong by.',
  ],
  parameters,
  mutants: { 'one-sided': 'smears from midnight on: a smeared clock is within half a second' },
  scene: (values, { mutant }) => {
    const { node, other } = values;
    const create = (context: ConstructorParameters<typeof Watch>[0]): Watch => new Watch(context);
    const clock = (handling: Handling): object => {
      return { leaps: [leapOf(handling, values, mutant as Mutant | undefined)] };
    };
    return {
      nodes: [
        { name: node, create, clock: clock(node) },
        { name: `the other: ${other}`, create, clock: clock(other) },
      ],
      link: { delayMs: 1 },
      workload: looks(times(values), [0, 1]),
      untilNs: 2 * HALF_DAY_NS + NS_PER_S,
    };
  },
  plots: {
    run: ({ node, other }) => {
      const names = [node, other === node ? `${other}, too` : other];
      return [new ErrorPlot(truth, (place) => names[place]!)];
    },
  },
  meter: () => new ClockMeter({ truth, nodes: [0] }),
  predict: (values) => [...predictNode(values), ...predictApart(values)],
  checkers: ({ node, other }) => {
    const isForward = [node, other].every((one) => one !== 'repeat' && one !== 'late');
    const isSmeared = node === 'smear' && other === 'smear';
    const halfNs = Math.ceil(largestSmearNs());
    return [
      ...(isForward ? [neverBackwards()] : []),
      ...(isSmeared
        ? [withinBound('a smeared clock is within half a second', () => halfNs, truth)]
        : []),
      withinBound('within a second', () => NS_PER_S, truth),
    ];
  },
  claims: {
    survives: [],
    draw: { node: [...HANDLINGS], other: ['smear', 'slew'], slew: [500, 83_333] },
  },
});

/** Every ten minutes, and every tenth of a second around midnight and where things end. */
function* times({ late, slew }: Values): Generator<number> {
  const slewEndNs = HALF_DAY_NS + (NS_PER_S * 1_000_000) / slew;
  const dense = [HALF_DAY_NS, HALF_DAY_NS + late, slewEndNs].flatMap((middleNs) =>
    Array.from({ length: 61 }, (_, place) => Math.round(middleNs) + (place - 30) * 100 * NS_PER_MS),
  );
  const coarse = Array.from({ length: 145 }, (_, place) => place * 600 * NS_PER_S);
  const all = new Set([...dense, ...coarse, SMEAR_NS]);
  const inRun = [...all].filter((ns) => ns >= 0 && ns <= 2 * HALF_DAY_NS + NS_PER_S);
  yield* inRun.toSorted((a, b) => a - b);
}

/** After the leap the smear has half a second less to go, and a half of that second is over. */
function largestSmearNs(): number {
  return ((HALF_DAY_NS + NS_PER_S) / SMEAR_NS) * NS_PER_S;
}

function predictNode({ node, slew }: Values): readonly Prediction[] {
  switch (node) {
    case 'repeat':
      return [exact('clock.err.max', 0, '0'), exact('mono.violations', 1, '23:59:59 twice')];
    case 'freeze':
      return [exact('clock.err.max', NS_PER_S, '1 s'), exact('mono.violations', 0, '0')];
    case 'late':
      return [exact('clock.err.max', NS_PER_S, '1 s'), exact('mono.violations', 1, 'a step')];
    case 'slew':
      return [
        exact('clock.err.max', NS_PER_S, '1 s'),
        exact('mono.violations', 0, '0'),
        atMost('rate.err.max', slew * (1 + 1e-6), 'r'),
      ];
    case 'smear':
      return [
        exact('clock.err.max', Math.round(largestSmearNs()), '43,201 / 86,401 s'),
        exact('mono.violations', 0, '0'),
        // Readings are whole nanoseconds, a tenth of a second apart.
        atMost('rate.err.max', 1_000_000 / 86_401 + 0.01, '1 / 86,401 = 11.574 ppm'),
      ];
    case 'ignore':
      return [exact('clock.err.max', NS_PER_S, '1 s'), exact('mono.violations', 0, '0')];
  }
}

function predictApart({ node, other }: Values): readonly Prediction[] {
  const pair = new Set([node, other]);
  if (pair.size === 1) return [exact('clock.apart.max', 0, '0')];
  if (pair.has('repeat') && pair.has('smear')) {
    return [exact('clock.apart.max', Math.round(largestSmearNs()), '43,201 / 86,401 s')];
  }
  const isOne = pair.has('ignore') && (pair.has('repeat') || pair.has('smear'));
  return isOne ? [exact('clock.apart.max', NS_PER_S, '1 s')] : [];
}
