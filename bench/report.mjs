/** Turns the measured rounds into medians, ratios to a reference, and a table. */

/**
 * @typedef {{
 *   queriesPerSecond: number, cpuMicroseconds: number, p99Ms: number, lost: number, wrong: number,
 *   upstream: number,
 * }} Round
 * @typedef {{ name: string, task: string, kind: string, version: string, rounds: Round[],
 *   octetsPerEntry?: number }} Series
 * @typedef {Omit<Series, 'rounds'> & Round & {
 *   cpuRange: [least: number, most: number], speed: number, toEcho: number,
 * }} Summary
 */

/** The server that each kind of task is measured against. @type {Readonly<Record<string, string>>} */
const REFERENCE = { authority: 'nsd', cache: 'unbound', latency: 'unbound', recursion: 'unbound' };
const ECHO = 'echo';

/** @param {readonly Series[]} all @returns {Summary[]} */
export function summarise(all) {
  return all.map((series) => {
    const { rounds, ...about } = series;
    const peer = (/** @type {string | undefined} */ name) =>
      all.find((one) => one.task === series.task && one.name === name);
    const costs = rounds.map(({ cpuMicroseconds }) => cpuMicroseconds);
    return {
      ...about,
      queriesPerSecond: Math.round(medianOf(series, 'queriesPerSecond')),
      cpuMicroseconds: rounded(median(costs)),
      cpuRange: [rounded(Math.min(...costs)), rounded(Math.max(...costs))],
      p99Ms: rounded(medianOf(series, 'p99Ms')),
      lost: rounds.reduce((sum, round) => sum + round.lost, 0),
      wrong: rounds.reduce((sum, round) => sum + round.wrong, 0),
      upstream: rounded(medianOf(series, 'upstream')),
      speed: ratio(peer(REFERENCE[series.kind] ?? ''), series),
      toEcho: ratio(series, peer(ECHO)),
    };
  });
}

/** A Markdown table, so that the documentation can take it as it is. */
/** @param {readonly Summary[]} summaries */
export function table(summaries) {
  const head = ['task', 'server', 'CPU/query', 'least-most', 'speed', '÷ echo', 'queries/s', 'p99', 'lost', 'memory', 'asks']; // prettier-ignore
  const rows = summaries.map((one) => [
    one.task,
    `${one.name} ${one.version}`.trim(),
    `${one.cpuMicroseconds.toFixed(1)} µs`,
    one.cpuRange.map((cost) => cost.toFixed(1)).join('-'),
    Number.isNaN(one.speed) ? '' : `${one.speed.toFixed(2)} ×`,
    Number.isNaN(one.toEcho) ? '' : one.toEcho.toFixed(2),
    thousands(one.queriesPerSecond),
    `${one.p99Ms.toFixed(1)} ms`,
    String(one.lost),
    one.octetsPerEntry === undefined ? '' : `${Math.round(one.octetsPerEntry)} B`,
    one.kind === 'recursion' ? one.upstream.toFixed(2) : '',
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

/** @param {Series} series @param {keyof Round} field */
function medianOf(series, field) {
  return median(series.rounds.map((round) => round[field]));
}

/**
 * The median of the ratios of CPU per query round by round: neighbours in time share what else the
 * machine does.
 * @param {Series | undefined} above
 * @param {Series | undefined} below
 */
function ratio(above, below) {
  if (above === undefined || below === undefined) return Number.NaN;
  const ratios = above.rounds.map(
    ({ cpuMicroseconds }, round) =>
      cpuMicroseconds / (below.rounds[round]?.cpuMicroseconds ?? Number.NaN),
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
