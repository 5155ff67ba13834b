/** C3: how near n clocks can be brought to each other, and no nearer (Lundelius and Lynch). */

import { makeChecker } from '../../checkers/checker.ts';
import type { Checker } from '../../experiment/experiment.ts';
import { defineExperiment, type Experiment } from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import { messageFormat } from '../../process/message-format.ts';
import type { Context, NodeId, Process } from '../../process/process.ts';
import type { OwnLink } from '../../run/network.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { ClockMeter } from '../clock-meter.ts';
import { atMost, exact } from '../../order/predict.ts';
import { looks, WALL } from '../watch.ts';

const parameters = {
  nodes: { kind: 'count', default: 4, min: 2, max: 50, help: 'clocks, n' },
  delay: { kind: 'duration', default: '10ms', help: 'the longest way, d' },
  uncertainty: { kind: 'duration', default: '4ms', help: 'ways take d − u to d, u' },
  spread: { kind: 'duration', default: '1s', help: 'the clocks begin apart by, each to the next' },
  ways: {
    kind: 'choice',
    choices: ['worst', 'random'],
    default: 'worst',
    help: 'all to node 0 short and all to node 1 long, or any',
  },
  rule: {
    kind: 'choice',
    choices: ['average', 'follow'],
    default: 'average',
    help: 'of what one hears of all, or what node 2 (or 0) says',
  },
} as const;
type Values = ValuesOf<typeof parameters>;

type Mutant = 'forgets-itself';

const format = messageFormat({ time: { wall: 'u53' } });
/** So that no clock shows what is below 0, which no message holds. */
const BASE_NS = NS_PER_S;

interface Rule {
  readonly values: Values;
  readonly mutant: Mutant | undefined;
}

/** Tells everybody what its clock shows, and corrects it once by what it hears. */
class Averager implements Process {
  readonly #context: Context;
  readonly #rule: Rule;
  #sumNs = 0;
  #heard = 0;

  constructor(context: Context, rule: Rule) {
    this.#context = context;
    this.#rule = rule;
  }

  onStart(): void {
    const context = this.#context;
    const bytes = format.write({ kind: 'time', wall: BASE_NS + context.wallNs() });
    for (let to = 0; to < context.nodeCount; to += 1) {
      if (to !== context.self) context.send(to, bytes, { tag: 'time' });
    }
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message === undefined) return;
    const { nodeCount, self } = this.#context;
    const { delay, uncertainty, rule } = this.#rule.values;
    // The middle of what the way can have taken.
    const wayNs = delay - uncertainty / 2;
    const aheadNs = message.wall - BASE_NS + wayNs - this.#context.wallNs();
    this.#heard += 1;
    this.#sumNs += aheadNs;
    const leader = Math.min(2, nodeCount - 1);
    if (rule === 'follow') {
      if (from === leader && self !== leader) this.#context.stepWall(aheadNs);
      return;
    }
    if (this.#heard < nodeCount - 1) return;
    // It is one of the n itself, ahead of itself by nothing.
    const voices = this.#rule.mutant === 'forgets-itself' ? nodeCount - 1 : nodeCount;
    this.#context.stepWall(this.#sumNs / voices);
  }

  onCommand(): void {
    this.#context.note(WALL, this.#context.wallNs());
  }
}

function closeTogether(boundNs: number): Checker {
  const readings = new Map<NodeId, number>();
  return makeChecker('no farther apart than the bound', {
    observe: ({ kind, text, node, detail, id }, report) => {
      if (kind !== 'note' || text !== WALL) return;
      readings.set(node, detail);
      const all = [...readings.values()];
      const apartNs = Math.max(...all) - Math.min(...all);
      if (apartNs > boundNs) report(`the clocks are ${apartNs} ns apart`, id);
    },
  });
}

export const LIMIT: Experiment = defineExperiment({
  id: 'C3',
  title: 'The limit',
  quote: 'NTP',
  question: 'How near can clocks be brought to each other, if one may think as long as one likes?',
  explanation:
    'Perfect crystals, no loss, and ways that take between d − u and d. Everybody tells all what ' +
    'his clock shows, takes d − u/2 for the way, and moves to the average of all, himself ' +
    'included. What is left is at most u (1 − 1/n); and Lundelius and Lynch (1984) show ' +
    'that no algorithm can promise less: shift a clock, make ways to it longer and ways from it ' +
    'shorter by the same, and nobody can tell the difference. It is not the delay that counts, ' +
    'but what is not known of it.',
  lookFor: [
    'clock.apart.max with --ways worst: the bound, to the nanosecond.',
    'With --rule follow: everybody does as one says, and it is u.',
    'With --uncertainty 0ns: nothing is left, however long the way.',
  ],
  parameters,
  mutants: {
    'forgets-itself': 'averages what the others say only: no farther apart than the bound',
  },
  scene: (values, { mutant }) => {
    const { nodes, delay, uncertainty, spread } = values;
    const all = Array.from({ length: nodes }, (_, node) => node);
    const rule = { values, mutant: mutant as Mutant | undefined };
    const jitter = { kind: 'uniform', maxMs: uncertainty / NS_PER_MS } as const;
    return {
      nodes: all.map((node) => {
        const create = (context: Context): Averager => new Averager(context, rule);
        return { name: `node ${node}`, create, clock: { offsetNs: node * spread } };
      }),
      link: {
        delayMs: (delay - uncertainty) / NS_PER_MS,
        ...(values.ways === 'random' && uncertainty > 0 && { jitter }),
      },
      links: values.ways === 'worst' ? worstWays(values) : [],
      workload: looks([2 * delay + NS_PER_S], all),
      untilNs: 2 * delay + 2 * NS_PER_S,
    };
  },
  meter: () => new ClockMeter(),
  predict: (values) => {
    const { nodes, uncertainty, ways, rule } = values;
    const isFollow = rule === 'follow';
    const formula = isFollow ? 'u' : 'u (1 − 1/n)';
    // Two only: the one who leads is right by definition.
    const shareOfTwo = isFollow ? 1 : 1 - 1 / nodes;
    const share = isFollow && nodes === 2 ? 1 / 2 : shareOfTwo;
    const value = uncertainty * share;
    const isWhole = Number.isInteger(uncertainty / 2) && Number.isInteger(value);
    return ways === 'worst' && isWhole
      ? [exact('clock.apart.max', value, formula)]
      : [atMost('clock.apart.max', value + 1, formula)];
  },
  checkers: ({ nodes, uncertainty, rule }) =>
    // What is rounded to nanoseconds, twice.
    rule === 'average' ? [closeTogether(uncertainty * (1 - 1 / nodes) + 2)] : [],
  claims: {
    survives: [],
    draw: {
      nodes: [2, 3, 4, 5, 7],
      ways: ['worst', 'random'],
      uncertainty: [0, NS_PER_MS, 4 * NS_PER_MS],
      spread: [0, NS_PER_MS, NS_PER_S],
    },
  },
});

/** To node 0 everything is early, to node 1 late, to the others in the middle. */
function worstWays({ nodes, delay, uncertainty }: Values): readonly OwnLink[] {
  return Array.from({ length: nodes * nodes }, (_, place): OwnLink => {
    const [from, to] = [Math.floor(place / nodes), place % nodes];
    const lateNs = [0, uncertainty][to] ?? uncertainty / 2;
    return { from, to, link: { delayMs: (delay - uncertainty + lateNs) / NS_PER_MS } };
  }).filter(({ from, to }) => from !== to);
}
