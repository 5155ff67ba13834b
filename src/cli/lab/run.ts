/** `ts-dns lab run ID`: plays an experiment once. */

import { play, statusOf } from '../../lab/experiment/play.ts';
import { printRun, reproLine } from '../../lab/report/table.ts';
import { packageVersion } from '../version.ts';
import { namedExperiment, namedValues } from './named.ts';
import { nearest } from './nearest.ts';
import { type OutputOptions, Outputs } from './outputs.ts';
import { UsageError } from './usage-error.ts';

export interface RunCommandOptions extends OutputOptions {
  readonly seed: string;
  readonly mutant?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
}

/** Exit status: 0 agreement, 1 a violation or a disagreement, 2 unknown. */
export function runExperiment(
  id: string,
  parameters: readonly string[],
  options: RunCommandOptions,
): number {
  const { seed, mutant, json = false, quiet = false } = options;
  const experiment = namedExperiment(id);
  const values = namedValues(experiment, parameters);
  if (mutant !== undefined && experiment.mutants[mutant] === undefined) {
    const meant = nearest(mutant, Object.keys(experiment.mutants));
    throw new UsageError(`${experiment.id} has no mutant '${mutant}'${meant}`);
  }
  const outputs = new Outputs(options);
  const { observers, keepsStates } = outputs;
  const broken = mutant === undefined ? {} : { mutant };
  const run = play(experiment, values, { seed, ...broken, observers, keepsStates });
  for (const remark of outputs.write(run)) process.stderr.write(`ts-dns: ${remark}\n`);
  const status = statusOf(run);
  const { traceHash, comparisons, violations, end, eventCount, durationNs } = run;
  const verdict = { 0: 'agrees', 1: 'disagrees', 2: 'unknown' }[status];
  const told = {
    experiment: experiment.id,
    params: values,
    seed,
    mutant,
    version: packageVersion(),
  };
  const found = { traceHash, end, eventCount, durationNs, comparisons, violations, verdict };
  const text = json ? JSON.stringify({ ...told, ...found, repro: reproLine(run) }) : printRun(run);
  if (!quiet) process.stdout.write(`${text}\n`);
  return status;
}
