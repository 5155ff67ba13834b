/** Plots as SVG, drawn by the real Vega-Lite. */
import { describe, expect, test } from 'vitest';
import { drawPlots } from '../../../../src/cli/lab/plot/draw-plots.ts';
import type { Layer, Plot } from '../../../../src/lab/plot/plot.ts';

const SECOND = 1e9;
const points = [1, 2, 3].flatMap((x) =>
  ['first', 'second'].map((series) => ({ x: x * SECOND, y: x, series })),
);
const LAYERS: readonly Layer[] = [
  { mark: 'line', points, isTheory: true },
  {
    mark: 'points',
    points: points.map((point) => ({ ...point, low: 0.5, high: 4, label: 'a<b' })),
  },
  { mark: 'band', points: points.map(({ x, series }) => ({ x, low: 1, high: 2, series })) },
  { mark: 'area', points },
  {
    mark: 'bars',
    bars: [{ lane: 'cache', from: SECOND, to: 2 * SECOND, series: 'first', label: 'full' }],
  },
  { mark: 'ticks', ticks: [{ lane: 'node 0', at: SECOND, series: 'first', label: '1 0' }] },
  {
    mark: 'links',
    links: [{ from: { lane: 'node 0', at: SECOND }, to: { lane: 'node 1', at: 2 * SECOND } }],
  },
  { mark: 'columns', columns: [{ x: 'A1', y: 2, series: 'data' }] },
  { mark: 'cells', cells: [{ x: '1%', y: '5ms', value: 0.5 }], unit: 'share', label: 'lost' },
  { mark: 'spans', spans: [{ from: SECOND, to: 2 * SECOND, label: 'attack' }] },
  {
    mark: 'rules',
    rules: [
      { x: SECOND, label: 'change' },
      { y: 2, label: 'limit' },
    ],
  },
];

function plotOf(layers: readonly Layer[]): Plot {
  const x = { label: 'time', unit: 'ns' } as const;
  return { title: 'A title', caption: 'A caption.', x, y: { label: 'height' }, layers };
}

describe('a plot as SVG', () => {
  test.each(LAYERS.map((layer) => [layer.mark, layer] as const))('%s', async (_, layer) => {
    const svg = await drawPlots([plotOf([layer])]);
    expect(svg).toMatch(/^<svg [^>]*xmlns="http:\/\/www\.w3\.org\/2000\/svg"/);
    expect(svg).toContain('A title');
    expect(svg).not.toContain('NaN');
    expect(svg).not.toContain('undefined');
    // Of Vega's groups one holds this layer's own marks.
    const marks = svg.matchAll(/class="mark-(\w+) role-mark[^"]*"/g);
    expect([...marks].map(([, mark]) => mark).length).toBeGreaterThan(0);
  });

  test('series differ in shape and dash as well as in colour', async () => {
    const svg = await drawPlots([plotOf(LAYERS.slice(0, 2))]);
    expect(svg).toContain('stroke="#0072b2"');
    expect(svg).toContain('stroke="#d55e00"');
    expect(svg).toMatch(/stroke-dasharray="7,3"/);
    const shapes = svg.matchAll(/aria-roledescription="point"[^>]* d="([^"]*)"/g);
    expect(new Set([...shapes].map(([, path]) => path)).size).toBe(2);
  });

  test('an axis has the unit that fits, and texts are escaped', async () => {
    const svg = await drawPlots([plotOf(LAYERS.slice(1, 2))]);
    expect(svg).toContain('time (s)');
    expect(svg).toContain('a&lt;b');
  });

  test('the same plot is the same file, and asks for nothing from elsewhere', async () => {
    const plots = [plotOf(LAYERS.slice(0, 2)), plotOf(LAYERS.slice(3, 4))];
    const svg = await drawPlots(plots);
    expect(svg).toBe(await drawPlots(plots));
    expect(svg).not.toMatch(/href|<script|url\(http/);
  });
});
