/** One run of a scenario, asked for and told in plain data, so that another thread can play it. */

import type { Comparison } from '../../../lab/experiment/prediction.ts';
import { type Film, FilmCamera } from '../../../lab/ttl/film.ts';
import { compareScenario } from '../../../lab/ttl/scenario-compare.ts';
import type { ScenarioMetrics } from '../../../lab/ttl/scenario-meter.ts';
import { modelScenario, type ScenarioModel } from '../../../lab/ttl/scenario-model.ts';
import { runScenario } from '../../../lab/ttl/scenario-run.ts';
import { printFigure } from '../../../lab/report/table.ts';
import { formatProblem } from '../../../zone/problem.ts';
import { CommandError } from '../../failure.ts';
import { failedExpectations } from './expectations.ts';
import { readScenarioFile, type ReadScenario } from './read-scenario.ts';
import type { Variables } from './variables.ts';

export interface ScenarioTask {
  readonly file: string;
  /** They win over the file's own. */
  readonly set: Variables;
  /** Default: the scenario's. */
  readonly seed?: string;
  /** For pictures of the run. Default false. */
  readonly isFilmed?: boolean;
}

export interface ScenarioRow {
  /** What was swept, or all. */
  readonly variables: Variables;
  readonly seed: string;
  readonly metrics: ScenarioMetrics;
  readonly model: ScenarioModel | undefined;
  readonly comparisons: readonly Comparison[];
  readonly traceHash: string;
  readonly failedExpectations: readonly string[];
  /** What no run may do, whatever is expected: a bug, of ours or of the bound. */
  readonly violations: readonly string[];
  readonly film?: Film;
}

/** Throws `CommandError` when the scenario cannot be read. `onProgress` is told a share of 1. */
export async function playScenario(
  task: ScenarioTask,
  onProgress?: (share: number) => void,
): Promise<ScenarioRow> {
  const { file, set, isFilmed = false } = task;
  const { scenario, raw } = readOrFail(file, set);
  const seed = task.seed ?? scenario.seed;
  const camera = isFilmed ? new FilmCamera(scenario) : undefined;
  const { metrics, traceHash } = await runScenario(scenario, {
    seed,
    ...(onProgress && { onProgress }),
    ...(camera && {
      onAnswer: (told) => camera.onAnswer(told),
      onTruth: (...truth) => camera.onTruth(...truth),
    }),
  });
  const model = modelScenario(scenario);
  const comparisons = compareScenario(scenario, metrics, model);
  const film = camera?.finish();
  return {
    variables: { ...raw.vars, ...set },
    ...{ seed, metrics, model, comparisons, traceHash },
    failedExpectations: failedExpectations(raw.expect ?? [], { metrics, comparisons }),
    violations: violationsIn(comparisons),
    ...(film && { film }),
  };
}

function violationsIn(comparisons: readonly Comparison[]): readonly string[] {
  return comparisons.flatMap(({ metric, measured, predicted, verdict }) => {
    if (predicted?.kind !== 'at most' || verdict !== 'disagrees' || !measured) return [];
    const [found, bound] = [measured, predicted].map(({ value }) => {
      return printFigure(value, measured.unit);
    });
    return [`${metric} ${found ?? ''} is above ${bound ?? ''}: ${predicted.formula}`];
  });
}

export function readOrFail(file: string, set: Variables): ReadScenario {
  const read = readScenarioFile(file, set);
  if (read.ok) return read.value;
  const count = read.error.length === 1 ? 'one error' : `${read.error.length} errors`;
  const lines = [...read.error.map(formatProblem), `${file}: not run because of ${count}`];
  throw new CommandError(lines.join('\n'));
}
