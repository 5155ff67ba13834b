/** Pictures of total order: who waits how long, what a failover costs, and protocols side by side. */
import { describe, expect, test } from 'vitest';
import { defaultsOf } from '../../../src/lab/experiment/parameters.ts';
import { play } from '../../../src/lab/experiment/play.ts';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';
import { ComparedRun, comparedPlots } from '../../../src/lab/plot/compared-runs.ts';
import type { Layer, Plot } from '../../../src/lab/plot/plot.ts';

const MS = 1_000_000;

function plotsOf(id: string, given: Readonly<Record<string, number>>): readonly Plot[] {
  const experiment = findExperiment(id)!;
  const values = { ...defaultsOf(experiment.parameters), ...given };
  const plots = experiment.plots?.run?.(values) ?? [];
  const observers = plots.map((plot) => (event: Parameters<typeof plot.observe>[0]) => {
    plot.observe(event);
  });
  play(experiment, values, { seed: '1', observers });
  return plots.flatMap((plot) => plot.finish() ?? []);
}

function layer<Mark extends Layer['mark']>(
  plot: Plot | undefined,
  mark: Mark,
): Extract<Layer, { mark: Mark }> {
  const found = plot?.layers.find((one) => one.mark === mark);
  return found as Extract<Layer, { mark: Mark }>;
}

describe('columns of latencies', () => {
  test('are in hops: a chosen node knows first, a number server costs one more', () => {
    const [chosen] = plotsOf('B4', { messages: 3 });
    expect(layer(chosen, 'columns').columns.map(({ x, y }) => [x, y])).toEqual([
      ['node 0', 1],
      ['node 1, own', 2],
      ['node 2', 2],
      ['node 3', 2],
      ['node 4', 2],
    ]);
    const [server] = plotsOf('B6', { messages: 3 });
    expect(layer(server, 'columns').columns.map(({ y }) => y)).toEqual([3, 2, 3, 3, 3]);
  });
});

describe('the timeline of a failover', () => {
  const busy = { interval: 20 * MS, messages: 60 };

  test('shades the time in which nobody delivers, from the last to the first', () => {
    const [timeline] = plotsOf('B5', { ...busy, crash: 333 * MS });
    const { spans } = layer(timeline, 'spans');
    expect(spans).toHaveLength(1);
    // The last that node 0 had numbered comes behind its end; D is 150 ms after the last heartbeat.
    expect(spans[0]).toMatchObject({ from: 340 * MS, to: 460 * MS, label: 'no service' });
    expect(layer(timeline, 'rules').rules).toEqual([{ x: 333 * MS, label: 'node 0 crashes' }]);
  });

  test('shades nothing where all goes well, nor when nobody sends any more', () => {
    expect(layer(plotsOf('B5', busy)[0], 'spans').spans).toEqual([]);
    expect(layer(plotsOf('B9', busy)[0], 'spans').spans).toEqual([]);
  });
});

describe('protocols side by side', () => {
  const runs = ['B3', 'B6'].map((id) => {
    const run = new ComparedRun(id);
    const experiment = findExperiment(id)!;
    const values = { ...defaultsOf(experiment.parameters), messages: 10 };
    play(experiment, values, { seed: '1', observers: [(event) => run.observe(event)] });
    return run;
  });
  const [costs, latencies] = comparedPlots(runs);

  test('what each sends for a delivery, by kind', () => {
    const sums = new Map<string, number>();
    for (const { x, y } of layer(costs, 'columns').columns) sums.set(x, (sums.get(x) ?? 0) + y);
    // n + 1 datagrams for n deliveries, whoever numbers.
    expect([...sums.keys()]).toEqual(['B3', 'B6']);
    for (const sum of sums.values()) expect(sum).toBeCloseTo(6 / 5);
    expect(costs?.series).toContain('data');
  });

  test('how long its messages take', () => {
    const { points } = layer(latencies, 'line');
    const last = (series: string): unknown => points.findLast((point) => point.series === series);
    expect(last('B3')).toEqual({ x: 20 * MS, y: 1, series: 'B3' });
    expect(last('B6')).toEqual({ x: 30 * MS, y: 1, series: 'B6' });
  });

  test('nothing is drawn of what nobody delivered', () => {
    expect(comparedPlots([new ComparedRun('A0')])).toEqual([]);
  });
});
