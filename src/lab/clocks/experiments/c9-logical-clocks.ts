/** C9: clocks that say what came before what: Lamport's, vectors, hybrid ones, and the wall's. */

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
import { atMost, exact } from '../../order/predict.ts';
import { messageFormat } from '../../process/message-format.ts';
import { makePayload } from '../../process/payload.ts';
import type { Context, NodeId, Process } from '../../process/process.ts';
import type { TraceEvent } from '../../run/trace-event.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { compareStamps, HybridClock, type HybridStamp } from '../hybrid-clock.ts';

const parameters = {
  nodes: { kind: 'count', default: 4, min: 2, max: 20, help: 'nodes, n' },
  skew: { kind: 'duration', default: '50ms', help: 'the fastest clock is ahead of the slowest, ε' },
  delay: { kind: 'duration', default: '5ms', min: '1ms', help: 'of a way' },
  jitter: { kind: 'duration', default: '5ms', help: 'added to it, at most' },
  messages: { kind: 'count', default: 200, min: 1, max: 2000, help: 'in all' },
  interval: { kind: 'duration', default: '3ms', min: '100us', help: 'from one to the next' },
} as const;
type Values = ValuesOf<typeof parameters>;

type Mutant = 'no-receive' | 'naive-hybrid';

/** So that no stamp is below 0, which no message holds. */
const BASE_NS = NS_PER_S;
const format = messageFormat({
  note: { lamport: 'u32', l: 'u53', c: 'u32', vector: 'list' },
});

/** The simple way of the paper (§3.2), which runs away: l grows with every message. */
class NaiveHybrid {
  readonly #wallNs: () => number;
  #l = 0;

  constructor(wallNs: () => number) {
    this.#wallNs = wallNs;
  }

  now(): HybridStamp {
    this.#l = Math.max(this.#l + 2 * NS_PER_MS, this.#wallNs());
    return { l: this.#l, c: 0 };
  }

  receive({ l }: HybridStamp): HybridStamp {
    this.#l = Math.max(this.#l, l);
    return this.now();
  }
}

/** Sends to the next one in turn; stamps everything with all clocks, and says what they show. */
class Node implements Process {
  readonly #context: Context;
  readonly #mutant: Mutant | undefined;
  readonly #hybrid: HybridClock | NaiveHybrid;
  readonly #vector: number[];
  #lamport = 0;
  #sent = 0;

  constructor(context: Context, mutant: Mutant | undefined) {
    const wallNs = (): number => BASE_NS + context.wallNs();
    this.#context = context;
    this.#mutant = mutant;
    this.#hybrid = mutant === 'naive-hybrid' ? new NaiveHybrid(wallNs) : new HybridClock(wallNs);
    this.#vector = Array.from({ length: context.nodeCount }, () => 0);
  }

  onCommand(): void {
    const { self, nodeCount } = this.#context;
    this.#lamport += 1;
    this.#tick();
    const { l, c } = this.#tell(this.#hybrid.now());
    this.#sent += 1;
    const to = (self + 1 + (this.#sent % (nodeCount - 1))) % nodeCount;
    const stamps = { lamport: this.#lamport, l, c, vector: this.#vector };
    this.#context.send(to, format.write({ kind: 'note', ...stamps }), { tag: 'note' });
  }

  onDatagram(_from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message === undefined) return;
    this.#lamport = Math.max(this.#lamport, message.lamport) + 1;
    message.vector.forEach((count, node) => {
      this.#vector[node] = Math.max(this.#vector[node] ?? 0, count);
    });
    this.#tick();
    const isDeaf = this.#mutant === 'no-receive';
    this.#tell(isDeaf ? this.#hybrid.now() : this.#hybrid.receive(message));
  }

  #tick(): void {
    const { self } = this.#context;
    this.#vector[self] = (this.#vector[self] ?? 0) + 1;
  }

  #tell(stamp: HybridStamp): HybridStamp {
    const context = this.#context;
    context.note('wall', BASE_NS + context.wallNs());
    context.note('lamport', this.#lamport);
    this.#vector.forEach((count) => context.note('vector', count));
    context.note('l', stamp.l);
    context.note('c', stamp.c);
    return stamp;
  }
}

/** Something that happened, with what every clock said, and what the harness knows was before. */
interface Happening {
  readonly id: number;
  readonly node: NodeId;
  wallNs: number;
  lamport: number;
  readonly vector: number[];
  l: number;
  c: number;
  /** The harness's own vector clock, out of causes of events alone. */
  readonly past: readonly number[];
}

/** Makes happenings of the remarks; a process cannot influence what was before what. */
class History {
  readonly happenings: Happening[] = [];
  readonly #byNode = new Map<NodeId, number[]>();
  /** What the sender knew, by packet. */
  readonly #sent = new Map<number, readonly number[]>();
  readonly #open = new Map<NodeId, Happening>();
  readonly #nodeCount: number;

