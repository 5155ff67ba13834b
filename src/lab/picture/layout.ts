/**
 * Where things are in a diagram: time runs to the right, a lane a node from top to bottom, names in
 * the margin.
 *
 *     title
 *     sender   ──●──╲────────────●───      first lane
 *     receiver ──────╲○══●───────────      last lane
 *                0 ms    10 ms   20 ms
 *     legend
 */

import type { Window } from './window.ts';

export interface Layout {
  readonly width: number;
  readonly height: number;
  readonly left: number;
  readonly right: number;
  readonly top: number;
  /** Of the axis. */
  readonly bottom: number;
  x(atNs: number): number;
  y(node: number): number;
  readonly laneGap: number;
  readonly window: Window;
}

const TITLE_PX = 44;
const AXIS_PX = 38;
/** Above the first and below the last lane, for labels, ticks and bars. */
const MARGIN_PX = 44;
const NAME_LETTER_PX = 7.5;
const RIGHT_PX = 26;
/** Two lanes far apart make steep lines, many close ones still show what goes where. */
const GAPS_PX = { most: 170, least: 64, all: 560 };

export interface Sizes {
  readonly width: number;
  readonly footPx: number;
  /** To the right of the lanes. Default 0. */
  readonly listsPx?: number;
}

export function layOut(
  nodes: readonly string[],
  window: Window,
  { width, footPx, listsPx = 0 }: Sizes,
): Layout {
  const longest = Math.max(...nodes.map((name) => name.length), 4);
  const left = Math.min(180, 24 + longest * NAME_LETTER_PX);
  const right = width - RIGHT_PX - listsPx;
  const gaps = Math.max(nodes.length - 1, 1);
  const laneGap = Math.max(GAPS_PX.least, Math.min(GAPS_PX.most, GAPS_PX.all / gaps));
  const top = TITLE_PX + MARGIN_PX;
  const bottom = top + (nodes.length - 1) * laneGap + MARGIN_PX;
  const pxPerNs = (right - left) / (window.toNs - window.fromNs);
  return {
    width,
    height: bottom + AXIS_PX + footPx,
    left,
    right,
    top,
    bottom,
    laneGap,
    window,
    x: (atNs) => left + (atNs - window.fromNs) * pxPerNs,
    y: (node) => top + node * laneGap,
  };
}
