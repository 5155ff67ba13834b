/** The pictures that all experiments on reliable delivery have. */

import { LatencyCurve } from '../plot/latency-curve.ts';
import type { RunPlot, SweepPlot } from '../plot/plan.ts';
import { SequencePlot } from '../plot/sequence-plot.ts';

export function linePlots(...sweeps: readonly SweepPlot[]): {
  readonly sweeps: readonly SweepPlot[];
  run(): readonly RunPlot[];
} {
  return { sweeps, run: () => [new SequencePlot(), new LatencyCurve()] };
}
