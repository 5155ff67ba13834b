/**
 * How soon each broken protocol is caught, and how small what catches it becomes.
 *
 *     node bench/lab-mutants.mjs [ID…]
 *
 * Without ids it writes docs/lab/mutants.md, with some it prints their rows. Seconds are of the
 * processor, so that others on the machine do not count.
 */
import { writeFileSync } from 'node:fs';

import { EXPERIMENTS } from '../dist/lab/experiment/registry.js';
import { drawTrial } from '../dist/lab/fuzz/draw-trial.js';
import { shrink } from '../dist/lab/fuzz/shrink.js';
import { playTrial, sizeOf } from '../dist/lab/fuzz/trial.js';

const PAGE = 'docs/lab/mutants.md';
const MAX_SEEDS = 1000;
const HEAD = `# Bugs, and how they are found

Each experiment has mutants: its protocol, broken in one place. \`ts-dns lab fuzz ID --mutant NAME
--seeds 1..100 --stop-on-violation\` catches them, but for those that chance does not hit (they are
played by hand in \`test/lab/agreement\`), and \`ts-dns lab shrink ID --mutant NAME --seed N\` makes a small
scenario of what it caught. This page is written by \`node bench/lab-mutants.mjs\` (after
\`npm run build\`).

- **seeds**: how many the fuzzer plays until something is violated, the one that fails included.
- **property**: what is violated first; the scenario is shrunk as long as the same is.
- **events** of a scenario are what happens to the protocol from outside until the run ends: a
  command of an application is one, a crash is one and the restart another, a datagram that somebody
  drops, doubles or delays is one, a partition is one and its end another. The values of parameters
  are the scenario's, too, and are brought to the smallest. Then, in brackets, what follows from
  them: the lines of the trace, every datagram sent and received, every timer.
- **seconds** of the processor for shrinking.

| experiment | mutant | seeds | property | events before | and after | trials | seconds |
| --- | --- | ---: | --- | ---: | ---: | ---: | ---: |
`;

const ids = process.argv.slice(2);
const rows = [];
for (const experiment of EXPERIMENTS) {
  if (ids.length > 0 && !ids.includes(experiment.id)) continue;
  for (const mutant of Object.keys(experiment.mutants)) {
    const row = rowOf(experiment, mutant);
    console.log(row);
    rows.push(row);
  }
}
if (ids.length === 0) writeFileSync(PAGE, `${HEAD}${rows.join('\n')}\n`);

function rowOf(experiment, mutant) {
  for (let seed = 1; seed <= MAX_SEEDS; seed += 1) {
    const trial = drawTrial(experiment, String(seed), { mutant });
    const run = playTrial(trial);
    if (run.violations.length === 0) continue;
    const start = process.cpuUsage();
    const small = shrink(trial);
    const { user, system } = process.cpuUsage(start);
    const before = printSize(trial, run);
    const after = printSize(small.trial, small.run);
    const seconds = ((user + system) / 1e6).toFixed(1);
    const found = `${seed} | ${small.property} | ${before} | ${after}`;
    return `| ${experiment.id} | ${mutant} | ${found} | ${small.tries} | ${seconds} |`;
  }
  return `| ${experiment.id} | ${mutant} | not in ${MAX_SEEDS} | – | – | – | – | – |`;
}

function printSize(trial, { eventCount }) {
  const { commands, faults } = sizeOf(trial);
  return `${commands + faults} (${eventCount})`;
}
