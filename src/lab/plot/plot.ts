/**
 * A picture of figures, as a value: axes and layers of marks in the units of the laboratory. What
 * draws it (`src/cli/lab/plot`) chooses colours, shapes, dashes and legends, so that all pictures
 * look the same and are readable on paper.
 *
 *     { title, caption, x, y, layers: [ band, line, points, … ] }
 *
 * Marks of the same `series` have the same look in every layer, and a row of the legend.
 */

import type { Unit } from '../experiment/prediction.ts';

export interface Plot {
  readonly title: string;
  /** What to look for, and what the marks are: a sentence or two below the title. */
  readonly caption: string;
  readonly x: Axis;
  readonly y: Axis;
  /** From the back to the front. */
  readonly layers: readonly Layer[];
  /** The heading of the legend: what a series stands for. */
  readonly legend?: string;
  /** All of them in their order, so that each looks the same whichever are there. */
  readonly series?: readonly string[];
}

export interface Axis {
  readonly label: string;
  /**
   * Of the values in the layers: 'ns' become ms, s or h, whatever fits, and a 'share' percents. Not
   * given when the values are words.
   */
  readonly unit?: Unit | 'share';
  /** Default: 'linear'. 'log' only of what is above 0. */
  readonly scale?: 'linear' | 'log';
  /** Default: as far as the marks reach, and 0 on linear axes up. */
  readonly from?: number;
  readonly to?: number;
  /** Of an axis of lanes: all of them, from the top. Default: as they come. */
  readonly words?: readonly string[];
}

export type Layer =
  | LineLayer
  | PointLayer
  | BandLayer
  | AreaLayer
  | BarLayer
  | ColumnLayer
  | TickLayer
  | LinkLayer
  | CellLayer
  | SpanLayer
  | RuleLayer;

/** Joined by lines, in the order of x; of a series of its own each. */
interface LineLayer {
  readonly mark: 'line';
  readonly points: readonly Point[];
  /** Thin and dashed: theory beside what was measured. */
  readonly isTheory?: boolean;
  /** Steps from value to value: something that changes at once. */
  readonly isStepped?: boolean;
  /** Joined in the order in which they come, not in that of x: a curve in a plane. */
  readonly isPath?: boolean;
}

/** Single values, with their uncertainty and with a word beside where there is one. */
interface PointLayer {
  readonly mark: 'points';
  readonly points: readonly (Point & {
    readonly low?: number;
    readonly high?: number;
    readonly label?: string;
    /** Of the label, in degrees clockwise: for several side by side. Default: level. */
    readonly slope?: number;
  })[];
}

/** From `low` to `high` along x: an uncertainty, a bound. */
interface BandLayer {
  readonly mark: 'band';
  readonly points: readonly (Of & {
    readonly x: number;
    readonly low: number;
    readonly high: number;
  })[];
}

/** Stacked one on the other: parts of a whole along x. */
interface AreaLayer {
  readonly mark: 'area';
  readonly points: readonly Point[];
}

/** A lane a name, and bars in it along x: a Gantt chart. The y axis has no unit. */
interface BarLayer {
  readonly mark: 'bars';
  readonly bars: readonly Bar[];
}

export interface Bar extends Of {
  readonly lane: string;
  readonly from: number;
  readonly to: number;
  /** Within the bar: short, or it reaches beyond. */
  readonly label?: string;
}

/** Single marks in lanes, with a word beside where there is one. The y axis has no unit. */
interface TickLayer {
  readonly mark: 'ticks';
  readonly ticks: readonly Tick[];
}

export interface Tick extends Of, LanePoint {
  readonly label?: string;
}

/** Thin straight lines between places in lanes: what follows from what. */
interface LinkLayer {
  readonly mark: 'links';
  readonly links: readonly TickLink[];
}

export interface TickLink {
  readonly from: LanePoint;
  readonly to: LanePoint;
}

interface LanePoint {
  readonly lane: string;
  readonly at: number;
}

/** A column a name, its parts stacked. The x axis has no unit. */
interface ColumnLayer {
  readonly mark: 'columns';
  readonly columns: readonly (Of & { readonly x: string; readonly y: number })[];
}

/** A heat map: a shade for each pair of words. */
interface CellLayer {
  readonly mark: 'cells';
  readonly cells: readonly { readonly x: string; readonly y: string; readonly value: number }[];
  readonly unit: Unit | 'share';
  readonly label: string;
}

/** Shaded from top to bottom: a time without service, an attack. */
interface SpanLayer {
  readonly mark: 'spans';
  readonly spans: readonly Span[];
}

export interface Span {
  readonly from: number;
  readonly to: number;
  readonly label: string;
}

/** Straight through the whole picture, at a value of one axis, with a word. */
interface RuleLayer {
  readonly mark: 'rules';
  readonly rules: readonly {
    readonly x?: number;
    readonly y?: number;
    readonly label: string;
  }[];
}

interface Of {
  /** Default: there is only one. */
  readonly series?: string;
}

export interface Point extends Of {
  readonly x: number;
  readonly y: number;
}
