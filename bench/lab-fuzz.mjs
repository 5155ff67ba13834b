/**
 * Ten thousand seeds of every protocol, of those that deliver through a layer with each layer.
 *
 *     nice node bench/lab-fuzz.mjs [SEEDS] [ID…]
 *
 * Without ids it writes docs/lab/fuzzed.md. Exit status 1 when anything is violated. Seconds are of
 * the processor.
 */
import { writeFileSync } from 'node:fs';

import { EXPERIMENTS } from '../dist/lab/experiment/registry.js';
import { drawTrial } from '../dist/lab/fuzz/draw-trial.js';
import { playTrial } from '../dist/lab/fuzz/trial.js';

const PAGE = 'docs/lab/fuzzed.md';
const [seedsWord = '10000', ...ids] = process.argv.slice(2);
const SEEDS = Number(seedsWord);

const rows = [];
for (const experiment of EXPERIMENTS) {
  if (ids.length > 0 && !ids.includes(experiment.id)) continue;
  const layers = experiment.parameters.layer?.choices ?? [];
  const choices = layers.length > 0 ? layers.map((layer) => ({ layer })) : [{}];
  for (const fixed of choices) rows.push(fuzz(experiment, fixed));
}
if (ids.length === 0) writeFileSync(PAGE, page());

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
    process.exitCode = 1;
    console.log(`seed ${seed}: ${violation.property}: ${violation.text}`);
  }
  const { user, system } = process.cpuUsage(start);
  const { id, title, claims } = experiment;
  const survives = claims?.survives ?? [];
  const seconds = (user + system) / 1e6;
  const row = {
    id,
    title,
    layer: fixed.layer ?? '',
    survives,
    faults,
    events,
    seconds,
    violations,
  };
  console.log(JSON.stringify(row));
  return row;
}

function page() {
  const sum = (key) => rows.reduce((total, row) => total + row[key], 0).toLocaleString('en');
  const table = rows.map(({ id, title, layer, survives, faults, events, seconds, violations }) => {
    const numbers = [faults, events].map((value) => value.toLocaleString('en'));
    const classes = survives.length > 0 ? survives.join(', ') : 'nothing: only values vary';
    return `| ${id} ${title} | ${layer} | ${classes} | ${numbers.join(' | ')} | ${seconds.toFixed(0)} | ${violations} |`;
  });
  return `# Every protocol, ${SEEDS.toLocaleString('en')} seeds

What every protocol claims to survive, tried: each seed draws values, faults of the claimed classes
and the fate of each datagram; then everything is mended, and all checkers of the experiment judge
the whole run. This page is written by \`node bench/lab-fuzz.mjs\` (after \`npm run build\`); a line of
it is \`ts-dns lab fuzz ID --layer LAYER --seeds 1..${SEEDS}\`.

In all ${sum('faults')} faults, ${sum('events')} events of the trace, ${sum('seconds')} seconds of the processor,
**${sum('violations')} violations**.

| protocol | layer | claims to survive | faults | events | seconds | violations |
| --- | --- | --- | ---: | ---: | ---: | ---: |
${table.join('\n')}
`;
}
