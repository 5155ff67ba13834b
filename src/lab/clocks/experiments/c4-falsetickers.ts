/** C4: several servers, some of which lie. */

import { makeChecker } from '../../checkers/checker.ts';
import type { Checker, Meter } from '../../experiment/experiment.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Measurements, Prediction } from '../../experiment/prediction.ts';
import {
  type ClockInterval,
  intersection,
  isTruechimer,
  smallestInterval,
} from '../../ntp/select.ts';
import type { Context, NodeId, Process } from '../../process/process.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { atMost, exact } from '../../order/predict.ts';
import { IntervalSweepPlot } from '../sweep-plot.ts';
import { Exchanges, TimeServer } from '../time-exchange.ts';
import { every, looks, WALL } from '../watch.ts';

const parameters = {
  servers: { kind: 'count', default: 4, min: 1, max: 20, help: 'servers, n' },
  liars: { kind: 'count', default: 1, min: 0, max: 20, help: 'of these lie, f: the last ones' },
  lie: { kind: 'duration', default: '1s', help: 'liars are ahead by; each in its own way' },
  rule: {
    kind: 'choice',
    choices: ['intersection', 'marzullo', 'mean'],
    default: 'intersection',
    help: 'RFC 5905 §11.2.1, Marzullo 1984, or the mean of all',
  },
  collusion: { kind: 'flag', default: false, help: 'all liars tell the same lie' },
  delay: { kind: 'duration', default: '10ms', help: 'of a way' },
  jitter: { kind: 'duration', default: '5ms', help: 'added to it, at most, J' },
  rounds: { kind: 'count', default: 50, min: 1, max: 10_000, help: 'of questions to all' },
} as const;
type Values = ValuesOf<typeof parameters>;

type Mutant = 'no-intersection';

const CLIENT = 0;
const ROUND_NS = 16 * NS_PER_S;
/** Whoever has not answered by then is left out of the round. */
const PATIENCE_NS = NS_PER_S;

interface Believed {
  readonly offsetNs: number;
  readonly lowNs: number;
  readonly highNs: number;
  /** Places in the list of intervals. */
  readonly chosen: readonly number[];
}

/** What the rule makes of the intervals; undefined when no majority agrees. */
function believe(rule: Values['rule'], intervals: readonly ClockInterval[]): Believed | undefined {
  const places = intervals.map((_, place) => place);
  const middle = (interval: ClockInterval): number => (interval.lowNs + interval.highNs) / 2;
  if (rule === 'mean') {
    if (intervals.length === 0) return undefined;
    const offsetNs = intervals.reduce((sum, one) => sum + middle(one), 0) / intervals.length;
    return { offsetNs, lowNs: offsetNs, highNs: offsetNs, chosen: places };
  }
  const found = rule === 'marzullo' ? smallestInterval(intervals) : intersection(intervals);
  if (found === undefined) return undefined;
  const chosen = places.filter((place) => isChosen(rule, intervals[place], found));
  // The intersection says whom to believe, and these are averaged; Marzullo's is the answer itself.
  const sumNs = chosen.reduce((sum, place) => sum + middle(intervals[place] as ClockInterval), 0);
  const isMean = rule === 'intersection' && chosen.length > 0;
  const offsetNs = isMean ? sumNs / chosen.length : (found.lowNs + found.highNs) / 2;
  return { offsetNs, lowNs: found.lowNs, highNs: found.highNs, chosen };
}

function isChosen(
  rule: Values['rule'],
  interval: ClockInterval | undefined,
  found: { readonly lowNs: number; readonly highNs: number; readonly truechimers: number },
): boolean {
  if (interval === undefined) return false;
  if (rule === 'intersection') return isTruechimer(interval, found);
  return interval.lowNs <= found.lowNs && interval.highNs >= found.highNs;
}

/** Asks everybody, and says whom it believes. */
class Client implements Process {
  readonly #context: Context;
  readonly #rule: Values['rule'];
  readonly #exchanges: Exchanges;
  readonly #intervals = new Map<NodeId, ClockInterval>();
  #longestNs = 0;

  constructor(context: Context, rule: Values['rule']) {
    this.#context = context;
    this.#rule = rule;
    this.#exchanges = new Exchanges(context);
  }

