/** D5b: CP and AP as the two ends of one picture. */

import { parseDuration } from '../../experiment/duration.ts';
import type { Experiment } from '../../experiment/experiment.ts';
import { defaultsOf, type ParameterValue } from '../../experiment/parameters.ts';
import { play } from '../../experiment/play.ts';
import type { Measurement, Prediction } from '../../experiment/prediction.ts';
import { defineWorldExperiment, type WorldExperiment } from '../../experiment/world-experiment.ts';
import { AvailabilityMeter } from '../../meters/availability.ts';
import { StaleReadMeter } from '../../meters/stale-reads.ts';
import { together } from '../../meters/together.ts';
import { atMost, exact } from '../../order/predict.ts';
import type { Plot } from '../../plot/plot.ts';
import { combinedHash } from '../../ttl/merge.ts';
import { CUT_PARAMETERS, divisionOf } from '../cuts.ts';
import { CP_REGISTER } from './d3-cp-register.ts';
import { AP_REGISTER } from './d4-ap-register.ts';
import { DIAL } from './d5-dial.ts';

type Values = Readonly<Record<string, ParameterValue>>;

interface Contender {
  readonly name: string;
  readonly family: string;
  readonly experiment: Experiment;
  readonly values: Values;
  /** What theory says of stale reads, and of writes that are served, while it is divided. */
  readonly stale?: number;
  readonly writes?: number;
}

/** Two of the five nodes, and two of the three that keep the value of the dial. */
const LEFT_SHARE = 2 / 5;

/** Everybody writes as often as anybody else, on either side. */
const DIAL_LOAD = {
  ask: 'all',
  interval: parseDuration('100ms'),
  wait: parseDuration('50ms'),
  messages: 80,
};
const REPLICA_LOAD = {
  merge: 'lww-hlc',
  writers: 5,
  gap: parseDuration('20ms'),
  interval: parseDuration('200ms'),
  rounds: 40,
};

/** Of the dial: each of the five writes once. */
const TURN_NS = 5 * DIAL_LOAD.interval;
/** In so long a division no turn is cut short. */
const WHOLE_TURNS_NS = parseDuration('5s');

/** Each client reads and writes in turns. */
const MAJORITY_LOAD = { interval: parseDuration('100ms'), operations: 80 };

const CONTENDERS: readonly Contender[] = [
  majority('log'),
  majority('lease'),
  majority('follower'),
  replica('replicas, push', {}),
  replica('replicas, anti-entropy only', { push: false }),
  dial({ r: 1, w: 1 }, 1),
  dial({ r: 1, w: 2 }, LEFT_SHARE),
  dial({ r: 2, w: 1 }, 1),
  dial({ r: 2, w: 2 }, LEFT_SHARE),
  dial({ r: 1, w: 3 }, 0),
  dial({ r: 3, w: 1 }, 1),
  dial({ r: 2, w: 2, sloppy: true }, 1),
];

/** Of the register on Raft, which has a majority on the right, once that has a leader. */
function majority(reads: 'log' | 'lease' | 'follower'): Contender {
  const values = { ...MAJORITY_LOAD, reads };
  const promise = reads === 'follower' ? {} : { stale: 0 };
  const name = `${reads} reads`;
  return { name, family: 'D3', experiment: CP_REGISTER, values, ...promise };
}

function replica(name: string, values: Values): Contender {
  const own = { ...REPLICA_LOAD, ...values };
  return { name, family: 'D4', experiment: AP_REGISTER, values: own, writes: 1 };
}

function dial(values: { r: number; w: number; sloppy?: boolean }, writes: number): Contender {
  const { r, w, sloppy = false } = values;
  const isStrict = !sloppy && r + w > 3;
  return {
    name: `R = ${r}, W = ${w}${sloppy ? ', sloppy' : ''}`,
    family: 'D5',
    experiment: DIAL,
    values: { ...DIAL_LOAD, ...values },
    ...(isStrict && { stale: 0 }),
    writes,
  };
}

const parameters = {
  cut: { ...CUT_PARAMETERS.cut, default: '2s', min: '1s', max: '5s' },
  outage: { ...CUT_PARAMETERS.outage, default: '5s', min: '1s', max: '5s' },
} as const;

interface Place {
  readonly contender: Contender;
  readonly stale: Measurement;
  readonly writes: Measurement;
  readonly traceHash: string;
}

