/** Plots as files and in pages; Vega-Lite is loaded only when there is one to draw. */

import type { Plot } from '../../../lab/plot/plot.ts';
import { printPlotPage, type PlotPageData } from '../../../lab/picture/plot-page.ts';
import { writeFile } from '../write-file.ts';

/** Throws `CommandError` when the file cannot be written. */
export async function writePlots(file: string, plots: readonly Plot[]): Promise<void> {
  const { drawPlots } = await import('./draw-plots.ts');
  writeFile(file, [await drawPlots(plots)]);
}

/** An SVG a plot, for a page. */
export async function figuresOf(plots: readonly Plot[]): Promise<readonly string[]> {
  if (plots.length === 0) return [];
  const { drawPlots } = await import('./draw-plots.ts');
  return Promise.all(plots.map((plot) => drawPlots([plot])));
}

/** The page of a sweep. */
export async function plotPage(
  card: Pick<PlotPageData, 'quote' | 'question' | 'lookFor' | 'title'> & { readonly id: string },
  { plots, ...rest }: { readonly plots: readonly Plot[] } & Pick<PlotPageData, 'tables' | 'repro'>,
): Promise<string> {
  const { id, title, quote, question, lookFor } = card;
  const figures = await figuresOf(plots);
  return printPlotPage({ title: `${id} ${title}`, quote, question, lookFor, figures, ...rest });
}
