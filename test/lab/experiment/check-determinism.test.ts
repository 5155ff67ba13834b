import { describe, expect, test } from 'vitest';

import { describeEvent, findDivergence } from '../../../src/lab/experiment/check-determinism.ts';
import type { Experiment } from '../../../src/lab/experiment/experiment.ts';
import { defaultsOf } from '../../../src/lab/experiment/parameters.ts';
import { play } from '../../../src/lab/experiment/play.ts';
import { EXPERIMENTS } from '../../../src/lab/experiment/registry.ts';
import type { Context } from '../../../src/lab/process/process.ts';
import { ImpureProcessError } from '../../../src/lab/run/purity.ts';

const MS = 1_000_000;

/** An experiment whose node 1 does `act` at 5 ms. */
function experimentThat(act: (context: Context) => void): Experiment {
  const [first] = EXPERIMENTS;
  if (first === undefined) throw new Error('no experiments');
  return {
    ...first,
    scene: () => ({
      nodes: [
        { name: 'quiet', create: () => ({}) },
        {
          name: 'acting',
          create: (context) => ({
            onStart: () => void context.setTimer(5 * MS, 'act'),
            onTimer: () => act(context),
          }),
        },
      ],
      link: { delayMs: 1 },
      workload: [],
      untilNs: 100 * MS,
    }),
    predict: () => [],
    parameters: {},
  };
}

describe('two runs of one seed', () => {
  test.each(EXPERIMENTS.map((experiment) => [experiment.id, experiment] as const))(
    '%s is deterministic',
    (_, experiment) => {
      const values = defaultsOf(experiment.parameters);
      expect(findDivergence(experiment, values, { seed: '5', maxEvents: 3000 })).toBeUndefined();
    },
  );

  test('a process with a state that lives longer than a run is found, with both events', () => {
    let calls = 0;
    const experiment = experimentThat(({ note }) => {
      calls += 1;
      note(`call ${calls}`);
    });
    const divergence = findDivergence(experiment, {}, { seed: '1' });
    expect(divergence?.agreed).toBe(3);
    expect(describeEvent(divergence?.first)).toBe('#4 at 5000000 ns, node 1: note call 1');
    expect(describeEvent(divergence?.second)).toBe('#4 at 5000000 ns, node 1: note call 2');
  });

  test('they have the clocks of the experiment', () => {
    let calls = 0;
    const experiment = experimentThat(({ note, wallNs }) => {
      if (wallNs() < 0) calls += 1;
      note(`call ${calls}`);
    });
    const { scene } = experiment;
    const withClock = (...of: Parameters<typeof scene>): ReturnType<typeof scene> => {
      const { nodes, ...rest } = scene(...of);
      return { ...rest, nodes: nodes.map((node) => ({ ...node, clock: { offsetNs: -1e15 } })) };
    };
    expect(findDivergence(experiment, {}, { seed: '1' })).toBeUndefined();
    expect(findDivergence({ ...experiment, scene: withClock }, {}, { seed: '1' })).toBeDefined();
  });

  test('a run that does more than the other is found too', () => {
    let calls = 0;
    const experiment = experimentThat(({ note }) => {
      calls += 1;
      if (calls === 2) note('once more');
    });
    const divergence = findDivergence(experiment, {}, { seed: '1' });
    expect(describeEvent(divergence?.first)).toBe('the run had ended');
    expect(describeEvent(divergence?.second)).toContain('once more');
  });
});

describe('a process that asks the machine', () => {
  const WAYS: readonly (readonly [string, () => unknown])[] = [
    ['Date.now', () => Date.now()],
    ['new Date()', () => new Date()],
    ['performance.now', () => performance.now()],
    ['process.hrtime', () => process.hrtime.bigint()],
    ['process.nextTick', () => process.nextTick(() => {})],
    ['setTimeout', () => setTimeout(() => {}, 1)],
    ['setInterval', () => setInterval(() => {}, 1)],
    ['setImmediate', () => setImmediate(() => {})],
    ['queueMicrotask', () => queueMicrotask(() => {})],
    ['Math.random', () => Math.random()],
    ['crypto.randomUUID', () => crypto.randomUUID()],
    ['crypto.getRandomValues', () => crypto.getRandomValues(new Uint8Array(4))],
    ['fetch', () => fetch('http://192.0.2.1/')],
  ];

  test.each(WAYS)('%s is caught, with the node and what to use instead', (what, ask) => {
    const run = (): unknown =>
      play(
        experimentThat(() => void ask()),
        {},
        { seed: '1' },
      );
    expect(run).toThrow(ImpureProcessError);
    expect(run).toThrow(
      `the process of node 1 uses ${what}, which no two runs share: use context.`,
    );
  });

  test('observers may look at the clock, and after the run everybody may', () => {
    const before = [Date, Date.now, Math.random, setTimeout, performance.now, queueMicrotask];
    let times = 0;
    const observers = [(): void => void (times += Number(Date.now() > 0 && performance.now() > 0))];
    play(
      experimentThat(({ note }) => note('here')),
      {},
      { seed: '1', observers },
    );
    expect(times).toBe(4);
    expect([Date, Date.now, Math.random, setTimeout, performance.now, queueMicrotask]).toEqual(
      before,
    );
    expect(Object.hasOwn(performance, 'now')).toBe(false);
    expect(new Date(0).getTime()).toBe(0);
  });
});
