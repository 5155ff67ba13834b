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
    return `${numberedAnew(await view.toSVG())}\n`;
  } finally {
    view.finalize();
  }
}

/** Clips are counted through the whole process: the same plots are to be the same octets. */
function numberedAnew(svg: string): string {
  const numbers = new Map<string, number>();
  return svg.replaceAll(/\bclip\d+/g, (id) => {
    const number = numbers.get(id) ?? numbers.size;
    numbers.set(id, number);
    return `clip${number}`;
  });
}
