/** C11: a database that counts on a bound on skew, and nodes that leave when they break it. */

import { makeChecker } from '../../checkers/checker.ts';
import {
  type Checker,
  type Command,
  defineExperiment,
  type Experiment,
  type Meter,
} from '../../experiment/experiment.ts';
import type { ValuesOf } from '../../experiment/parameters.ts';
import type { Measurements, Prediction } from '../../experiment/prediction.ts';
import { atMost, exact } from '../../order/predict.ts';
import { messageFormat } from '../../process/message-format.ts';
import { makePayload, readPayload } from '../../process/payload.ts';
import type { Context, NodeId, Payload, Process } from '../../process/process.ts';
import type { TraceEvent } from '../../run/trace-event.ts';
import { NS_PER_MS, NS_PER_S } from '../../../sim/units.ts';
import { modes, readPacket } from '../../ntp/packet.ts';
import { Exchanges, TimeServer } from '../time-exchange.ts';

const parameters = {
  skew: { kind: 'duration', default: '800ms', help: 'the clock of node 1 jumps ahead by, s' },
  jump: { kind: 'duration', default: '4600ms', min: '1s', help: 'then' },
  bound: { kind: 'duration', default: '500ms', help: 'what is allowed for, M' },
  leaving: {
    kind: 'flag',
    default: true,
    help: 'a node leaves that is off by 0.8 M to most others',
  },
  heartbeat: { kind: 'duration', default: '1s', min: '10ms', help: 'looks at the others, H' },
  delay: { kind: 'duration', default: '5ms', help: 'of a way' },
  gap: { kind: 'duration', default: '20ms', help: 'node 2 reads so long after node 1 wrote' },
  rounds: { kind: 'count', default: 20, min: 1, max: 1000, help: 'a write and a read each' },
} as const;
type Values = ValuesOf<typeof parameters>;

type Mutant = 'stays' | 'no-uncertainty';

const [WRITER, READER, NODES] = [1, 2, 3] as const;
const ROUND_NS = NS_PER_S;
/** Rounds begin in the middle of seconds, away from heartbeats. */
const FIRST_NS = NS_PER_S / 2;
const BASE_NS = NS_PER_S;
const format = messageFormat({ write: { stamp: 'u53', value: 'u32' } });

class Node implements Process {
  readonly #context: Context;
  readonly #values: Values;
  readonly #mutant: Mutant | undefined;
  readonly #server: TimeServer;
  readonly #exchanges: Exchanges;
  readonly #offsets = new Map<NodeId, number>();
  readonly #versions: { readonly stamp: number; readonly value: number }[] = [];
  #hasLeft = false;

  constructor(context: Context, values: Values, mutant: Mutant | undefined) {
    this.#context = context;
    this.#values = values;
    this.#mutant = mutant;
    this.#server = new TimeServer(context);
    this.#exchanges = new Exchanges(context);
  }

  onStart(): void {
    this.#beat();
  }

  onTimer(): void {
    this.#beat();
  }

  /** Even messages are writes, odd ones reads. */
  onCommand(payload: Payload): void {
    if (this.#hasLeft) return;
    const value = readPayload(payload) ?? 0;
    const stamp = BASE_NS + this.#context.wallNs();
    if (value % 2 === 1) this.#read(stamp);
    else this.#write({ stamp, value });
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    if (this.#hasLeft) return;
    const packet = readPacket(bytes);
    if (packet === undefined) {
      const write = format.read(bytes);
      if (write) this.#versions.push(write);
    } else if (packet.mode === modes.client) this.#server.onDatagram(from, bytes);
    else this.#takeOffset(from, bytes);
  }

  #write(version: { readonly stamp: number; readonly value: number }): void {
    const context = this.#context;
    this.#versions.push(version);
    context.note('writes', version.value);
    const bytes = format.write({ kind: 'write', ...version });
    for (let to = 0; to < NODES; to += 1) {
      if (to !== context.self) context.send(to, bytes, { tag: 'write', detail: version.value });
    }
  }

  /** What is stamped later than now, and may have been written earlier, is read as well. */
  #read(nowNs: number): void {
    const unsureNs = this.#mutant === 'no-uncertainty' ? 0 : this.#values.bound;
    const seen = this.#versions.filter(({ stamp }) => stamp <= nowNs + unsureNs);
    const latest = seen.toSorted((a, b) => b.stamp - a.stamp)[0];
    this.#context.note('reads', latest?.value ?? -1);
  }

  #beat(): void {
    if (this.#hasLeft) return;
    const { self } = this.#context;
    for (let node = 0; node < NODES; node += 1) if (node !== self) this.#exchanges.ask(node);
    this.#context.setTimer(this.#values.heartbeat, 'beat');
  }

  #takeOffset(from: NodeId, bytes: Uint8Array): void {
    const sample = this.#exchanges.take(from, bytes);
    if (sample === undefined) return;
    this.#offsets.set(from, sample.offsetNs);
    const { bound, leaving } = this.#values;
    const off = [...this.#offsets.values()].filter((ns) => Math.abs(ns) > 0.8 * bound);
    if (!leaving || this.#mutant === 'stays' || 2 * off.length <= NODES - 1) return;
    this.#hasLeft = true;
    this.#context.note('leaves');
  }
}

/** Follows writes and reads; a read that does not see the last write before it is stale. */
class ReadMeter implements Meter {
  readonly #jumpNs: number;
  #written = -1;
  #stale = 0;
  #reads = 0;
  #leftNs: number | undefined;