  onCommand(): void {
    this.#intervals.clear();
    this.#longestNs = 0;
    for (let server = 1; server < this.#context.nodeCount; server += 1) this.#exchanges.ask(server);
    this.#context.setTimer(PATIENCE_NS, 'decide');
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const sample = this.#exchanges.take(from, bytes);
    if (sample === undefined) return;
    const { offsetNs, delayNs } = sample;
    const errorNs = delayNs / 2;
    this.#longestNs = Math.max(this.#longestNs, delayNs);
    this.#intervals.set(from, { lowNs: offsetNs - errorNs, highNs: offsetNs + errorNs });
  }

  onTimer(): void {
    const servers = [...this.#intervals.keys()];
    const context = this.#context;
    const believed = believe(this.#rule, [...this.#intervals.values()]);
    context.note('heard', servers.length);
    if (believed === undefined) {
      context.note('no majority');
      return;
    }
    context.note(WALL, context.wallNs());
    for (const place of believed.chosen) context.note('believes', servers[place] ?? -1);
    context.note('longest delay', this.#longestNs);
    context.note('low', Math.floor(believed.lowNs));
    context.note('high', Math.ceil(believed.highNs));
    context.note('offset', Math.round(believed.offsetNs));
  }
}

/** Follows the remarks of the client, whose clock is right: the true offset is 0. */
class FalsetickerMeter implements Meter {
  readonly #firstLiar: NodeId;
  #rounds = 0;
  #undecided = 0;
  #accepted = 0;
  #errorNs = 0;

  constructor({ servers, liars }: Values) {
    this.#firstLiar = 1 + servers - liars;
  }

  observe({ kind, text, detail }: Parameters<Meter['observe']>[0]): void {
    if (kind !== 'note') return;
    if (text === 'heard') this.#rounds += 1;
    if (text === 'no majority') this.#undecided += 1;
    if (text === 'believes' && detail >= this.#firstLiar) this.#accepted += 1;
    if (text === 'offset') this.#errorNs = Math.max(this.#errorNs, Math.abs(detail));
  }

  finish(): Measurements {
    return {
      rounds: { value: this.#rounds, unit: 'count' },
      undecided: { value: this.#undecided, unit: 'count' },
      'falsetickers.accepted': { value: this.#accepted, unit: 'count' },
      'offset.err.max': { value: this.#errorNs, unit: 'ns' },
    };
  }
}

/**
 * Both ends of what is believed lie in an honest interval, which is as long as the delay and has
 * the truth in it.
 */
function nearTheTruth(): Checker {
  let longestNs = 0;
  return makeChecker('what is believed is near the truth', {
    observe: ({ kind, text, detail, id }, report) => {
      if (kind !== 'note') return;
      if (text === 'longest delay') longestNs = detail;
      if (text !== 'offset' || Math.abs(detail) <= longestNs + 1) return;
      report(`an offset of ${detail} ns is believed, and there is none`, id);
    },
  });
}

export const FALSETICKERS: Experiment = defineExperiment({
  id: 'C4',
  title: 'Falsetickers',
  quote: 'NTP',
  question: 'Whom to believe, when clocks contradict each other?',
  explanation:
    'Each server says an interval: its offset, give or take half of the delay. Who is honest ' +
    'has the truth in it, so honest intervals overlap. Marzullo (1984) sweeps over all ends and ' +
    'takes where most overlap: with fewer than half liars the truth is near. RFC 5905 §11.2.1 ' +
    'wants the middles of those whom it believes inside as well, and averages these. The mean of ' +
    'all is wrong by f·lie/n, however small f is. With one liar of two nobody can know; three ' +
    'servers stand one liar, and one of them may be off: four.',
  lookFor: [
    'falsetickers.accepted with --rule intersection, marzullo and mean.',
    'With --servers 5 --liars 3 --collusion true: the majority lies, and is believed.',
    'With --servers 2: two that contradict each other; the intersection does not know.',
  ],
  parameters,
  mutants: { 'no-intersection': 'believes the mean of all: what is believed is near the truth' },
  scene: (values, { mutant }) => {
    const { servers, delay, jitter, rounds } = values;
    const rule = (mutant as Mutant | undefined) === 'no-intersection' ? 'mean' : values.rule;
    const jitterMs = jitter / NS_PER_MS;
    return {
      nodes: [
        { name: 'client', create: (context) => new Client(context, rule) },
        ...Array.from({ length: servers }, (_, place) => {
          const lieNs = lieOf(values, place);
          const name = lieNs === 0 ? `server ${place + 1}` : `liar ${place + 1}`;
          return { name, create: (context: Context) => new TimeServer(context, { lieNs }) };
        }),
      ],
      link: {
        delayMs: delay / NS_PER_MS,
        ...(jitter > 0 && { jitter: { kind: 'uniform', maxMs: jitterMs } as const }),
      },
      workload: looks(every(ROUND_NS, (rounds - 1) * ROUND_NS), [CLIENT]),
      untilNs: rounds * ROUND_NS,
    };
  },
  plots: { run: (values) => [new IntervalSweepPlot((server) => lieOf(values, server - 1))] },
  meter: (values) => new FalsetickerMeter(values),
  predict: (values) => predict(values),
  checkers: (values) =>
    2 * values.liars < values.servers && values.rule !== 'mean' ? [nearTheTruth()] : [],
  claims: {
    // A server that is cut off is one fewer, and liars may then be the majority.
    survives: ['duplication', 'reordering', 'pause'],
    draw: {
      servers: [3, 4, 5, 7],
      liars: [0, 1],
      lie: [30 * NS_PER_MS, NS_PER_S],
      rule: ['intersection', 'marzullo'],
      collusion: [false, true],
      jitter: [0, 5 * NS_PER_MS],
      rounds: [3, 10],
    },
    settle: '1s',
  },
});

/** 0 of who tells the truth. Without collusion no two say the same. */
function lieOf({ servers, liars, lie, collusion }: Values, place: number): number {
  const liar = place - (servers - liars);
  if (liar < 0) return 0;
  return collusion ? lie : lie * (1 + liar) * (liar % 2 === 0 ? 1 : -1);
}

function predict(values: Values): readonly Prediction[] {
  const { servers, liars, rule, rounds, lie, delay, jitter } = values;
  const isMinority = 2 * liars < servers;
  if (rule === 'mean') {
    const isSimple = liars === 1 && jitter === 0;
    return isSimple
      ? [exact('offset.err.max', Math.round(lie / servers), 'lie / n')]
      : [exact('falsetickers.accepted', liars * rounds, 'f · rounds')];
  }
  const isFar = lie > 2 * (delay + jitter);
  if (!isMinority || !isFar) return [];
  return [
    exact('falsetickers.accepted', 0, '0: f < n/2'),
    atMost('offset.err.max', 2 * (delay + jitter) + 1, 'δ, of the longest ways'),
  ];
}
