/** Resolvers side by side, theory in the first row. */

import { formatDuration } from '../../../../lab/experiment/duration.ts';
import { sumOf } from '../../../../lab/ttl/scenario-compare.ts';
import type { ScenarioModel } from '../../../../lab/ttl/scenario-model.ts';
import type { ScenarioMetrics } from '../../../../lab/ttl/scenario-meter.ts';
import { NS_PER_MS } from '../../../../sim/units.ts';

export interface RealRow {
  readonly name: string;
  readonly metrics: ScenarioMetrics;
}

const HEADINGS = [
  '',
  'queries',
  'hits',
  'off by',
  'stale',
  'worst',
  'mean',
  'upstream/s',
  'failed',
];

export function tableOfReal(
  rows: readonly RealRow[],
  model: ScenarioModel | undefined,
): readonly string[] {
  const theory = model && [
    ['theory', '', percent(model.hitRatio), '', percent(model.staleRatio), '', '', '', ''],
  ];
  const cells = rows.map(({ name, metrics }) => [
    name,
    String(metrics.queries),
    percent(metrics.hitRatio),
    model ? signed(metrics.hitRatio - model.hitRatio) : '–',
    percent(metrics.staleRatio),
    time(metrics.maxStalenessMs),
    time(metrics.meanLatencyMs),
    sumOf(metrics.upstreamPerSecond).toPrecision(3),
    percent(metrics.failedRatio),
  ]);
  const table = [HEADINGS, ...(theory ?? []), ...cells];
  const widths = HEADINGS.map((_, column) =>
    Math.max(...table.map((line) => line[column]?.length ?? 0)),
  );
  return table.map((line) =>
    line
      .map((cell, column) => {
        const width = widths[column] ?? 0;
        return column === 0 ? cell.padEnd(width) : cell.padStart(width);
      })
      .join('  '),
  );
}

function percent(share: number): string {
  return `${(share * 100).toFixed(2)}%`;
}

function signed(share: number): string {
  return `${share < 0 ? '−' : '+'}${percent(Math.abs(share))}`;
}

/** To three digits. */
function time(ms: number): string {
  return formatDuration(Math.round(Number((ms * NS_PER_MS).toPrecision(3))));
}
