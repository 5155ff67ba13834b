/** The page of a sweep: pictures of figures and the figures themselves. One file, no network. */

import { printHead } from './page-head.ts';
import { escapeText } from './svg.ts';

export interface PlotPageData {
  readonly title: string;
  readonly quote: string;
  readonly question: string;
  readonly lookFor: readonly string[];
  /** SVG documents. */
  readonly figures: readonly string[];
  /** Rows of cells, the headings first. */
  readonly tables: readonly (readonly (readonly string[])[])[];
  /** The commands that give them again. */
  readonly repro: readonly string[];
}

export function printPlotPage(data: PlotPageData): string {
  const { title, quote, question, lookFor, figures, tables, repro } = data;
  return `${printHead({ title, quote, question, hasScript: false })}
${printFigures(figures)}
<section>
<h2>Look for</h2>
<ul>${lookFor.map((text) => `<li>${escapeText(text)}</li>`).join('')}</ul>
</section>
<section aria-label="Measured and predicted">
${tables.map(printTable).join('\n')}
${repro.map((line) => `<p class="repro"><code>${escapeText(line)}</code></p>`).join('\n')}
</section>
</main>
</body>
</html>
`;
}

/** Each in a frame that is paper on every screen. */
export function printFigures(figures: readonly string[]): string {
  return figures
    .map((svg, index) => `<figure class="plot">${withOwnIds(svg, index)}</figure>`)
    .join('\n');
}

/** Ids of several documents that stand in one. */
function withOwnIds(svg: string, index: number): string {
  return svg
    .replaceAll(/\bid="([\w-]+)"/g, `id="plot${index}-$1"`)
    .replaceAll(/url\(#([\w-]+)\)/g, `url(#plot${index}-$1)`);
}

function printTable(rows: readonly (readonly string[])[]): string {
  const [headings = [], ...body] = rows;
  const looks = headings.map((_heading, column) => {
    const cells = body.map((row) => row[column] ?? '').filter((cell) => cell !== '');
    return cells.length > 0 && cells.every((cell) => FIGURE.test(cell)) ? ' class="figure"' : '';
  });
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell, at) => `<${tag}${looks[at] ?? ''}>${escapeText(cell)}</${tag}>`).join('');
  const lines = body.map((row) => `<tr>${cells(row, 'td')}</tr>`);
  const head = `<thead><tr>${cells(headings, 'th')}</tr></thead>`;
  return `<table class="swept">${head}<tbody>${lines.join('\n')}</tbody></table>`;
}

/** A column of these stands to the right: '0.9', '−3.2', '98.3%', '42ms', '1 of 12', or nothing. */
const FIGURE = /^(?:[−-]?[\d.,]+(?:e[+-]\d+)?[a-zµ%]*|\d+ of \d+|–)$/;
