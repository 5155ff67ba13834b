/**
 * `ts-dns lab ttl`: a scenario on zone files, once or for every combination of its sweep, or one
 * made out of a zone and a name.
 */

import { packageVersion } from '../../version.ts';
import { playTasks } from '../../lab-farm.ts';
import { checkSeed } from '../named.ts';
import { Progress } from '../progress.ts';
import { UsageError } from '../usage-error.ts';
import { playScenario, readOrFail, type ScenarioRow, type ScenarioTask } from './play-scenario.ts';
import { SEEDS } from './read-scenario.ts';
import { makeQuickScenario, type QuickOptions } from './quick-options.ts';
import type { RealOptions } from './real/real.ts';
import type { RawScenario, SweepValue } from './schema.ts';
import { drawScenario, type ScenarioPictures } from './ttl-report.ts';
import { printRows } from './ttl-table.ts';
import { checkWritable } from '../write-file.ts';
import { checkSet, variablesOf, type Variables } from './variables.ts';

export interface TtlCommandOptions extends QuickOptions, ScenarioPictures, RealOptions {
  /** On real sockets, with a real resolver in the middle. */
  readonly real?: boolean;
  readonly set?: readonly string[];
  readonly json?: boolean;
  /** Without the sweep: as `vars` and `--set` say. */
  readonly once?: boolean;
}

/** More than this, and somebody has made a slip: refused. */
const MAX_RUNS = 10_000;

/** Exit status: 0, or 1 when an expectation does not hold, or a record outlived its TTL. */
export async function runTtlCommand(
  given: string | undefined,
  options: TtlCommandOptions,
): Promise<number> {
  const set = variablesOf(options.set ?? []);
  checkWritable(options.html, options.svg);
  if (options.seed !== undefined) checkSeed(options.seed);
  if (given !== undefined) refuseQuickOptions(options);
  const file = given ?? (await makeQuickScenario(options));
  if (options.real === true) {
    const { runReal } = await import('./real/real.ts');
    return runReal(file, set, options);
  }
  refuseRealOptions(options);
  const { raw } = readOrFail(file, set);
  checkSet(set, raw.vars);
  const isSwept = options.once !== true && raw.sweep !== undefined;
  const combinations = isSwept ? combinationsOf(raw.sweep) : [{}];
  const tasks = combinations.map((one) => taskOf(file, { ...set, ...one }, options));
  const rows = isSwept ? await playAll(tasks) : [await playAlone(tasks[0]!)];
  const repro = `ts-dns lab ttl ${file}${reproOptions(options)}`;
  await drawScenario({ raw, file, set, rows, repro }, options);
  print(raw, rows, { repro, isJson: options.json === true });
  return rows.every(isAsExpected) ? 0 : 1;
}

function isAsExpected({ failedExpectations, violations }: ScenarioRow): boolean {
  return failedExpectations.length === 0 && violations.length === 0;
}

/** They make a scenario; beside one that is there they would say nothing. */
function refuseQuickOptions(options: QuickOptions): void {
  const made = ['zone', 'name', 'rate', 'change', 'costs'] as const;
  const names = [...made, 'ttl', 'duration', 'out'] as const;
  const useless = names.find((name) => options[name] !== undefined);
  if (useless === undefined) return;
  throw new UsageError(`--${useless} makes a scenario, and one is given: change that file`);
}

function refuseRealOptions(options: RealOptions): void {
  const useless = (['resolver', 'scale'] as const).find((name) => options[name] !== undefined);
  if (useless !== undefined) throw new UsageError(`--${useless} goes with --real`);
}

function taskOf(
  file: string,
  { [SEEDS]: swept, ...set }: Variables,
  { seed, html, svg }: TtlCommandOptions,
): ScenarioTask {
  const used = seed ?? swept;
  return {
    ...{ file, set, isFilmed: html !== undefined || svg !== undefined },
    ...(used !== undefined && { seed: String(used) }),
  };
}

