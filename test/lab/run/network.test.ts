import { describe, expect, test } from 'vitest';

import { makePayload, readPayload } from '../../../src/lab/process/payload.ts';
import type { Context, Process } from '../../../src/lab/process/process.ts';
import { Cast } from '../../../src/lab/run/cast.ts';
import type { Fault } from '../../../src/lab/run/fault.ts';
import { bridge, flapping, isolate } from '../../../src/lab/run/fault-patterns.ts';
import { SimStage, type SimStageOptions } from '../../../src/lab/run/sim-stage.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';

const MS = 1_000_000;

/** Sends a numbered datagram to every other node each 10 ms, `count` times. */
class Beacon implements Process {
  readonly #context: Context;
  #left: number;

  constructor(context: Context, count: number) {
    this.#context = context;
    this.#left = count;
  }

  onStart(): void {
    if (this.#left > 0) this.#context.setTimer(10 * MS, 'beat');
  }

  onTimer(): void {
    const { self, nodeCount } = this.#context;
    for (let to = 0; to < nodeCount; to += 1) {
      if (to !== self) this.#context.send(to, makePayload(this.#left), { tag: 'beat' });
    }
    this.#left -= 1;
    if (this.#left > 0) this.#context.setTimer(10 * MS, 'beat');
  }

  onDatagram(from: number, bytes: Uint8Array): void {
    this.#context.deliver(bytes, from);
  }
}

interface Told {
  /** 'from>to@ms' of each datagram in the order of arrival. */
  readonly arrivals: readonly string[];
  readonly losses: readonly string[];
  readonly events: readonly TraceEvent[];
}

function run(
  faults: readonly Fault[],
  {
    nodes = 2,
    senders = [0],
    beats = 5,
    ...stageOptions
  }: Partial<SimStageOptions> & {
    nodes?: number;
    senders?: readonly number[];
    beats?: number;
  } = {},
): Told {
  const events: TraceEvent[] = [];
  const stage = new SimStage({ seed: '1', link: { delayMs: 3 }, ...stageOptions });
  const factories = Array.from({ length: nodes }, (_, id) => (context: Context) => {
    return new Beacon(context, senders.includes(id) ? beats : 0);
  });
  const cast = new Cast({ stage, factories, observers: [(event) => events.push(event)] });
  stage.at(0, () => cast.start());
  for (const fault of faults) stage.at(fault.atNs, () => cast.inflict(fault));
  stage.run(10_000 * MS, 10_000);
  const of = (kind: TraceEvent['kind']): TraceEvent[] => events.filter((one) => one.kind === kind);
  return {
    events,
    arrivals: of('receive').map(({ node, peer, atNs }) => `${peer}>${node}@${atNs / MS}`),
    losses: of('lose').map(
      ({ node, peer, atNs, reason }) => `${node}>${peer}@${atNs / MS} ${reason}`,
    ),
  };
}

const at = (ms: number): { readonly atNs: number } => ({ atNs: ms * MS });
const link = { from: 0, to: 1 };

describe('scripted faults', () => {
  test('the nth datagram from then on is dropped', () => {
    const { arrivals, losses } = run([{ ...at(15), kind: 'drop', ...link, nth: 2 }]);
    expect(arrivals).toEqual(['0>1@13', '0>1@23', '0>1@43', '0>1@53']);
    expect(losses).toEqual(['0>1@30 script']);
  });

  test('it arrives twice, and both are the same octets', () => {
    const fault: Fault = { ...at(0), kind: 'double', ...link, nth: 1, byNs: 4 * MS };
    const { arrivals, events } = run([fault], { beats: 2 });
    expect(arrivals).toEqual(['0>1@13', '0>1@17', '0>1@23']);
    const delivered = events.filter(({ kind }) => kind === 'deliver');
    expect(delivered.map(({ message }) => message)).toEqual([2, 2, 1]);
    const copies = events.filter(({ kind }) => kind === 'receive').map(({ copy }) => copy);
    expect(copies).toEqual([0, 1, 0]);
  });

  test('it is late, and others overtake it', () => {
    const fault: Fault = { ...at(0), kind: 'delay', ...link, nth: 1, byNs: 12 * MS };
    expect(run([fault], { beats: 2 }).arrivals).toEqual(['0>1@23', '0>1@25']);
  });

  test('several scripts on one link count each for itself', () => {
    const faults: Fault[] = [1, 2, 4].map((nth) => ({ ...at(0), kind: 'drop', ...link, nth }));
    expect(run(faults).losses).toEqual(['0>1@10 script', '0>1@20 script', '0>1@40 script']);
  });

  test('a datagram that a fault takes does not change the fate of those after it', () => {
    const lossy = { link: { delayMs: 3, loss: 0.4 }, beats: 40 };
    const plain = run([], lossy);
    const faulty = run([{ ...at(0), kind: 'drop', ...link, nth: 3 }], lossy);
    expect(plain.losses.length).toBeGreaterThan(5);
    expect(faulty.losses.filter((text) => !text.startsWith('0>1@30'))).toEqual(
      plain.losses.filter((text) => !text.startsWith('0>1@30')),
    );
  });
});

describe('partitions', () => {
  test('nothing passes between groups, both ways, until it heals', () => {
    const faults: Fault[] = [
      { ...at(15), kind: 'partition', groups: [[0], [1]] },
      { ...at(35), kind: 'heal' },
    ];
    const { arrivals, losses } = run(faults, { nodes: 3, senders: [0, 1], beats: 4 });
    expect(losses).toEqual(
      [20, 30].flatMap((ms) => [`0>1@${ms} partition`, `1>0@${ms} partition`]),
    );
    expect(arrivals.filter((text) => text.includes('>2'))).toHaveLength(8);
  });

  test('a cut is one way', () => {
    const { losses } = run([{ ...at(5), kind: 'cut', ...link }], { senders: [0, 1], beats: 1 });
    expect(losses).toEqual(['0>1@10 partition']);
  });

  test('what is under way when it begins still arrives', () => {
    const fault: Fault = { ...at(11), kind: 'partition', groups: [[0], [1]] };
    expect(run([fault], { beats: 1 }).arrivals).toEqual(['0>1@13']);
  });

  test('a bridge still talks to both sides', () => {
    const { losses } = run([bridge(0, { left: [0], over: 1, right: [2] })], {
      nodes: 3,
      senders: [0, 1, 2],
      beats: 1,
    });
    expect(losses).toEqual(['0>2@10 partition', '2>0@10 partition']);
  });

  test('an isolated node reaches nobody', () => {
    const { arrivals } = run([isolate(0, 1, 3)], { nodes: 3, senders: [0, 1], beats: 1 });
    expect(arrivals).toEqual(['0>2@13']);
  });

  test('a flapping link is dead and alive by turns, in both directions', () => {
    const faults = flapping({ fromNs: 15 * MS, downNs: 10 * MS, upNs: 10 * MS, times: 2 }, [
      [0],
      [1],
    ]);
    expect(run(faults, { beats: 6 }).losses).toEqual(['0>1@20 partition', '0>1@40 partition']);
  });
});

describe('links that change', () => {
  test('a clog makes everything late for a while', () => {
    const fault: Fault = { ...at(15), kind: 'clog', ...link, byNs: 50 * MS, forNs: 10 * MS };
    expect(run([fault], { beats: 3 }).arrivals).toEqual(['0>1@13', '0>1@33', '0>1@73']);
  });

  test('from a time on the link is another', () => {
    const fault: Fault = { ...at(15), kind: 'link', ...link, link: { delayMs: 7 } };
    expect(run([fault], { beats: 2 }).arrivals).toEqual(['0>1@13', '0>1@27']);
  });

  test('a link of its own wins over the default', () => {
    const links = [{ from: 1, to: 0, link: { delayMs: 8 } }];
    const { arrivals } = run([], { links, senders: [0, 1], beats: 1 });
    expect(arrivals).toEqual(['0>1@13', '1>0@18']);
  });

  test('what is held waits for the release, and arrives in the order of sending', () => {
    const faults: Fault[] = [
      { ...at(15), kind: 'hold', ...link },
      { ...at(31), kind: 'release', ...link },
    ];
    const { arrivals, events } = run(faults, { beats: 4 });
    expect(arrivals).toEqual(['0>1@13', '0>1@31', '0>1@33', '0>1@43']);
    const received = events.filter(({ kind }) => kind === 'receive');
    expect(received.map(({ packet }) => packet)).toEqual([1, 2, 3, 4]);
  });

  test('a swapped datagram overtakes the one before it, right before it arrives', () => {
    const { events } = run([], { link: { delayMs: 30, swap: 0.5 }, beats: 20 });
    const received = events.filter(({ kind }) => kind === 'receive');
    const order = received.map(({ packet }) => packet);
    expect(order.toSorted((a, b) => a - b)).toEqual(Array.from({ length: 20 }, (_, i) => i + 1));
    expect(order).not.toEqual(order.toSorted((a, b) => a - b));
    for (const { packet, atNs } of received)
      expect(atNs).toBeGreaterThanOrEqual((packet * 10 + 30) * MS);
  });

  test('a changed bit reaches the process, which sees no payload of ours any more', () => {
    const { events } = run([], { link: { delayMs: 3, corrupt: 1 }, beats: 3 });
    const delivered = events.filter(({ kind }) => kind === 'deliver');
    expect(delivered.map(({ message }) => message)).toEqual([-1, -1, -1]);
    expect(readPayload(makePayload(3))).toBe(3);
  });
});

test('every fault of the network is told, in words', () => {
  const faults: Fault[] = [
    { ...at(1), kind: 'partition', groups: [[0, 2], [1]] },
    { ...at(2), kind: 'clog', ...link, byNs: 5, forNs: 6 },
    { ...at(3), kind: 'link', ...link, link: { delayMs: 1 } },
    { ...at(4), kind: 'drop', ...link, nth: 2 },
  ];
  const told = run(faults, { nodes: 3 }).events.filter(({ kind }) => kind === 'fault');
  expect(told.map(({ text }) => text)).toEqual([
    'partition 0 2 | 1',
    'clog 0 > 1, by 5 ns for 6 ns',
    'link 0 > 1 {"delayMs":1}',
    'drop 0 > 1, datagram 2 from here',
  ]);
});
