/** Runs of a scenario as a table for a terminal: a row each, theory beside what was measured. */

import { formatDuration } from '../../../lab/experiment/duration.ts';
import type { ScenarioModel } from '../../../lab/ttl/scenario-model.ts';
import type { ScenarioMetrics } from '../../../lab/ttl/scenario-meter.ts';
import type { Variables } from './variables.ts';
import { NS_PER_MS } from '../../../sim/units.ts';

export interface ScenarioRow {
  readonly variables: Variables;
  readonly seed: string;
  readonly metrics: ScenarioMetrics;
  readonly model: ScenarioModel | undefined;
  readonly traceHash: string;
  readonly failedExpectations: readonly string[];
}

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
  const variables = Object.keys(rows[0]?.variables ?? {});
  const hasSeeds = new Set(rows.map(({ seed }) => seed)).size > 1;
  const headings = [...variables, ...(hasSeeds ? ['seed'] : []), ...HEADINGS];
  const cells = rows.map((row) => [
    ...variables.map((name) => String(row.variables[name])),
    ...(hasSeeds ? [row.seed] : []),
    ...cellsOf(row),
  ]);
  const table = [headings, ...cells];
  const widths = headings.map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  return table
    .map((line) => line.map((cell, column) => cell.padStart(widths[column] ?? 0)).join('  '))
    .join('\n');
}

function cellsOf({ metrics, model }: ScenarioRow): readonly string[] {
  const upstream = Object.values(metrics.upstreamPerSecond).reduce((sum, one) => sum + one, 0);
  return [
    String(metrics.queries),
    percent(metrics.hitRatio),
    model ? percent(model.hitRatio) : '–',
    upstream.toPrecision(3),
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
