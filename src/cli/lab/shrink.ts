/** `ts-dns lab shrink ID --seed N`: the smallest trial that still violates the same property. */

import { drawTrial } from '../../lab/fuzz/draw-trial.ts';
import { narrate } from '../../lab/fuzz/narrative.ts';
import { shrink } from '../../lab/fuzz/shrink.ts';
import { playTrial, sizeOf, type Trial } from '../../lab/fuzz/trial.ts';
import { Recorder } from '../../lab/run/recorder.ts';
import { checkMutant, givenValues, namedExperiment } from './named.ts';
import { drawRun } from './pictures.ts';
import { Progress } from './progress.ts';
import { printScenario } from './scenario-file.ts';
import { readSeeds } from './seeds.ts';
import { writeFile } from './write-file.ts';

export interface ShrinkOptions {
  readonly seed: string;
  readonly mutant?: string;
  readonly output?: string;
  readonly svg?: string;
}

/** Exit status: 1 when the seed violates something, 0 when there is nothing to shrink. */
export function shrinkSeed(
  id: string,
  parameters: readonly string[],
  { seed, mutant, output, svg }: ShrinkOptions,
): number {
  const experiment = namedExperiment(id);
  const fixed = givenValues(experiment, parameters);
  checkMutant(experiment, mutant);
  const { first } = readSeeds(seed);
  const broken = mutant === undefined ? {} : { mutant };
  const trial = drawTrial(experiment, String(first), { ...broken, fixed });
  const progress = new Progress();
  const shrunk = shrink(trial, (tries) => progress.tell(`${tries} trials played`));
  progress.clear();
  if (!shrunk) {
    process.stdout.write(`seed ${first} of ${experiment.id} violates nothing\n`);
    return 0;
  }
  const before = playTrial(trial);
  const recorder = new Recorder();
  const small = shrunk.trial;
  const run = playTrial(small, { observers: [(event) => recorder.observe(event)] });
  const { events } = recorder;
  const { nodes } = run;
  const violation = run.violations.find(({ property }) => property === shrunk.property);
  const story = violation ? narrate(violation, events, nodes) : '';
  const scenario = printScenario(small, { nodes, expect: shrunk.property, story });
  if (output === undefined) process.stdout.write(`${scenario}\n`);
  else writeFile(output, [scenario]);
  if (svg !== undefined) {
    const repro = output === undefined ? '' : `repro: ts-dns lab replay ${output}`;
    writeFile(svg, [drawRun(run, { events, leftOut: 0, repro, asked: {} })]);
  }
  const cost = `${shrunk.tries} trials and ${progress.seconds.toFixed(1)} s`;
  const repro = `repro: ts-dns lab replay ${output ?? ''}  # trace ${run.traceHash}`;
  const lines = [
    story,
    '',
    `from ${printSize(trial)} to ${printSize(small)}, in ${cost}`,
    `what follows from them: from ${before.eventCount} to ${run.eventCount} events of the trace`,
    ...(output === undefined ? [] : [repro]),
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 1;
}

/** What happens to the protocol from outside: '7 events (3 commands, 4 faults)'. */
function printSize(trial: Trial): string {
  const { commands, faults } = sizeOf(trial);
  return `${commands + faults} events (${commands} commands, ${faults} faults)`;
}
