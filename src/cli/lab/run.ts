/** `ts-dns lab run ID`: plays an experiment once. */

import { describeEvent, findDivergence } from '../../lab/experiment/check-determinism.ts';
import type { Experiment } from '../../lab/experiment/experiment.ts';
import type { ParameterValue } from '../../lab/experiment/parameters.ts';
import { type Played, play, type PlayOptions, statusOf } from '../../lab/experiment/play.ts';
import { playReal, type RealPlayed } from '../../lab/experiment/play-real.ts';
import { isReal, printRun, reproLine } from '../../lab/report/table.ts';
import type { Observer } from '../../lab/run/trace-event.ts';
import { ImpureProcessError } from '../../lab/run/purity.ts';
import type { Runtime } from '../../net/ports.ts';
import { createRealRuntime } from '../../net/real/runtime.ts';
import { NS_PER_S } from '../../sim/units.ts';
import { packageVersion } from '../version.ts';
import { checkMutant, checkSeed, namedCard, namedExperiment, namedValues } from './named.ts';
import { type OutputOptions, Outputs } from './outputs.ts';
import { Progress } from './progress.ts';
import { UsageError } from './usage-error.ts';

export interface RunCommandOptions extends OutputOptions {
  readonly seed: string;
  readonly mutant?: string;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly sim?: boolean;
  readonly real?: boolean;
  readonly checkDeterminism?: boolean;
}

/** Exit status: 0 agreement, 1 a violation or a disagreement, 2 unknown. */
export async function runExperiment(
  id: string,
  parameters: readonly string[],
  options: RunCommandOptions,
): Promise<number> {
  const { seed, mutant, json = false, quiet = false } = options;
  const card = namedCard(id);
  const values = namedValues(card, parameters);
  checkMutant(card, mutant);
  checkSeed(seed);
  checkStage(options);
  if ('play' in card) {
    const { runWorldExperiment } = await import('./run-world.ts');
    return runWorldExperiment(card, values, options);
  }
  const experiment = namedExperiment(id);
  const outputs = new Outputs(options, { experiment, values });
  const { observers, keepsStates } = outputs;
  const broken = mutant === undefined ? {} : { mutant };
  const progress = new Progress();
  const watched = progress.isShown ? [...observers, progressOf(progress)] : observers;
  const playOptions = { seed, ...broken, observers: watched, keepsStates };
  let run: Played | RealPlayed;
  try {
    if (options.checkDeterminism === true) return tellDivergence(experiment, values, playOptions);
    run =
      options.real === true
        ? await playReal(experiment, values, { ...playOptions, runtime: realRuntime() })
        : play(experiment, values, playOptions);
  } catch (error) {
    if (!(error instanceof ImpureProcessError)) throw error;
    process.stderr.write(`ts-dns: ${error.message}\n`);
    return 1;
  } finally {
    progress.clear();
  }
  for (const remark of await outputs.write(run)) process.stderr.write(`ts-dns: ${remark}\n`);
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
  const machine = isReal(run) ? { timerLag: run.timerLag, missing: run.missing } : {};
  const text = json
    ? JSON.stringify({ ...told, ...found, ...machine, repro: reproLine(run) })
    : printRun(run);
  if (!quiet) process.stdout.write(`${text}\n`);
  return status;
}

/** Throws `UsageError` when it is to be played in two ways at once. */
function checkStage({ sim, real, checkDeterminism }: RunCommandOptions): void {
  if (real !== true) return;
  if (sim === true) throw new UsageError('--sim and --real: one of them');
  if (checkDeterminism === true) {
    throw new UsageError('--check-determinism: not with --real, where no two runs are the same');
  }
}

/** Not in batches: these are for DNS, and leave out what is longer than 4096 octets. */
function realRuntime(): Runtime {
  return createRealRuntime({ udp: { io: 'dgram' } });
}

/** Looks at the clock once in so many events. */
const EVENTS_BETWEEN_LOOKS = 10_000;

function progressOf(progress: Progress): Observer {
  let events = 0;
  return ({ atNs }) => {
    events += 1;
    if (events % EVENTS_BETWEEN_LOOKS !== 0) return;
    progress.tell(`${events} events, ${(atNs / NS_PER_S).toFixed(1)} s played`);
  };
}

function tellDivergence(
  experiment: Experiment,
  values: Readonly<Record<string, ParameterValue>>,
  options: PlayOptions,
): number {
  const divergence = findDivergence(experiment, values, options);
  if (divergence === undefined) {
    process.stdout.write('deterministic: two runs were the same, event for event\n');
    return 0;
  }
  const { agreed, first, second } = divergence;
  const lines = [
    `not deterministic: two runs agree on ${agreed} events, and then differ`,
    `  first:  ${describeEvent(first)}`,
    `  second: ${describeEvent(second)}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
  return 1;
}
