/** Sweeps as plots: which points, which lines, which series. */
import { describe, expect, test } from 'vitest';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';
import { defaultsOf } from '../../../src/lab/experiment/parameters.ts';
import { play } from '../../../src/lab/experiment/play.ts';
import { plotSweep } from '../../../src/lab/plot/plot-sweep.ts';
import type { SweepPlot } from '../../../src/lab/plot/plan.ts';
import type { Layer, Plot } from '../../../src/lab/plot/plot.ts';
import { plansFor } from '../../../src/lab/plot/usual-plans.ts';
import { type Cell, cellOf } from '../../../src/lab/sweep/cell.ts';

const fixedTimer = findExperiment('A1')!;

/** Each combination played once. */
function sweep(...combinations: readonly Readonly<Record<string, number>>[]): readonly Cell[] {
  return combinations.map((given) => {
    const values = { ...defaultsOf(fixedTimer.parameters), messages: 1, ...given };
    return cellOf({ given, values }, [play(fixedTimer, values, { seed: '1' }).comparisons]);
  });
}

const MS = 1_000_000;
const cells = sweep(
  { rtt: 4 * MS, timer: 5 * MS },
  { rtt: 48 * MS, timer: 5 * MS },
  { rtt: 4 * MS, timer: 20 * MS },
  { rtt: 48 * MS, timer: 20 * MS },
);
const copies = fixedTimer.plots!.sweeps![0]!;

describe('the plot of a sweep', () => {
  const plot = plotSweep(fixedTimer, copies, cells)!;

  test('points are what was measured, a series a value of the other parameter', () => {
    expect(plot.legend).toBe('timer');
    expect(layersOf(plot, 'points').flatMap(({ points }) => points)).toEqual([
      { x: 4 * MS, y: 1, series: '5ms' },
      { x: 48 * MS, y: 10, series: '5ms' },
      { x: 4 * MS, y: 1, series: '20ms' },
      { x: 48 * MS, y: 3, series: '20ms' },
    ]);
  });

  test('theory is drawn between the points, stairs included', () => {
    const [line] = layersOf(plot, 'line');
    const stairs = line!.points.filter(({ series }) => series === '5ms').map(({ y }) => y);
    expect(line!.isTheory).toBe(true);
    expect([...new Set(stairs)]).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
  });

  test('times are nanoseconds on an axis that knows it', () => {
    expect(plot.x).toEqual({ label: 'round trip', unit: 'ns' });
  });

  test('nothing is drawn of what nobody measured', () => {
    const plan: SweepPlot = { ...copies, y: { of: 'nothing', label: 'nothing' } };
    expect(plotSweep(fixedTimer, plan, cells)).toBeUndefined();
  });

  test('on a logarithmic axis there is no 0', () => {
    const plan: SweepPlot = { ...copies, y: { of: 'dup.received', label: 'd', scale: 'log' } };
    const drawn = layersOf(plotSweep(fixedTimer, plan, cells)!, 'points');
    expect(drawn.flatMap(({ points }) => points.map(({ y }) => y))).toEqual([9, 2]);
  });
});

describe('a trade-off', () => {
  test('the front joins what nothing else beats on both axes', () => {
    const plan: SweepPlot = {
      ...copies,
      x: { of: 'sent.data', label: 'cost' },
      y: { of: 'rtt', label: 'harm' },
      isTradeOff: true,
    };
    const plot = plotSweep(fixedTimer, plan, cells)!;
    const [front] = layersOf(plot, 'line');
    expect(front!.points.map(({ x, y }) => [x, y])).toEqual([
      [1, 4 * MS],
      [1, 4 * MS],
    ]);
    expect(layersOf(plot, 'points')[0]!.points[1]!.label).toBe('rtt 48ms, timer 5ms');
  });
});

describe('which plots a sweep is shown as', () => {
  test('those of the experiment whose axis was swept', () => {
    expect(plansFor(fixedTimer, cells)).toEqual([copies]);
  });

  test('else one a predicted metric, over what was swept', () => {
    const bits = sweep({ bits: 4 }, { bits: 8 });
    expect(plansFor(fixedTimer, bits).map(({ title }) => title)).toContain(
      'sent.data against bits',
    );
  });

  test('none when there is nothing to be an axis', () => {
    expect(plansFor(fixedTimer, sweep({}))).toEqual([]);
  });
});

function layersOf<Mark extends Layer['mark']>(
  { layers }: Plot,
  mark: Mark,
): readonly Extract<Layer, { readonly mark: Mark }>[] {
  return layers.filter(
    (layer): layer is Extract<Layer, { readonly mark: Mark }> => layer.mark === mark,
  );
}
