import { describe, expect, test } from 'vitest';

import type { Experiment } from '../../../src/lab/experiment/experiment.ts';
import { defaultsOf, type ParameterValue } from '../../../src/lab/experiment/parameters.ts';
import { play, type Played } from '../../../src/lab/experiment/play.ts';
import { playReal } from '../../../src/lab/experiment/play-real.ts';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';
import type { TraceEvent } from '../../../src/lab/run/trace-event.ts';
import { createRealRuntime } from '../../../src/net/real/runtime.ts';

const MS = 1_000_000;

function experiment(id: string): Experiment {
  const found = findExperiment(id);
  if (found === undefined) throw new Error(`no ${id}`);
  return found;
}

/** What is counted, whenever it happened. */
function countsOf({ comparisons }: Played): Record<string, number | undefined> {
  const counts = comparisons.filter(({ measured }) => measured?.unit === 'count');
  return Object.fromEntries(counts.map(({ metric, measured }) => [metric, measured?.value]));
}

/** Which datagrams were lost, by sender and how many it had sent there before. */
function lossesOf(events: readonly TraceEvent[]): readonly string[] {
  const sent = new Map<string, number>();
  const numbers = new Map<number, string>();
  const losses: string[] = [];
  for (const { kind, node, peer, packet, reason } of events) {
    const link = `${node}>${peer}`;
    if (kind === 'send') {
      sent.set(link, (sent.get(link) ?? 0) + 1);
      numbers.set(packet, `${link} ${sent.get(link)}`);
    }
    if (kind === 'lose') losses.push(`${numbers.get(packet)} ${reason}`);
  }
  return losses.toSorted();
}

describe('one scene in virtual time and on real sockets', () => {
  /** Timers far from ties: answers come back after 30 ms, repetitions are made after 300. */
  const lossy = { interval: 0, rtt: 30 * MS, loss: 0.2, 'ack-loss': 0.2 };
  const CASES: readonly (readonly [string, Record<string, ParameterValue>])[] = [
    ['A0', { messages: 60, interval: 2 * MS, rtt: 20 * MS, loss: 0.2 }],
    ['A1', { ...lossy, messages: 6, timer: 300 * MS }],
    ['A2', { ...lossy, messages: 6, 'initial-rto': 300 * MS, 'min-rto': 300 * MS }],
    ['A3', { ...lossy, messages: 8, timer: 300 * MS, window: 4, frame: 0 }],
    ['A4', { ...lossy, messages: 20, timer: 300 * MS }],
    ['A5', { ...lossy, messages: 20, retry: 300 * MS, heartbeat: 0 }],
    ['A6', { ...lossy, messages: 20, timer: 400 * MS, delay: 100 * MS }],
    ['A7', { ...lossy, messages: 120, timer: 400 * MS, delay: 100 * MS, 'batch-delay': 50 * MS }],
    ['A8', { messages: 40, interval: 2 * MS, rtt: 20 * MS, loss: 0.2 }],
    ['A9', { ...lossy, messages: 20, every: 1 }],
  ];

  // Most of their time is waiting.
  test.concurrent.each(CASES)('%s: the same counts, the same losses', async (id, changed) => {
    const played = experiment(id);
    const values = { ...defaultsOf(played.parameters), ...changed };
    const runtime = createRealRuntime();
    const [virtual, real]: TraceEvent[][] = [[], []];
    const observe = (events: TraceEvent[] | undefined) => (event: TraceEvent) =>
      void events?.push(event);
    const expected = play(played, values, { seed: '3', observers: [observe(virtual)] });
    const run = await playReal(played, values, {
      runtime,
      seed: '3',
      observers: [observe(real)],
    });
    expect(run.end).toBe('idle');
    expect(run.missing).toBe(0);
    expect(lossesOf(virtual ?? []).length).toBeGreaterThan(0);
    expect(lossesOf(real ?? [])).toEqual(lossesOf(virtual ?? []));
    expect(countsOf(run)).toEqual(countsOf(expected));
    expect(run.violations).toEqual(expected.violations);
    expect(run.timerLag.count).toBeGreaterThan(0);
    expect(run.timerLag.maxNs).toBeGreaterThanOrEqual(run.timerLag.p99Ns);
    const times = run.comparisons.filter(({ measured }) => measured?.unit === 'ns');
    for (const { verdict } of times) expect(verdict).toBe('not judged');
  });
});

describe('a run on real sockets', () => {
  test('ends at its bound when the protocol never does', async () => {
    const endless: Experiment = {
      ...experiment('A0'),
      scene: () => ({
        nodes: [
          {
            name: 'ticker',
            create: ({ setTimer }) => ({
              onStart: () => void setTimer(5 * MS, 'tick'),
              onTimer: () => void setTimer(5 * MS, 'tick'),
            }),
          },
        ],
        link: { delayMs: 1 },
        workload: [],
        untilNs: 1e15,
      }),
      predict: () => [],
    };
    const values = defaultsOf(endless.parameters);
    const runtime = createRealRuntime();
    const run = await playReal(endless, values, { runtime, seed: '1', longestNs: 100 * MS });
    expect(run.end).toBe('endless');
    expect(run.durationNs).toBeGreaterThanOrEqual(100 * MS);
  });

  test('rejects with what a process throws', async () => {
    const broken: Experiment = {
      ...experiment('A0'),
      scene: () => ({
        nodes: [
          {
            name: 'broken',
            create: () => ({
              onStart: () => {
                throw new TypeError('a bug');
              },
            }),
          },
        ],
        link: { delayMs: 1 },
        workload: [],
        untilNs: 1e9,
      }),
    };
    const run = playReal(broken, defaultsOf(broken.parameters), {
      runtime: createRealRuntime(),
      seed: '1',
    });
    await expect(run).rejects.toThrow('a bug');
  });
});
