/** `ts-dns lab run ID` for an experiment that whole programs play in a simulated internet. */

import { ParameterError, type ParameterValue } from '../../lab/experiment/parameters.ts';
import { statusOf } from '../../lab/experiment/play.ts';
import {
  playWorld,
  type WorldExperiment,
  type WorldPlayed,
} from '../../lab/experiment/world-experiment.ts';
import { printRun, reproLine, tableOf } from '../../lab/report/table.ts';
import { createRealRuntime } from '../../net/real/runtime.ts';
import { packageVersion } from '../version.ts';
import type { RunCommandOptions } from './run.ts';
import { plotPage, writePlots } from './plot/plot-files.ts';
import { Progress } from './progress.ts';
import { UsageError } from './usage-error.ts';
import { checkWritable, writeFile } from './write-file.ts';

/** Exit status: 0 agreement, 1 a disagreement, 2 unknown. */
export async function runWorldExperiment(
  experiment: WorldExperiment,
  values: Readonly<Record<string, ParameterValue>>,
  options: RunCommandOptions,
): Promise<number> {
  const { json = false, quiet = false, seed, mutant } = options;
  refuseUseless(experiment, options);
  checkWritable(options.svg, options.plots, options.html);
  const play = (): Promise<WorldPlayed> => playOrRefuse(experiment, values, options);
  const played = await whileTold(experiment.id, play);
  if (options.checkDeterminism === true) {
    return tellDivergence(played, await whileTold(experiment.id, play));
  }
  const run = { ...played, violations: [], end: 'idle' } as const;
  const status = statusOf(run);
  await writePictures(played, options);
  const { traceHash, comparisons } = run;
  const verdict = { 0: 'agrees', 1: 'disagrees', 2: 'unknown' }[status];
  const told = { experiment: experiment.id, params: values, seed, mutant };
  const found = { version: packageVersion(), traceHash, comparisons, verdict };
  const text = json ? JSON.stringify({ ...told, ...found, repro: reproLine(run) }) : printRun(run);
  if (!quiet) process.stdout.write(`${text}\n`);
  return status;
}

/** What these experiments do not have. */
function refuseUseless({ id }: WorldExperiment, options: RunCommandOptions): void {
  if (options.real === true) {
    throw new UsageError(`${id} is played in virtual time alone: not --real`);
  }
  if (options.trace !== undefined) throw new UsageError(`${id} has no trace of datagrams to write`);
  if (options.history !== undefined) {
    throw new UsageError(`${id} has no history of operations to write`);
  }
  const useless = (['from', 'to'] as const).find((name) => options[name] !== undefined);
  if (useless !== undefined) {
    throw new UsageError(`${id} has no space-time diagram: not --${useless}`);
  }
}

function playOrRefuse(
  experiment: WorldExperiment,
  values: Readonly<Record<string, ParameterValue>>,
  { seed, mutant }: RunCommandOptions,
): Promise<WorldPlayed> {
  const options = mutant === undefined ? { seed } : { seed, mutant };
  return playWorld(experiment, values, options).catch((error: unknown) => {
    throw error instanceof ParameterError ? new UsageError(error.message) : error;
  });
}

const TELL_MS = 250;

/** A line that says for how long it is played; these cannot say how far they are. */
async function whileTold<Result>(id: string, play: () => Promise<Result>): Promise<Result> {
  const progress = new Progress();
  const { clock } = createRealRuntime();
  const tell = (): void => {
    progress.tell(`${id}: played for ${Math.floor(progress.seconds)} s`);
    timer = clock.schedule(TELL_MS, tell);
  };
  let timer = clock.schedule(TELL_MS, tell);
  try {
    return await play();
  } finally {
    timer.cancel();
    progress.clear();
  }
}

/** Their events are packets of whole servers, of which the hash alone is kept. */
function tellDivergence(first: WorldPlayed, second: WorldPlayed): number {
  const [hash, other] = [first.traceHash, second.traceHash];
  const isSame = hash === other;
  const told = isSame
    ? `deterministic: two runs were the same, trace ${hash}`
    : `not deterministic: the traces of two runs are ${hash} and ${other}`;
  process.stdout.write(`${told}\n`);
  return isSame ? 0 : 1;
}

async function writePictures(
  played: WorldPlayed,
  { svg, plots: file = svg, html }: RunCommandOptions,
): Promise<void> {
  const plots = file === undefined && html === undefined ? [] : played.plots();
  const { experiment, comparisons } = played;
  if (file !== undefined) {
    if (plots.length === 0) {
      throw new UsageError(
        `${experiment.id} has no plots of one run; lab sweep draws those of many`,
      );
    }
    await writePlots(file, plots);
  }
  if (html === undefined) return;
  const parts = { plots, tables: [tableOf(comparisons)], repro: [reproLine(played)] };
  writeFile(html, [await plotPage(experiment, parts)]);
}
