/** C12: the last writer wins, and the wall clock says who was last. */

import { makeChecker } from '../../checkers/checker.ts';
import {
  type Checker,
  type Command,
  defineExperiment,
  type Experiment,
  type Meter,
} from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Measurements } from '../../experiment/prediction.ts';
import { exact } from '../../order/predict.ts';
import { messageFormat } from '../../process/message-format.ts';
import { makePayload, readPayload } from '../../process/payload.ts';
import type { Context, NodeId, Payload, Process } from '../../process/process.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { compareStamps, HybridClock, type HybridStamp } from '../hybrid-clock.ts';

const parameters = {
  stamps: {
    kind: 'choice',
    choices: ['hybrid', 'wall'],
    default: 'hybrid',
    help: 'of which clock',
  },
  skew: { kind: 'duration', default: '100ms', help: 'the clock of node 0 is ahead by, s' },
  gap: { kind: 'duration', default: '30ms', help: 'node 1 writes so long after node 0, g' },
  delay: { kind: 'duration', default: '10ms', help: 'of the way between them' },
  rounds: { kind: 'count', default: 100, min: 1, max: 100_000, help: 'of two writes each' },
} as const;
type Values = ValuesOf<typeof parameters>;

type Mutant = 'wall-stamps';

/** So that no stamp is below 0, which no message holds. */
const BASE_NS = NS_PER_S;
const ROUND_NS = NS_PER_S;
const format = messageFormat({ write: { l: 'u53', c: 'u32', value: 'u32' } });

/** A register that both hold: of two values the one with the greater stamp stays. */
class Register implements Process {
  readonly #context: Context;
  readonly #isHybrid: boolean;
  readonly #clock: HybridClock;
  #stamp: HybridStamp = { l: -1, c: 0 };

  constructor(context: Context, isHybrid: boolean) {
    this.#context = context;
    this.#isHybrid = isHybrid;
    this.#clock = new HybridClock(() => BASE_NS + context.wallNs());
  }

  onCommand(payload: Payload): void {
    const value = readPayload(payload) ?? 0;
    const wall = { l: BASE_NS + this.#context.wallNs(), c: 0 };
    const stamp = this.#isHybrid ? this.#clock.now() : wall;
    this.#merge(stamp, value);
    const { self } = this.#context;
    this.#context.send(1 - self, format.write({ kind: 'write', ...stamp, value }), {
      tag: 'write',
      detail: value,
    });
  }

  onDatagram(_from: NodeId, bytes: Uint8Array): void {
    const write = format.read(bytes);
    if (write === undefined) return;
    if (this.#isHybrid) this.#clock.receive(write);
    this.#merge(write, write.value);
  }

  #merge(stamp: HybridStamp, value: number): void {
    const isLater = compareStamps(stamp, this.#stamp) > 0;
    this.#context.note(isLater ? 'takes' : 'drops', value);
    if (isLater) this.#stamp = { l: stamp.l, c: stamp.c };
  }
}

/** The second write of each round has an odd number. */
class LostMeter implements Meter {
  readonly #lost = new Set<number>();
  #rounds = 0;

  observe({ kind, text, detail, message }: Parameters<Meter['observe']>[0]): void {
    if (kind === 'submit' && message % 2 === 1) this.#rounds += 1;
    if (kind === 'note' && text === 'drops' && detail % 2 === 1) this.#lost.add(detail);
  }

  finish(): Measurements {
    const share = this.#rounds === 0 ? 0 : this.#lost.size / this.#rounds;
    return {
      rounds: { value: this.#rounds, unit: 'count' },
      'lost.later': { value: this.#lost.size, unit: 'count' },
      'lost.share': { value: share, unit: 'ratio' },
    };
  }
}

/** Who had seen a write before he wrote is not overwritten by it. */
function knownWritesLose(): Checker {
  const seen = new Map<NodeId, Set<number>>();
  const before = new Map<number, ReadonlySet<number>>();
  return makeChecker('who knew a write overwrites it', {
    observe: ({ kind, node, text, detail, message, id }, report) => {
      const known = seen.get(node) ?? new Set<number>();
      seen.set(node, known);
      if (kind === 'submit') before.set(message, new Set(known));
      if (kind !== 'note') return;
      const lost = text === 'drops' ? before.get(detail) : undefined;
      const winner = Math.max(...known);
      if (lost?.has(winner) === true) {
        report(`node ${node} drops ${detail}, whose writer knew ${winner}`, id);
      }
      if (text === 'takes') known.add(detail);
    },
  });
}

export const LAST_WRITER: Experiment = defineExperiment({
  id: 'C12',
  title: 'The last writer wins',
  quote: 'no timestamp guarantee',
  question: 'Two write the same thing, one after the other. Is it the later one that stays?',
  explanation:
    'If every write bears the time of its writer’s wall clock and the greater stamp wins, both ' +
    'registers agree in the end. But with clocks that are s apart and writes that are g apart, ' +
    's > g, the later one loses: every time, silently, also when its writer had read what he ' +
    'overwrote. A hybrid logical clock is never behind what it has heard of, so whoever knew the ' +
    'earlier write wins. Of writes that knew nothing of each other nobody can say who was last.',
  lookFor: [
    'lost.share with --stamps wall: 1, not a few.',
    'With --stamps wall --skew 20ms: less than the gap, and nothing is lost.',
    'With --gap 5ms: the second writer has not heard of the first; hybrid stamps do not help him.',
  ],
  parameters,
  mutants: { 'wall-stamps': 'stamps by the wall clock: who knew a write overwrites it' },
  scene: (values, { mutant }) => {
    const { skew, delay, stamps, rounds } = values;
    const isHybrid = stamps === 'hybrid' && (mutant as Mutant | undefined) !== 'wall-stamps';
    const create = (context: Context): Register => new Register(context, isHybrid);
    return {
      nodes: [
        { name: 'first writer', create, clock: { offsetNs: skew } },
        { name: 'second writer', create },
      ],
      link: { delayMs: delay / NS_PER_MS },
      workload: writes(values),
      untilNs: rounds * ROUND_NS + NS_PER_S,
    };
  },
  meter: () => new LostMeter(),
  predict: ({ stamps, skew, gap, delay, rounds }) => {
    const isKnown = gap > delay;
    if (stamps === 'hybrid' && !isKnown) return [];
    const isLost = stamps === 'wall' && skew > gap;
    if (skew === gap) return [];
    return [
      exact('lost.later', isLost ? rounds : 0, isLost ? 'all: s > g' : '0'),
      exact('lost.share', isLost ? 1 : 0, isLost ? '1: s > g' : '0'),
    ];
  },
  checkers: ({ stamps }) => (stamps === 'hybrid' ? [knownWritesLose()] : []),
  claims: {
    survives: ['loss', 'duplication', 'reordering', 'pause', 'partition', 'hold', 'step', 'drift'],
    draw: {
      skew: [0, 20 * NS_PER_MS, 100 * NS_PER_MS],
      gap: [5 * NS_PER_MS, 30 * NS_PER_MS],
      rounds: [2, 5],
    },
    clocks: { stepNs: NS_PER_S / 2, ppm: 200 },
    settle: '1s',
  },
});

function* writes({ gap, rounds }: Values): Generator<Command> {
  for (let round = 0; round < rounds; round += 1) {
    const atNs = round * ROUND_NS;
    yield { atNs, node: 0, payload: makePayload(2 * round) };
    yield { atNs: atNs + gap, node: 1, payload: makePayload(2 * round + 1) };
  }
}