export const CP_AP: WorldExperiment = defineWorldExperiment({
  id: 'D5b',
  title: 'From CP to AP',
  quote: 'CP: if no network: cannot change time; AP: can change local time; in between',
  question: 'The network is divided. Who can still write, and how old is what is read?',
  explanation:
    'Five nodes, two on the left and three on the right, each with a client. Everything that was ' +
    'built for it meets the same division: Raft (D3), replicas (D4), quorums (D5), N = 3, ' +
    'with two of the three on the left. Measured while it is divided: the share of the reads ' +
    'that miss a write that was acknowledged before, and the share of the writes that are ' +
    'acknowledged. Brewer’s theorem is a corner of the picture: all writes served and no read ' +
    'stale, where nobody is (Gilbert and Lynch 2002).',
  lookFor: [
    'The upper left corner is empty.',
    'R = 3, W = 1 is not stale, and writes: it is the readers who are refused.',
  ],
  parameters,
  mutants: {},
  play: ({ cut, outage }, { seed }) => {
    const places = CONTENDERS.map((contender) => placeOf(contender, { cut, outage }, seed));
    const metrics = places.flatMap(({ contender: { name }, stale, writes }) => [
      [`stale: ${name}`, stale] as const,
      [`writes: ${name}`, writes] as const,
    ]);
    return Promise.resolve({
      measurements: Object.fromEntries(metrics),
      predictions: CONTENDERS.flatMap((contender) => predict(contender, outage)),
      traceHash: combinedHash(places.map(({ traceHash }) => traceHash)),
      plots: () => [pictureOf(places)],
    });
  },
});

function placeOf(contender: Contender, divided: Values, seed: string): Place {
  const { experiment, values: own } = contender;
  const values: Values = { ...defaultsOf(experiment.parameters), ...own, ...divided };
  const division = divisionOf(values as Parameters<typeof divisionOf>[0]);
  const meter = together(new AvailabilityMeter(division), new StaleReadMeter({ division }));
  const { traceHash } = play(experiment, values, {
    seed,
    observers: [(event) => meter.observe(event)],
  });
  const { 'cut.stale': stale, 'cut.writes': writes } = meter.finish();
  const none: Measurement = { value: 0, unit: 'ratio' };
  return { contender, stale: stale ?? none, writes: writes ?? none, traceHash };
}

function predict({ name, stale, writes }: Contender, outageNs: number): readonly Prediction[] {
  return [
    ...(stale === undefined ? [] : [exact(`stale: ${name}`, stale, '0: majorities meet')]),
    ...(writes === undefined ? [] : [predictWrites(`writes: ${name}`, writes, outageNs)]),
  ];
}

function predictWrites(metric: string, writes: number, outageNs: number): Prediction {
  if (writes === 1) return exact(metric, 1, '1: either side');
  if (writes === 0) return exact(metric, 0, '0: no side has W');
  // The five write in turns. A turn that the division cuts short may be one of the left.
  if (outageNs === WHOLE_TURNS_NS) return exact(metric, writes, '2 / 5: the left');
  const turns = outageNs / TURN_NS;
  return atMost(metric, writes + 2 / (5 * turns), '2 / 5, and two writes of a last turn');
}

/** Nearer to each other than that, points share a label. */
const NEAR = 0.03;
/** Of the labels in the upper row, which run into each other when they are level. */
const SLOPE = 28;

function pictureOf(places: readonly Place[]): Plot {
  const labels = places.map((place, index) => {
    const near = places.filter((other) => isNear(place, other));
    return near[0] === places[index] ? near.map(nameOf).join('; ') : undefined;
  });
  const points = places.map(({ contender, stale, writes }, index) => {
    const label = labels[index];
    const slope = writes.value > 0.9 ? SLOPE : 0;
    const words = label === undefined ? {} : { label, slope };
    return { x: stale.value, y: writes.value, series: contender.family, ...words };
  });
  return {
    title: 'From CP to AP: who can write, and who reads what is old',
    caption:
      'While the network is divided, two nodes from three. Up: more writes are acknowledged. To ' +
      'the right: more reads miss one. Nobody is in the upper left corner but by refusing reads.',
    // A little more than from 0 to 1, so that marks at the ends are whole.
    x: { label: 'stale reads', unit: 'share', from: -0.02, to: 1.02 },
    y: { label: 'writes that are acknowledged', unit: 'share', from: -0.04, to: 1.04 },
    layers: [{ mark: 'points', points }],
  };
}

function isNear(a: Place, b: Place): boolean {
  const apart = Math.hypot(a.stale.value - b.stale.value, a.writes.value - b.writes.value);
  return apart < NEAR;
}

function nameOf({ contender: { family, name } }: Place): string {
  return `${family} ${name}`;
}