function print(
  raw: RawScenario,
  rows: readonly ScenarioRow[],
  { repro, isJson }: { readonly repro: string; readonly isJson: boolean },
): void {
  if (isJson) {
    for (const { film: _, ...row } of rows) {
      const told = { scenario: raw.name, version: packageVersion(), ...row };
      process.stdout.write(`${JSON.stringify(told)}\n`);
    }
    return;
  }
  const failed = rows.flatMap((row) => {
    const which = rows.length === 1 ? '' : `${nameOfRun(raw, row)}: `;
    return [
      ...row.violations.map((text) => `violated: ${which}${text}`),
      ...row.failedExpectations.map((text) => `expected: ${which}${text}`),
    ];
  });
  const hash = rows.length === 1 ? `  # trace ${rows[0]?.traceHash ?? ''}` : '';
  const lines = [
    `${raw.name}   (virtual time)`,
    '',
    printRows(rows),
    '',
    ...failed,
    ...leastCost(raw, rows),
    `repro: ${repro}${hash}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

/** What tells it from the others of its sweep: 'ttl 60, seed 3'. */
function nameOfRun({ sweep = {} }: RawScenario, { variables, seed }: ScenarioRow): string {
  const swept = Object.keys(sweep).filter((name) => name !== SEEDS);
  const words = swept.map((name) => `${name} ${variables[name] ?? ''}`);
  return [...words, ...(sweep[SEEDS] ? [`seed ${seed}`] : [])].join(', ');
}

/** A line where there are prices, and several runs to compare. */
function leastCost(raw: RawScenario, rows: readonly ScenarioRow[]): readonly string[] {
  const costOf = ({ comparisons }: ScenarioRow): number =>
    comparisons.find(({ metric }) => metric === 'cost')?.measured?.value ?? Infinity;
  const [best, ...others] = rows.toSorted((a, b) => costOf(a) - costOf(b));
  if (raw.costs === undefined || !best || others.length === 0) return [];
  const theory = best.model?.cheapestTtl;
  const expected = theory === undefined ? '' : `; theory has T* = ${Math.round(theory)} s`;
  const cost = costOf(best).toPrecision(3);
  return [`least cost: ${nameOfRun(raw, best)}, ${cost} a second${expected}`];
}

function reproOptions({ set = [], seed, once }: TtlCommandOptions): string {
  const words = [
    ...set.map((one) => ` --set ${one}`),
    ...(seed === undefined ? [] : [` --seed ${seed}`]),
    ...(once === true ? [' --once'] : []),
  ];
  return words.join('');
}

async function playAlone(task: ScenarioTask): Promise<ScenarioRow> {
  const progress = new Progress();
  const row = await playScenario(task, (share) => {
    progress.tell(`${Math.round(share * 100)} % of the time is over`);
  });
  progress.clear();
  return row;
}

/** On all processors. */
async function playAll(tasks: readonly ScenarioTask[]): Promise<readonly ScenarioRow[]> {
  const progress = new Progress();
  const rows: ScenarioRow[] = [];
  const onShare = (share: number): void => {
    const now = share < 1 ? `, ${Math.floor(share * 100)} % of the next` : '';
    progress.tell(`${rows.length} of ${tasks.length} runs${now}`);
  };
  const all = tasks.map((task) => ({ kind: 'scenario' as const, ...task }));
  for await (const row of playTasks<ScenarioRow>(all, { onShare })) {
    rows.push(row);
    progress.tell(`${rows.length} of ${tasks.length} runs`);
  }
  progress.clear();
  return rows;
}

/** Every combination of the values. Throws `UsageError` when there are too many. */
function combinationsOf(
  sweep: Readonly<Record<string, readonly SweepValue[]>>,
): readonly Variables[] {
  const count = Object.values(sweep).reduce((product, values) => product * values.length, 1);
  if (count > MAX_RUNS) {
    throw new UsageError(`the sweep is of ${count} runs, and at most ${MAX_RUNS} are made`);
  }
  return Object.entries(sweep).reduce<Variables[]>(
    (all, [name, values]) =>
      all.flatMap((one) => values.map((value) => ({ ...one, [name]: value }))),
    [{}],
  );
}
