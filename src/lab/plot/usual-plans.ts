/** What is drawn of a sweep for which an experiment has no picture of its own. */

import type { Parameter, ParameterSet } from '../experiment/parameters.ts';
import type { Cell } from '../sweep/cell.ts';
import type { SweepAxis, SweepPlot } from './plan.ts';

/** More are a wall of pictures. */
const MAX_PLOTS = 6;

/** Plans that these cells can fill: the experiment's own, else one for each predicted metric. */
export function plansFor(
  experiment: {
    readonly parameters: ParameterSet;
    readonly plots?: { readonly sweeps?: readonly SweepPlot[] } | undefined;
  },
  cells: readonly Cell[],
): readonly SweepPlot[] {
  const varied = Object.keys(cells[0]?.given ?? {}).filter((name) => isVaried(name, cells));
  const own = (experiment.plots?.sweeps ?? []).filter(({ x, isTradeOff }) => {
    return isTradeOff === true ? varied.length > 0 : varied.includes(x.of);
  });
  if (own.length > 0) return own;
  const x = varied.find((name) => isNumeric(experiment.parameters[name]));
  if (x === undefined) return [];
  return predictedMetrics(cells)
    .slice(0, MAX_PLOTS)
    .map((metric) => usualPlan(metric, x, cells));
}

function usualPlan(metric: string, x: string, cells: readonly Cell[]): SweepPlot {
  return {
    title: `${metric} against ${x}`,
    caption: 'Points: measured, with 95 % intervals. Lines: predicted.',
    sweep: {},
    x: { of: x, label: x, ...scaleFor(cells.map(({ values }) => Number(values[x]))) },
    y: { of: metric, label: metric },
  };
}

/** Logarithmic when the values were chosen that way. */
function scaleFor(values: readonly number[]): Pick<SweepAxis, 'scale'> {
  const [least, most] = [Math.min(...values), Math.max(...values)];
  return least > 0 && most / least >= 30 ? { scale: 'log' } : {};
}

function predictedMetrics(cells: readonly Cell[]): readonly string[] {
  const metrics = cells.flatMap(({ figures }) =>
    [...figures].flatMap(([metric, { predicted }]) => (predicted === undefined ? [] : [metric])),
  );
  return [...new Set(metrics)];
}

function isVaried(name: string, cells: readonly Cell[]): boolean {
  return new Set(cells.map(({ values }) => values[name])).size > 1;
}

function isNumeric(parameter: Parameter | undefined): boolean {
  return parameter !== undefined && parameter.kind !== 'flag' && parameter.kind !== 'choice';
}
