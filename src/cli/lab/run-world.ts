/** `ts-dns lab run ID` for an experiment that whole programs play in a simulated internet. */

import { ParameterError, type ParameterValue } from '../../lab/experiment/parameters.ts';
import { statusOf } from '../../lab/experiment/play.ts';
import { playWorld, type WorldExperiment } from '../../lab/experiment/world-experiment.ts';
import { printRun, reproLine } from '../../lab/report/table.ts';
import { packageVersion } from '../version.ts';
import type { RunCommandOptions } from './run.ts';
import { UsageError } from './usage-error.ts';

/** Exit status: 0 agreement, 1 a disagreement, 2 unknown. */
export async function runWorldExperiment(
  experiment: WorldExperiment,
  values: Readonly<Record<string, ParameterValue>>,
  options: RunCommandOptions,
): Promise<number> {
  const { seed, mutant, json = false, quiet = false } = options;
  if (options.trace !== undefined || options.svg !== undefined) {
    throw new UsageError(`${experiment.id} has no trace of datagrams to write or draw`);
  }
  const played = await playWorld(experiment, values, {
    seed,
    ...(mutant !== undefined && { mutant }),
  }).catch((error: unknown) => {
    throw error instanceof ParameterError ? new UsageError(error.message) : error;
  });
  const run = { ...played, violations: [], end: 'idle' } as const;
  const status = statusOf(run);
  const { traceHash, comparisons } = run;
  const verdict = { 0: 'agrees', 1: 'disagrees', 2: 'unknown' }[status];
  const told = { experiment: experiment.id, params: values, seed, mutant };
  const found = { version: packageVersion(), traceHash, comparisons, verdict };
  const text = json ? JSON.stringify({ ...told, ...found, repro: reproLine(run) }) : printRun(run);
  if (!quiet) process.stdout.write(`${text}\n`);
  return status;
}
