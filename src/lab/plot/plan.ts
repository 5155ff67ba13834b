/**
 * Which pictures an experiment has: those of one run, made of its events, and those of many runs, a
 * curve over a parameter. An experiment names them in `plots`; `lab run`, `lab view` and `lab
 * sweep` draw them.
 */

import type { ParameterSet, ValuesOf } from '../experiment/parameters.ts';
import type { TraceEvent } from '../run/trace-event.ts';
import type { Axis, Plot } from './plot.ts';

export interface PlotPlans<Parameters extends ParameterSet = ParameterSet> {
  readonly sweeps?: readonly SweepPlot[];
  /** Fresh ones a run: what is worth drawing may depend on the values. */
  run?(values: ValuesOf<Parameters>): readonly RunPlot[];
}

/** Sees every event of a run, as meters do. */
export interface RunPlot {
  observe(event: TraceEvent): void;
  /** Undefined when there is nothing to show. */
  finish(): Plot | undefined;
}

/** What many runs measured against a parameter, with what is predicted as a line. */
export interface SweepPlot {
  readonly title: string;
  readonly caption: string;
  /**
   * What is played for it when nobody says anything else, as people type it: `{ rtt:
   * '4,12,24,48ms', loss: '0' }`.
   */
  readonly sweep: Readonly<Record<string, string>>;
  readonly x: SweepAxis;
  /** Several metrics share the axis, and are series of their labels; `yLabel` names the axis. */
  readonly y: SweepAxis | readonly SweepAxis[];
  readonly yLabel?: string;
  /** Of these parameters each value, or pair of values, is a series. Default: all others swept. */
  readonly series?: readonly string[];
  /**
   * Both axes are metrics, and less is better on both: each point is labelled with the values that
   * were swept, and a line joins those that no other is better than on both.
   */
  readonly isTradeOff?: boolean;
}

/** A parameter or a metric, by its name. */
export interface SweepAxis extends Pick<Axis, 'scale' | 'from' | 'to'> {
  readonly of: string;
  readonly label: string;
}
