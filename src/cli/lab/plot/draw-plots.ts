/**
 * Draws plots by Vega-Lite (`docs/adr/0011-plots-by-vega-lite.md`), which is loaded when the first
 * one is wanted: nothing else of the programs needs it.
 */

import type { Plot } from '../../../lab/plot/plot.ts';
import { vegaSpec } from './vega-spec.ts';

/** An SVG file with all plots, one below the other. At least one is given. */
export async function drawPlots(plots: readonly Plot[]): Promise<string> {
  const { compile } = await import('vega-lite');
  const { logger, parse, Error: errorsOnly, View } = await import('vega');
  const quiet = logger(errorsOnly);
  const { spec } = compile(vegaSpec(plots), { logger: quiet });
  const view = new View(parse(spec), { renderer: 'none', logger: quiet });
  try {
    return `${await view.toSVG()}\n`;
  } finally {
    view.finalize();
  }
}
