/** `ts-dns lab replay FILE`: plays a scenario file, as `lab shrink` writes them. */

import { readFileSync } from 'node:fs';

import type { Played } from '../../lab/experiment/play.ts';
import type { Comparison } from '../../lab/experiment/prediction.ts';
import { playTrial } from '../../lab/fuzz/trial.ts';
import { Stepper } from '../../lab/report/stepper.ts';
import { printRun } from '../../lab/report/table.ts';
import { wordsOf } from '../../lab/picture/words.ts';
import { timeText } from '../../lab/picture/axis.ts';
import { Recorder } from '../../lab/run/recorder.ts';
import { fileFailure } from '../failure.ts';
import { drawRun, pageOfRun } from './pictures.ts';
import { readScenario } from './read-scenario.ts';
import { stepThrough } from './step.ts';
import { writeFile } from './write-file.ts';

export interface ReplayScenarioOptions {
  readonly svg?: string;
  readonly html?: string;
  readonly log?: boolean;
  readonly step?: boolean;
}

/** Exit status: 1 when a property is violated, else 0. */
export async function replayScenario(
  file: string,
  { svg, html, log, step = false }: ReplayScenarioOptions,
): Promise<number> {
  let text: string;
  try {
    text = readFileSync(file, 'utf8');
  } catch (error) {
    throw fileFailure(file, error);
  }
  const trial = readScenario(file, text);
  const recorder = new Recorder();
  const run = playTrial(trial, {
    observers: [(event) => recorder.observe(event)],
    keepsStates: html !== undefined || step,
  });
  const { events, leftOut } = recorder;
  const repro = `repro: ts-dns lab replay ${file}  # trace ${run.traceHash}`;
  const recorded = { events, leftOut, repro };
  if (svg !== undefined) writeFile(svg, [drawRun(run, { ...recorded, asked: {} })]);
  if (html !== undefined) writeFile(html, [pageOfRun(run, recorded)]);
  if (step) await stepThrough(new Stepper(events, run.nodes));
  const told = log === true ? events.filter(({ kind }) => kind !== 'state') : [];
  const lines = told.map(
    (event) => `${timeText(event.atNs).padStart(14)}  ${wordsOf(event, run.nodes)}`,
  );
  // The scenario is what repeats it, not the experiment with its parameters.
  const report = printRun(withoutPredictions(run)).split('\n').slice(0, -1);
  process.stdout.write(`${[...lines, ...report, repro].join('\n')}\n`);
  return run.violations.length > 0 ? 1 : 0;
}

/** Theory speaks of the whole experiment, not of what is left of it in a scenario. */
function withoutPredictions(run: Played): Played {
  const measured = run.comparisons.filter((comparison) => comparison.measured !== undefined);
  const comparisons = measured.map((comparison): Comparison => {
    return { ...comparison, predicted: undefined, verdict: 'not judged' };
  });
  return { ...run, comparisons };
}
