/**
 * A small reliable protocol for tests of the laboratory's tools, with everything that a picture can
 * show: acknowledgements, timers, what is sent again, what is held back. Its mutants are bugs that
 * the tools must find: one delivers twice, one forgets at a crash what it has delivered.
 */
import {
  defineExperiment,
  type Checker,
  type Experiment,
} from '../../src/lab/experiment/experiment.ts';
import { TrafficMeter } from '../../src/lab/meters/traffic.ts';
import { messageFormat } from '../../src/lab/process/message-format.ts';
import { makePayload } from '../../src/lab/process/payload.ts';
import type {
  Context,
  NodeId,
  Payload,
  Process,
  ProcessTimer,
} from '../../src/lab/process/process.ts';
import type { Fault } from '../../src/lab/run/fault.ts';

const MS = 1_000_000;
const format = messageFormat({
  data: { sequence: 'u32', payload: 'rest' },
  ack: { sequence: 'u32' },
});

class Sender implements Process {
  readonly #context: Context;
  readonly #unacknowledged = new Map<number, { bytes: Uint8Array; timer: ProcessTimer }>();
  #next = 0;

  constructor(context: Context) {
    this.#context = context;
  }

  onCommand(payload: Payload): void {
    const sequence = this.#next;
    this.#next += 1;
    this.#transmit(sequence, format.write({ kind: 'data', sequence, payload }));
  }

  onTimer(_name: string, sequence: number): void {
    const waiting = this.#unacknowledged.get(sequence);
    if (waiting) this.#transmit(sequence, waiting.bytes);
  }

  onDatagram(_from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind !== 'ack') return;
    this.#unacknowledged.get(message.sequence)?.timer.cancel();
    this.#unacknowledged.delete(message.sequence);
  }

  describeState(): Record<string, string | number> {
    return { next: this.#next, waiting: [...this.#unacknowledged.keys()].join(' ') };
  }

  #transmit(sequence: number, bytes: Uint8Array): void {
    this.#context.send(1, bytes, { tag: 'data', detail: sequence });
    const timer = this.#context.setTimer(60 * MS, 'resend', sequence);
    this.#unacknowledged.set(sequence, { bytes, timer });
  }
}

class Receiver implements Process {
  readonly #context: Context;
  readonly #mutant: string | undefined;
  readonly #held = new Map<number, Payload>();
  #expected: number;
  #delivered = 0;

  constructor(context: Context, mutant: string | undefined) {
    this.#context = context;
    this.#mutant = mutant;
    this.#expected = mutant === 'no-disk' ? 0 : (context.disk.read('expected')?.[0] ?? 0);
  }

  onDatagram(from: NodeId, bytes: Uint8Array): void {
    const message = format.read(bytes);
    if (message?.kind !== 'data') return;
    const { sequence, payload } = message;
    if (this.#mutant === 'no-dedup') this.#deliver(payload, from);
    else if (sequence >= this.#expected) this.#held.set(sequence, payload);
    for (let held = this.#held.get(this.#expected); held; held = this.#held.get(this.#expected)) {
      this.#held.delete(this.#expected);
      this.#expected += 1;
      this.#context.disk.write('expected', Uint8Array.of(this.#expected));
      this.#deliver(held, from);
    }
    // What is held is lost in a crash, so only what was delivered may be acknowledged.
    if (sequence < this.#expected || this.#mutant !== undefined) {
      this.#context.send(from, format.write({ kind: 'ack', sequence }), {
        tag: 'ack',
        detail: sequence,
      });
    }
  }

  describeState(): Record<string, string | number> {
    const { size } = this.#held;
    return { expected: this.#expected, held: size, delivered: this.#delivered };
  }

  #deliver(payload: Payload, from: NodeId): void {
    this.#delivered += 1;
    this.#context.deliver(payload, from);
  }
}

function once(): Checker {
  const seen = new Map<number, number>();
  const violations: { property: string; text: string; events: number[] }[] = [];
  const property = 'no duplicate';
  return {
    property,
    observe: ({ kind, message, id, node }) => {
      if (kind !== 'deliver') return;
      const before = seen.get(message);
      if (before === undefined) seen.set(message, id);
      else if (violations.length < 3) {
        const text = `node ${node} delivered message ${message} twice`;
        violations.push({ property, text, events: [before, id] });
      }
    },
    finish: () => violations,
  };
}

function all(): Checker {
  const property = 'all delivered';
  const missing = new Set<number>();
  return {
    property,
    observe: ({ kind, message }) => {
      if (kind === 'submit') missing.add(message);
      if (kind === 'deliver') missing.delete(message);
    },
    finish: () =>
      [...missing].slice(0, 3).map((message) => {
        return { property, text: `message ${message} is never delivered`, events: [] };
      }),
  };
}

export function sliding({ faults = [] }: { readonly faults?: readonly Fault[] } = {}): Experiment {
  return defineExperiment({
    id: 'T1',
    title: 'Sliding <window>',
    quote: 'send again & again',
    question: 'Does everything arrive once?',
    explanation: 'For tests.',
    lookFor: ['Everything.'],
    parameters: {
      messages: { kind: 'count', default: 8, min: 1, max: 1_000_000, help: 'to send' },
      loss: { kind: 'fraction', default: 0.2, help: 'chance of a datagram to be lost' },
      delay: { kind: 'duration', default: '20ms', help: 'one way' },
    },
    mutants: {
      'no-dedup': 'delivers whatever arrives',
      'no-disk': 'forgets what it has delivered when it crashes',
    },
    scene: ({ messages, loss, delay }, { mutant }) => ({
      nodes: [
        { name: 'sender', create: (context) => new Sender(context) },
        { name: 'receiver', create: (context) => new Receiver(context, mutant) },
      ],
      link: { delayMs: delay / MS, jitterMs: 12, loss },
      workload: Array.from({ length: messages }, (_, message) => {
        return { atNs: message * 5 * MS, node: 0, payload: makePayload(message) };
      }),
      faults,
      untilNs: 60_000 * MS,
    }),
    meter: () => new TrafficMeter(),
    predict: ({ messages }) => [
      { metric: 'delivered', kind: 'exact', value: messages, formula: 'messages' },
    ],
    checkers: () => [once(), all()],
    claims: {
      survives: ['loss', 'duplication', 'reordering', 'crash', 'pause', 'partition', 'cut', 'hold'],
      mayFail: () => [1],
      draw: { messages: [1, 3, 8], loss: [0], delay: [MS, 20 * MS] },
    },
  });
}
