/** Pictures of agreement: what is in them is what happened. */

import { describe, expect, test } from 'vitest';

import { CP_AP } from '../../../src/lab/agreement/experiments/d5b-cp-ap.ts';
import { defaultsOf } from '../../../src/lab/experiment/parameters.ts';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';
import { playWorld } from '../../../src/lab/experiment/world-experiment.ts';
import type { Layer, Plot } from '../../../src/lab/plot/plot.ts';
import { measured, MS, run } from '../order/runs.ts';

type Values = Readonly<Record<string, string | number | boolean>>;

function plotsOf(id: string, values: Values): readonly Plot[] {
  const { parameters, plots } = findExperiment(id)!;
  const all = { ...defaultsOf(parameters), ...values };
  const drawn = plots!.run!(all as Parameters<NonNullable<typeof plots>['run'] & {}>[0]);
  run(id, { values, observers: drawn.map((plot) => (event) => plot.observe(event)) });
  return drawn.flatMap((plot) => plot.finish() ?? []);
}

function layer<Mark extends Layer['mark']>({ layers }: Plot, mark: Mark) {
  return layers.find((one) => one.mark === mark) as Extract<Layer, { readonly mark: Mark }>;
}

describe('both sides of a division', () => {
  const CUT = { ask: 'all', cut: 1000 * MS, outage: 1000 * MS, interval: 50 * MS, messages: 60 };
  const fates = (values: Values) => {
    const { ticks } = layer(plotsOf('D5', { ...CUT, ...values })[0]!, 'ticks');
    const during = ticks.filter(({ at }) => at >= 1000 * MS && at < 1900 * MS);
    const of = (side: string) =>
      new Set(during.filter(({ lane }) => lane.startsWith(side)).map(({ series }) => series));
    return { left: [...of('left')], right: [...of('right')] };
  };

  test('two of three homes are on the left: only there it goes on', () => {
    expect(fates({ r: 2, w: 2 })).toEqual({ left: ['served'], right: ['not served'] });
    expect(fates({ r: 1, w: 1 })).toEqual({ left: ['served'], right: ['served'] });
  });
});

test('of a register that needs a majority only the larger side goes on', () => {
  const [sides, ribbon] = plotsOf('D3', { cut: 1000 * MS, outage: 2000 * MS });
  const { ticks } = layer(sides!, 'ticks');
  const late = ticks.filter(({ at }) => at >= 1500 * MS && at < 2500 * MS);
  const left = late.filter(({ lane }) => lane.startsWith('left'));
  const right = late.filter(({ lane }) => lane.startsWith('right'));
  expect(left.some(({ series }) => series === 'served')).toBe(false);
  expect(right.every(({ series }) => series === 'served')).toBe(true);
  const { bars } = layer(ribbon!, 'bars');
  const leads = bars.filter(({ series }) => series === 'leads');
  expect(leads.map(({ label }) => label)).toEqual(['1', '2']);
});

describe('the tree of writes', () => {
  const [, tree] = plotsOf('D4', {
    ...{ merge: 'mvr', nodes: 3, rounds: 14, gap: 20 * MS, reads: false },
    ...{ cut: 500 * MS, outage: 500 * MS },
  });
  const { ticks } = layer(tree!, 'ticks');

  test('splits where the network is divided, and grows together afterwards', () => {
    const roles = ticks.map(({ at, series }) => [at / MS, series]);
    const inside = roles.filter(([at]) => Number(at) >= 500 && Number(at) < 1000);
    expect(inside.map(([, series]) => series)).toEqual(inside.map(() => 'in conflict'));
    expect(inside).toHaveLength(10);
    expect(roles.filter(([, series]) => series === 'ends a conflict')).toHaveLength(1);
    expect(roles[0]).toEqual([300, 'write']);
  });

  test('has a line to each write that was replaced, and vector clocks', () => {
    const { links } = layer(tree!, 'links');
    // Each write has one before it, that which ends the conflict two; the first’s is not shown.
    expect(links).toHaveLength(ticks.length);
    const [first, second] = ticks;
    expect([first!.label, second!.label]).toEqual(['4 3 0', '4 4 0']);
  });
});

test('the ribbon of terms has one leader at a time, and a new one after a division', () => {
  const values = { senders: 5, interval: 20 * MS, messages: 100, cut: 1500 * MS };
  const [ribbon] = plotsOf('D2', { ...values, outage: 2000 * MS });
  const { bars } = layer(ribbon!, 'bars');
  const leads = bars.filter(({ series }) => series === 'leads');
  expect(new Set(leads.map(({ label }) => label)).size).toBe(leads.length);
  expect(leads.length).toBeGreaterThan(0);
  expect(layer(ribbon!, 'spans').spans).toEqual([
    { from: 1500 * MS, to: 3500 * MS, label: 'divided' },
  ]);
});

test('from CP to AP: who serves all writes and no stale read refuses to read', async () => {
  const played = await playWorld(CP_AP, defaultsOf(CP_AP.parameters), { seed: '1' });
  const judged = played.comparisons.filter(({ verdict }) => verdict !== 'not judged');
  expect(judged.filter(({ verdict }) => verdict !== 'agrees')).toEqual([]);
  expect(judged.length).toBeGreaterThan(9);
  const { points } = layer(played.plots()[0]!, 'points');
  const corner = points.filter(({ x, y }) => x === 0 && y === 1);
  expect(corner.map(({ label }) => label)).toEqual(['D5 R = 3, W = 1']);
});

test('a register that refuses is not measured as one that serves', () => {
  const values = { ask: 'all', r: 1, w: 3, cut: 1000 * MS, interval: 50 * MS, messages: 60 };
  expect(measured(run('D5', { values }), 'cut.writes')).toBe(0);
});