  constructor(nodeCount: number) {
    this.#nodeCount = nodeCount;
  }

  observe({ kind, node, packet, text, detail, id }: TraceEvent): void {
    if (kind === 'submit') this.#begin(node, id, undefined);
    if (kind === 'receive') this.#begin(node, id, this.#sent.get(packet));
    if (kind === 'send') this.#sent.set(packet, [...this.#pastOf(node)]);
    const open = this.#open.get(node);
    if (kind !== 'note' || open === undefined) return;
    if (text === 'wall') open.wallNs = detail;
    if (text === 'lamport') open.lamport = detail;
    if (text === 'vector') open.vector.push(detail);
    if (text === 'l') open.l = detail;
    if (text === 'c') open.c = detail;
  }

  #begin(node: NodeId, id: number, heard: readonly number[] | undefined): void {
    const past = this.#pastOf(node);
    heard?.forEach((count, other) => {
      past[other] = Math.max(past[other] ?? 0, count);
    });
    past[node] = (past[node] ?? 0) + 1;
    const happening = { id, node, wallNs: 0, lamport: 0, vector: [], l: 0, c: 0, past: [...past] };
    this.happenings.push(happening);
    this.#open.set(node, happening);
  }

  #pastOf(node: NodeId): number[] {
    const past = this.#byNode.get(node) ?? Array.from({ length: this.#nodeCount }, () => 0);
    this.#byNode.set(node, past);
    return past;
  }

  /** Every pair of which the first happened before the second, and every other pair once. */
  *pairs(): Generator<{
    readonly a: Happening;
    readonly b: Happening;
    readonly isBefore: boolean;
  }> {
    for (const [place, a] of this.happenings.entries()) {
      for (const b of this.happenings.slice(place + 1)) {
        yield { a, b, isBefore: isKnown(a, b) };
      }
    }
  }
}

function isKnown(a: Happening, b: Happening): boolean {
  return (b.past[a.node] ?? 0) >= (a.past[a.node] ?? 0);
}

function isLess(a: readonly number[], b: readonly number[]): boolean {
  return (
    a.every((count, node) => count <= (b[node] ?? 0)) && a.some((n, node) => n < (b[node] ?? 0))
  );
}

class StampMeter implements Meter {
  readonly #history: History;

  constructor(nodes: number) {
    this.#history = new History(nodes);
  }

  observe(event: TraceEvent): void {
    this.#history.observe(event);
  }

