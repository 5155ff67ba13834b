/**
 * The page of a run: one file that works from disk without a network. Its script is
 * `page/main.ts`, which the build puts into one text; its data lie beside it as JSON.
 */

import type { PageData } from './page-data.ts';
import { printHead } from './page-head.ts';
import { printFigures } from './plot-page.ts';
import { escapeText } from './svg.ts';

export interface PageParts {
  /** The built text of `page/main.ts`. */
  readonly script: string;
  /** SVG documents: the plots of the run. */
  readonly figures?: readonly string[];
}

export function printPage(data: PageData, { script, figures = [] }: PageParts): string {
  const { title, quote, question, lookFor, violations, repro, leftOut } = data;
  const missing =
    leftOut === 0 ? '' : `<p class="faint">The last ${leftOut} events are not on this page.</p>`;
  return `${printHead({ title, quote, question, hasScript: true })}
<section aria-label="Measured and predicted">
${printTable(data.table)}
${violations.map(printViolation).join('\n')}
</section>
<section aria-label="The run">
${CONTROLS}
<div id="diagram" tabindex="-1"></div>
${missing}
<div class="columns">
<section id="details" aria-label="The event at the cursor"></section>
<section aria-label="Log" class="log">
<p><label>Log <input id="search" type="search" placeholder="search, as: ack 3 lost"></label>
<span id="found" class="faint"></span></p>
<ol id="log" tabindex="0"></ol>
</section>
</div>
</section>
${figures.length === 0 ? '' : `<section>\n<h2>Plots</h2>\n${printFigures(figures)}\n</section>`}
<section>
<h2>Look for</h2>
<ul>${lookFor.map((text) => `<li>${escapeText(text)}</li>`).join('')}</ul>
<p class="repro"><code>${escapeText(repro)}</code></p>
</section>
</main>
<script type="application/json" id="data">${jsonForPage(data)}</script>
<script>${script.replaceAll('</', String.raw`<\/`)}</script>
</body>
</html>
`;
}

/** Nothing from anywhere: what the page needs is in it. */
const CONTROLS = `<div class="controls" role="group" aria-label="Move through the run">
<button id="back" type="button" title="one event back (←)">◀ Step</button>
<button id="play" type="button" title="play or pause (space)">Play</button>
<button id="forward" type="button" title="one event on (→)">Step ▶</button>
<label>Speed <select id="speed">
<option value="0.1">¹⁄₁₀</option><option value="0.25">¼</option><option value="0.5">½</option>
<option value="1" selected>1</option><option value="2">2</option><option value="5">5</option>
</select></label>
<input id="slider" type="range" min="0" value="0" aria-label="Event">
<button id="zoom-in" type="button" title="show less time (+)" aria-label="Zoom in">+</button>
<button id="zoom-out" type="button" title="show more time (−)" aria-label="Zoom out">−</button>
<button id="whole" type="button" title="the whole run (0)">All</button>
</div>
<p class="faint keys">Keys: ← → step, space plays, + − 0 zoom, / searches. Click what you
ask about.</p>`;

function printTable(rows: readonly (readonly string[])[]): string {
  const [headings = [], ...body] = rows;
  const cells = (row: readonly string[], tag: string): string =>
    row.map((cell) => `<${tag}>${escapeText(cell)}</${tag}>`).join('');
  const lines = body.map((row) => {
    const look = row.at(-1) === 'disagrees' ? ' class="disagrees"' : '';
    return `<tr${look}>${cells(row, 'td')}</tr>`;
  });
  const head = `<thead><tr>${cells(headings, 'th')}</tr></thead>`;
  return `<table class="measured">${head}<tbody>${lines.join('\n')}</tbody></table>`;
}

function printViolation({ text, events }: PageData['violations'][number]): string {
  const links = events.map(
    (id) => `<button type="button" class="link" data-show="${id}">event ${id}</button>`,
  );
  return `<p class="violation">Violated: ${escapeText(text)} ${links.join(' ')}</p>`;
}

/** No `</script>` and no `<!--` inside, whatever the data say. */
function jsonForPage(data: PageData): string {
  return JSON.stringify(data).replaceAll('<', String.raw`\u003c`);
}
