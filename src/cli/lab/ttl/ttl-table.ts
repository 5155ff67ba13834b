/** Runs of a scenario as a table for a terminal: a row each, theory beside what was measured. */

import { formatDuration } from '../../../lab/experiment/duration.ts';
import { sumOf } from '../../../lab/ttl/scenario-compare.ts';
import type { ScenarioRow } from './play-scenario.ts';
import { NS_PER_MS } from '../../../sim/units.ts';

const HEADINGS = [
  'queries',
  'hits',
  'theory',
  'upstream/s',
  'mean',
  'p99',
  'stale',
  'theory',
  'worst',
  'failed',
];

export function printRows(rows: readonly ScenarioRow[]): string {
  const table = tableOfRows(rows);
  const widths = (table[0] ?? []).map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  return table
    .map((line) => line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '))
    .join('\n');
}

/** The headings first. */
export function tableOfRows(rows: readonly ScenarioRow[]): readonly (readonly string[])[] {
  const variables = Object.keys(rows[0]?.variables ?? {});
  const hasSeeds = new Set(rows.map(({ seed }) => seed)).size > 1;
  const headings = [...variables, ...(hasSeeds ? ['seed'] : []), ...HEADINGS];
  const cells = rows.map((row) => [
    ...variables.map((name) => String(row.variables[name])),
    ...(hasSeeds ? [row.seed] : []),
    ...cellsOf(row),
  ]);
  return [headings, ...cells];
}

function cellsOf({ metrics, model }: ScenarioRow): readonly string[] {
  return [
    String(metrics.queries),
    percent(metrics.hitRatio),
    model ? percent(model.hitRatio) : '–',
    sumOf(metrics.upstreamPerSecond).toPrecision(3),
    time(metrics.meanLatencyMs),
    time(metrics.p99LatencyMs),
    percent(metrics.staleRatio),
    model ? percent(model.staleRatio) : '–',
    time(metrics.maxStalenessMs),
    percent(metrics.failedRatio),
  ];
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

/** To three digits. */
function time(ms: number): string {
  return formatDuration(Math.round(Number((ms * NS_PER_MS).toPrecision(3))));
}