  finish(): Measurements {
    const wrong = { wall: 0, lamport: 0, vector: 0, hybrid: 0 };
    for (const { a, b, isBefore } of this.#history.pairs()) {
      if (isLess(a.vector, b.vector) !== isBefore) wrong.vector += 1;
      if (!isBefore) continue;
      if (a.wallNs >= b.wallNs) wrong.wall += 1;
      if (a.lamport >= b.lamport) wrong.lamport += 1;
      if (compareStamps(a, b) >= 0) wrong.hybrid += 1;
    }
    const ahead = this.#history.happenings.map(({ l, wallNs }) => l - wallNs);
    const counts = this.#history.happenings.map(({ c }) => c);
    const inversions = Object.entries(wrong).map(([name, value]) => {
      return [`${name}.wrong`, { value, unit: 'count' }] as const;
    });
    return {
      happenings: { value: this.#history.happenings.length, unit: 'count' },
      ...Object.fromEntries(inversions),
      'hybrid.ahead.max': { value: Math.max(0, ...ahead), unit: 'ns' },
      'hybrid.c.max': { value: Math.max(0, ...counts), unit: 'count' },
    };
  }
}

function stampsFollow(nodes: number, skewNs: number): readonly Checker[] {
  const history = new History(nodes);
  const follows = makeChecker('what follows has a greater stamp', {
    observe: (event) => history.observe(event),
    atEnd: (report) => {
      for (const { a, b, isBefore } of history.pairs()) {
        if (!isBefore || compareStamps(a, b) < 0) continue;
        report(
          `(${a.l}, ${a.c}) at node ${a.node}, then (${b.l}, ${b.c}) at ${b.node}`,
          a.id,
          b.id,
        );
      }
    },
  });
  const bounded = makeChecker('a hybrid clock is near the wall', {
    observe: () => {},
    atEnd: (report) => {
      for (const { l, wallNs, node, id } of history.happenings) {
        if (l - wallNs > skewNs) report(`node ${node} is ${l - wallNs} ns ahead`, id);
      }
    },
  });
  return [follows, bounded];
}

export const LOGICAL_CLOCKS: Experiment = defineExperiment({
  id: 'C9',
  title: 'Logical clocks',
  quote: 'no timestamp guarantee',
  question: 'Which clock says what came first?',
  explanation:
    'e happened before f when it was earlier on the same node, or a message went from one to the ' +
    'other, or both in turn. Lamport’s clock (1978) counts, and takes the greater of its own and ' +
    'what it hears of: e before f implies L(e) < L(f). A vector of such counts is smaller if and ' +
    'only if. A hybrid logical clock keeps a stamp (l, c) near the wall: l is the greatest wall ' +
    'time heard of, c counts within it; 0 ≤ l − wall ≤ ε. Stamps of wall clocks promise ' +
    'nothing: with a skew of more than a way takes, a message is received before it is sent.',
  lookFor: [
    'wall.wrong, at --skew 50ms and at --skew 4ms, which is less than a way.',
    'vector.wrong counts both: pairs out of order, and orders that are none.',
    'hybrid.ahead.max: it comes near ε, and never above.',
  ],
  parameters,
  mutants: {
    'no-receive': 'a hybrid clock that does not listen: what follows has a greater stamp',
    'naive-hybrid': 'l grows by 2 ms with whatever happens: a hybrid clock is near the wall',
  },
  scene: (values, { mutant }) => {
    const { nodes, skew, delay, jitter, messages, interval } = values;
    const max = { kind: 'uniform', maxMs: jitter / NS_PER_MS } as const;
    return {
      nodes: Array.from({ length: nodes }, (_, node) => ({
        name: `node ${node}`,
        create: (context: Context) => new Node(context, mutant as Mutant | undefined),
        clock: { offsetNs: Math.round((skew * node) / (nodes - 1)) },
      })),
      link: { delayMs: delay / NS_PER_MS, ...(jitter > 0 && { jitter: max }) },
      workload: talk(values),
      untilNs: messages * interval + delay + jitter + NS_PER_S,
    };
  },
  meter: ({ nodes }) => new StampMeter(nodes),
  predict: ({ nodes, skew, delay }) => [
    exact('lamport.wrong', 0, '0: e → f ⇒ L(e) < L(f)'),
    exact('vector.wrong', 0, '0: e → f ⇔ V(e) < V(f)'),
    exact('hybrid.wrong', 0, '0'),
    ...(skew < delay ? [exact('wall.wrong', 0, '0: ε < d')] : []),
    atMost('hybrid.ahead.max', skew, 'ε'),
    atMost('hybrid.c.max', nodes * (skew + 1), 'n (ε + 1)'),
  ],
  checkers: ({ nodes, skew }) => stampsFollow(nodes, skew),
  claims: {
    survives: ['loss', 'duplication', 'reordering', 'pause', 'partition', 'cut', 'hold'],
    draw: {
      nodes: [2, 3, 5],
      skew: [0, 4 * NS_PER_MS, 50 * NS_PER_MS],
      messages: [10, 30],
      interval: [NS_PER_MS, 3 * NS_PER_MS],
    },
    settle: '1s',
  },
});

/** In an order that is none: every node in turn, now and then twice. */
function* talk({ nodes, messages, interval }: Values): Generator<Command> {
  for (let number = 0; number < messages; number += 1) {
    const node = (number * 7 + Math.floor(number / 3)) % nodes;
    yield { atNs: number * interval, node, payload: makePayload(number) };
  }
}
