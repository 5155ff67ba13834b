/**
 * Ten thousand seeds of every protocol, of those that deliver through a layer with each layer.
 *
 *     nice node bench/lab-fuzz.mjs [--seeds N] [--rows FILE] [--only D4,D5]
 *
 * With --only the other rows stay as the page has them. Half an hour of the processor. Each row is
 * put into FILE when it is done, as a line of JSON, and one that is already there is not played
 * again: so it can be stopped and taken up. At the end it writes docs/lab/fuzzed.md. Exit status 1
 * when anything is violated. Seconds are of the processor.
 */
import { appendFileSync, existsSync, readFileSync, writeFileSync } from 'node:fs';
import { parseArgs } from 'node:util';

import { EXPERIMENTS } from '../dist/lab/experiment/registry.js';
import { drawTrial } from '../dist/lab/fuzz/draw-trial.js';
import { playTrial } from '../dist/lab/fuzz/trial.js';

const PAGE = 'docs/lab/fuzzed.md';
const { values: given } = parseArgs({
  options: {
    seeds: { type: 'string', default: '10000' },
    rows: { type: 'string' },
    only: { type: 'string' },
  },
});
const SEEDS = Number(given.seeds);

const rows = given.rows !== undefined && existsSync(given.rows) ? readRows(given.rows) : [];
const only = given.only?.split(',');
for (const experiment of EXPERIMENTS) {
  if (only !== undefined && !only.includes(experiment.id)) {
    rows.push(...onPage(experiment));
    continue;
  }
  const layers = experiment.parameters.layer?.choices ?? [];
  const choices = layers.length > 0 ? layers.map((layer) => ({ layer })) : [{}];
  for (const fixed of choices) {
    const isDone = rows.some(({ id, layer }) => id === experiment.id && layer === fixed.layer);
    if (!isDone) rows.push(fuzz(experiment, fixed));
  }
}
if (rows.some(({ violations }) => violations > 0)) process.exitCode = 1;
writeFileSync(PAGE, page());

function readRows(file) {
  return readFileSync(file, 'utf8')
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line));
}

/** The rows of an experiment that are on the page. */
function onPage({ id, title }) {
  const lines = readFileSync(PAGE, 'utf8').split('\n');
  return lines.flatMap((line) => {
    const cells = line.split('|').map((cell) => cell.trim());
    if (cells[1] !== `${id} ${title}`) return [];
    const [layer, survives] = [cells[2], cells[3].startsWith('nothing') ? [] : [cells[3]]];
    const figures = cells.slice(4, 9).map((cell) => Number(cell.replaceAll(',', '')));
    const [seeds, faults, events, seconds, violations] = figures;
    return [{ id, title, layer, survives, seeds, faults, events, seconds, violations }];
  });
}

function fuzz(experiment, fixed) {
  const start = process.cpuUsage();
  let [events, faults, violations] = [0, 0, 0];
  for (let seed = 1; seed <= SEEDS; seed += 1) {
    const trial = drawTrial(experiment, String(seed), { fixed });
    const run = playTrial(trial);
    events += run.eventCount;
    faults += trial.mishaps.flat().length;
    const [violation] = run.violations;
    if (violation === undefined) continue;
    violations += 1;
    console.log(`seed ${seed}: ${violation.property}: ${violation.text}`);
  }
  const { user, system } = process.cpuUsage(start);
  const { id, title, claims } = experiment;
  const survives = claims?.survives ?? [];
  const seconds = (user + system) / 1e6;
  const row = {
    id,
    title,
    layer: fixed.layer,
    seeds: SEEDS,
    survives,
    faults,
    events,
    seconds,
    violations,
  };
  const line = JSON.stringify(row);
  console.log(line);
  if (given.rows !== undefined) appendFileSync(given.rows, `${line}\n`);
  return row;
}

function page() {
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0);
  const round = (key) => Math.round(sum(key)).toLocaleString('en');
  const table = rows.map(
    ({ id, title, layer = '', seeds, survives, faults, events, seconds, violations }) => {
      const numbers = [seeds, faults, events].map((value) => value.toLocaleString('en'));
      const classes = survives.length > 0 ? survives.join(', ') : 'nothing: only values vary';
      const cells = [`${id} ${title}`, layer, classes, ...numbers, seconds.toFixed(0), violations];
      return `| ${cells.join(' | ')} |`;
    },
  );
  return `# Every protocol, thousands of seeds

What every protocol claims to survive, tried: each seed draws values, faults of the claimed classes
and the fate of each datagram; then everything is mended, and all checkers of the experiment judge
the whole run. This page is written by \`node bench/lab-fuzz.mjs\` (after
\`npm run build\`); a line of it is \`ts-dns lab fuzz ID --layer LAYER --seeds 1..SEEDS\`.
[D6](14-dns-as-a-mix.md), which whole servers play, is not in it: its seeds are drawn by a test.

In all ${round('faults')} faults, ${round('events')} events of the trace, ${round('seconds')} seconds of the
processor, **${round('violations')} violations**.

| protocol | layer | claims to survive | seeds | faults | events | seconds | violations |
| --- | --- | --- | ---: | ---: | ---: | ---: | ---: |
${table.join('\n')}
`;
}
