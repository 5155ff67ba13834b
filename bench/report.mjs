/** Turns the measured rounds into medians, ratios to a reference, and a table. */

/**
 * @typedef {{ queriesPerSecond: number, cpuMicroseconds: number, lost: number, latencyMs: number }}
 *   Round
 * @typedef {{ name: string, task: string, version: string, rounds: Round[] }} Series
 * @typedef {{
 *   name: string,
 *   task: string,
 *   version: string,
 *   queriesPerSecond: number,
 *   queriesPerSecondRange: [least: number, most: number],
 *   cpuMicroseconds: number,
 *   latencyMs: number,
 *   lost: number,
 *   rateRatio: number,
 *   cpuRatio: number,
 * }} Summary
 */

/** The server that each task is measured against. @type {Readonly<Record<string, string>>} */
const REFERENCE = { authority: 'nsd', cache: 'unbound' };

/** @param {readonly Series[]} all @returns {Summary[]} */
export function summarise(all) {
  return all.map((series) => {
    const { name, task, version, rounds } = series;
    const reference = all.find((one) => one.task === task && one.name === REFERENCE[task]);
    const rates = rounds.map((round) => round.queriesPerSecond);
    return {
      name,
      task,
      version,
      queriesPerSecond: Math.round(median(rates)),
      queriesPerSecondRange: [Math.round(Math.min(...rates)), Math.round(Math.max(...rates))],
      cpuMicroseconds: rounded(medianOf(series, 'cpuMicroseconds')),
      latencyMs: rounded(medianOf(series, 'latencyMs')),
      lost: rounds.reduce((sum, round) => sum + round.lost, 0),
      rateRatio: ratio(series, reference, 'queriesPerSecond'),
      cpuRatio: ratio(series, reference, 'cpuMicroseconds'),
    };
  });
}

/** A Markdown table, so that the documentation can take it as it is. */
/** @param {readonly Summary[]} summaries */
export function table(summaries) {
  const head = ['task', 'server', 'queries/s', 'least-most', 'rate', 'CPU/query', 'CPU', 'lost'];
  const rows = summaries.map((one) => [
    one.task,
    one.name,
    thousands(one.queriesPerSecond),
    one.queriesPerSecondRange.map(thousands).join('-'),
    `${one.rateRatio.toFixed(2)} ×`,
    `${one.cpuMicroseconds.toFixed(2)} µs`,
    `${one.cpuRatio.toFixed(2)} ×`,
    String(one.lost),
  ]);
  const widths = head.map((_, column) =>
    Math.max(...[head, ...rows].map((row) => row[column]?.length ?? 0)),
  );
  const line = (/** @type {readonly string[]} */ cells) =>
    `| ${cells.map((cell, column) => pad(cell, column, widths[column] ?? 0)).join(' | ')} |`;
  const rule = widths.map((width, column) =>
    column < 2 ? '-'.repeat(width) : `${'-'.repeat(width - 1)}:`,
  );
  return [line(head), line(rule), ...rows.map(line)].join('\n');
}

/** @param {readonly number[]} values */
function median(values) {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = Math.floor(sorted.length / 2);
  const upper = sorted[middle] ?? Number.NaN;
  return sorted.length % 2 === 1 ? upper : (upper + (sorted[middle - 1] ?? Number.NaN)) / 2;
}

/** @param {Series} series @param {'queriesPerSecond' | 'cpuMicroseconds' | 'latencyMs'} field */
function medianOf(series, field) {
  return median(series.rounds.map((round) => round[field]));
}

/**
 * The median of the ratios round by round: neighbours in time share what else the machine does.
 * @param {Series} series
 * @param {Series | undefined} reference
 * @param {'queriesPerSecond' | 'cpuMicroseconds'} field
 */
function ratio(series, reference, field) {
  const ratios = series.rounds.map(
    (round, index) => round[field] / (reference?.rounds[index]?.[field] ?? Number.NaN),
  );
  return rounded(median(ratios));
}

/** @param {number} value */
function rounded(value) {
  return Math.round(value * 1000) / 1000;
}

/** @param {number} value */
function thousands(value) {
  return value.toString().replaceAll(/\B(?=(\d{3})+$)/g, ' ');
}

/** @param {string} cell @param {number} column @param {number} width */
function pad(cell, column, width) {
  return column < 2 ? cell.padEnd(width) : cell.padStart(width);
}