  constructor(jumpNs: number) {
    this.#jumpNs = jumpNs;
  }

  observe({ kind, text, detail, atNs }: TraceEvent): void {
    if (kind !== 'note') return;
    if (text === 'writes') this.#written = detail;
    if (text === 'leaves') this.#leftNs ??= atNs - this.#jumpNs;
    if (text !== 'reads') return;
    this.#reads += 1;
    if (detail < this.#written) this.#stale += 1;
  }

  finish(): Measurements {
    return {
      reads: { value: this.#reads, unit: 'count' },
      'stale.reads': { value: this.#stale, unit: 'count' },
      ...(this.#leftNs !== undefined && { 'left.after': { value: this.#leftNs, unit: 'ns' } }),
    };
  }
}

function noStaleRead(): Checker {
  let written: { readonly value: number; readonly id: number } | undefined;
  return makeChecker('no stale read', {
    observe: ({ kind, text, detail, node, id }, report) => {
      if (kind !== 'note') return;
      if (text === 'writes') written = { value: detail, id };
      if (text !== 'reads' || written === undefined || detail >= written.value) return;
      report(`node ${node} reads ${detail} after ${written.value}`, written.id, id);
    },
  });
}

/** After a jump beyond the bound there is time until the next look: nobody writes in it. */
function isPromised(values: Values): boolean {
  const { skew, bound, leaving, heartbeat, jump, gap, delay } = values;
  if (gap <= delay) return false;
  if (skew <= bound) return true;
  const seenNs = (Math.floor(jump / heartbeat) + 1) * heartbeat + 2 * delay;
  const nextNs = FIRST_NS + Math.ceil((jump - FIRST_NS) / ROUND_NS) * ROUND_NS;
  return leaving && seenNs < nextNs;
}

export const BOUNDED_SKEW: Experiment = defineExperiment({
  id: 'C11',
  title: 'Bounded skew',
  quote: 'no timestamp guarantee',
  question: 'What if one takes it for granted that clocks are never farther apart than M?',
  explanation:
    'CockroachDB allows for 500 ms. Writes bear the time of a wall clock; a reader who meets a ' +
    'stamp up to M later than his own time cannot know whether it was written before, and takes ' +
    'it as well. So nothing is missed as long as clocks keep to M. Beyond it a write looks as if ' +
    'it came from the future, and a read that follows does not see it. So nodes look at each ' +
    'other’s clocks, and one that is off by 0.8 M to more than half of them leaves. Between ' +
    'the jump of a clock and the next look nothing helps.',
  lookFor: [
    'stale.reads with --skew 400ms: 0, within M.',
    'With --leaving false: every read after the jump is stale.',
    'left.after: the next heartbeat and two ways. With --heartbeat 3s that is too late.',
  ],
  parameters,
  mutants: {
    stays: 'does not leave: no stale read',
    'no-uncertainty': 'reads only what is stamped before its own time: no stale read',
  },
  scene: (values, { mutant }) => {
    const { skew, jump, delay, rounds } = values;
    const create = (context: Context): Node =>
      new Node(context, values, mutant as Mutant | undefined);
    const names = ['node 0', 'writer', 'reader'];
    return {
      nodes: names.map((name) => ({ name, create })),
      link: { delayMs: delay / NS_PER_MS },
      workload: traffic(values),
      faults: [{ kind: 'step', node: WRITER, atNs: jump, byNs: skew }],
      untilNs: rounds * ROUND_NS + NS_PER_S,
    };
  },
  meter: ({ jump }) => new ReadMeter(jump),
  predict: (values) => predict(values),
  checkers: (values) => (isPromised(values) ? [noStaleRead()] : []),
  claims: {
    survives: ['duplication', 'drift'],
    draw: {
      skew: [0, 400 * NS_PER_MS, 800 * NS_PER_MS],
      jump: [1.6 * NS_PER_S],
      gap: [100 * NS_PER_MS],
      delay: [NS_PER_MS, 5 * NS_PER_MS],
      rounds: [5],
    },
    settle: '1s',
  },
});

function* traffic({ gap, rounds }: Values): Generator<Command> {
  for (let round = 0; round < rounds; round += 1) {
    const atNs = FIRST_NS + round * ROUND_NS;
    yield { atNs, node: WRITER, payload: makePayload(2 * round) };
    yield { atNs: atNs + gap, node: READER, payload: makePayload(2 * round + 1) };
  }
}

function predict(values: Values): readonly Prediction[] {
  const { skew, bound, leaving, heartbeat, jump, gap, delay, rounds } = values;
  const lasts = FIRST_NS + rounds * ROUND_NS;
  const stays = !leaving || skew <= 0.8 * bound || jump + heartbeat + 2 * delay > lasts;
  const left = stays ? [] : [atMost('left.after', heartbeat + 2 * delay, 'H + 2 d')];
  if (isPromised(values)) return [exact('stale.reads', 0, '0'), ...left];
  const isSeen = skew <= bound + gap;
  if (leaving || isSeen || gap <= delay) return left;
  const before = Math.ceil((jump - FIRST_NS) / ROUND_NS);
  return [exact('stale.reads', Math.max(0, rounds - before), 'all after the jump: s > M + g')];
}
