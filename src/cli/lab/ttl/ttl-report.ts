/**
 * What runs of a scenario leave for people to look at: pictures, and a page with measured beside
 * predicted, the formulas, and whose they are.
 */

import type { Parameter, ParameterSet } from '../../../lab/experiment/parameters.ts';
import type { Prediction } from '../../../lab/experiment/prediction.ts';
import type { Plot } from '../../../lab/plot/plot.ts';
import { printPlotPage } from '../../../lab/picture/plot-page.ts';
import { printFigure, tableOf } from '../../../lab/report/table.ts';
import { type Cell, cellOf } from '../../../lab/sweep/cell.ts';
import { predictionsOf } from '../../../lab/ttl/scenario-compare.ts';
import { modelScenario } from '../../../lab/ttl/scenario-model.ts';
import {
  cheapestCell,
  plotRun,
  plotScenarioSweep,
  type ScenarioSweep,
} from '../../../lab/ttl/scenario-plots.ts';
import { writeFile } from '../write-file.ts';
import { figuresOf, writePlots } from '../plot/plot-files.ts';
import { readOrFail, type ScenarioRow } from './play-scenario.ts';
import { readScenarioFile } from './read-scenario.ts';
import type { RawScenario } from './schema.ts';
import { tableOfRows } from './ttl-table.ts';
import type { Variables } from './variables.ts';

export interface ScenarioPictures {
  readonly html?: string;
  readonly svg?: string;
}

interface Drawn {
  readonly raw: RawScenario;
  readonly file: string;
  readonly set: Variables;
  readonly rows: readonly ScenarioRow[];
  readonly repro: string;
}

/** Of so many runs each has pictures of its own; of more, those at the ends of the sweep. */
const MAX_FILMED = 3;

export async function drawScenario(drawn: Drawn, { html, svg }: ScenarioPictures): Promise<void> {
  if (html === undefined && svg === undefined) return;
  const cells = cellsOf(drawn);
  const sweep = sweepOf(drawn, cells);
  const plots = [...(sweep ? plotScenarioSweep(sweep) : []), ...plotsOfRuns(drawn)];
  if (svg !== undefined) await writePlots(svg, plots);
  if (html !== undefined) writeFile(html, [await pageOf(drawn, { cells, sweep, plots })]);
}

/** Runs that differ in nothing but their seed, together. */
function cellsOf({ raw, rows }: Drawn): readonly Cell[] {
  const groups = new Map<string, ScenarioRow[]>();
  for (const row of rows) {
    const key = JSON.stringify(row.variables);
    groups.set(key, [...(groups.get(key) ?? []), row]);
  }
  return [...groups.values()].map((same) => {
    const values = same[0]?.variables ?? {};
    const given = Object.fromEntries(
      Object.entries(values).filter(([name]) => raw.sweep?.[name] !== undefined),
    );
    const runs = same.map(({ comparisons }) => comparisons);
    return cellOf({ given, values }, runs);
  });
}

/** Undefined where no variable has several numbers. */
function sweepOf({ raw, file, set }: Drawn, cells: readonly Cell[]): ScenarioSweep | undefined {
  const varied = Object.keys(cells[0]?.given ?? {}).filter((name) => {
    const values = new Set(cells.map(({ values: own }) => own[name]));
    return values.size > 1 && [...values].every((value) => typeof value === 'number');
  });
  const variable = varied.includes('ttl') ? 'ttl' : varied[0];
  if (variable === undefined) return undefined;
  const names = Object.keys(cells[0]?.values ?? {});
  const parameters: ParameterSet = Object.fromEntries(
    names.map((name) => [name, parameterOf(raw, name)]),
  );
  const theory = new Theory(file, set);
  const [first] = cells;
  const cheapestTtl = first && theory.modelOf(first.values as Variables)?.cheapestTtl;
  return { variable, parameters, cells, cheapestTtl, predict: (values) => theory.predict(values) };
}

function parameterOf({ sweep }: RawScenario, name: string): Parameter {
  const help = 'a variable of the scenario';
  const values = (sweep?.[name] ?? []).filter((value) => typeof value === 'number');
  // TTLs are whole, so what lies between two of them is not asked of theory.
  if (values.length > 0 && values.every(Number.isInteger)) {
    return { kind: 'count', default: 0, min: 0, max: Number.MAX_SAFE_INTEGER, help };
  }
  return { kind: 'number', default: 0, min: -Infinity, max: Infinity, help };
}

/** What theory says for values that were not played. */
class Theory {
  readonly #file: string;
  readonly #set: Variables;
  readonly #known = new Map<string, readonly Prediction[]>();

  constructor(file: string, set: Variables) {
    this.#file = file;
    this.#set = set;
  }

  predict(values: Variables): readonly Prediction[] {
    const key = JSON.stringify(values);
    const known = this.#known.get(key) ?? this.#predict(values);
    this.#known.set(key, known);
    return known;
  }

  modelOf(values: Variables): ReturnType<typeof modelScenario> {
    const read = readScenarioFile(this.#file, { ...this.#set, ...values });
    return read.ok ? modelScenario(read.value.scenario) : undefined;
  }

  #predict(values: Variables): readonly Prediction[] {
    const read = readScenarioFile(this.#file, { ...this.#set, ...values });
    if (!read.ok) return [];
    return predictionsOf(read.value.scenario, modelScenario(read.value.scenario));
  }
}

function plotsOfRuns({ raw, file, set, rows }: Drawn): readonly Plot[] {
  const several = rows.length > MAX_FILMED ? [rows[0]!, rows.at(-1)!] : rows;
  return several.flatMap(({ variables, film, metrics: { timeline }, seed }) => {
    const { scenario } = readOrFail(file, { ...set, ...variables });
    const swept = Object.entries(variables).filter(([name]) => raw.sweep?.[name] !== undefined);
    const words = swept.map(([name, value]) => `${name} ${value}`);
    if (raw.sweep?.['seeds'] !== undefined) words.push(`seed ${seed}`);
    const label = rows.length > 1 ? words.join(', ') : '';
    return plotRun({ label, scenario, timeline, film });
  });
}

interface Parts {
  readonly cells: readonly Cell[];
  readonly sweep: ScenarioSweep | undefined;
  readonly plots: readonly Plot[];
}

async function pageOf(drawn: Drawn, { cells, sweep, plots }: Parts): Promise<string> {
  const { raw, rows, repro } = drawn;
  const [first] = rows;
  const single = first && rows.length === 1 ? [tableOf(first.comparisons)] : [];
  return printPlotPage({
    title: raw.name,
    quote: 'low TTL: consistent, slow, more load; high TTL: fast, maybe stale',
    question: 'What does the TTL cost, and whom?',
    lookFor: lookFor(rows, sweep),
    figures: await figuresOf(plots),
    tables: [
      tableOfRows(rows),
      ...(single.length > 0 ? single : [tableOfCells(cells, rows)]),
      cited(rows),
    ],
    repro: [repro],
  });
}

function lookFor(
  rows: readonly ScenarioRow[],
  sweep: ScenarioSweep | undefined,
): readonly string[] {
  const best = sweep && cheapestCell(sweep.cells);
  const words = best && Object.entries(best.given).map(([name, value]) => `${name} ${value}`);
  const theory =
    sweep?.cheapestTtl === undefined
      ? ''
      : ` Theory has the least at T* = ${Math.round(sweep.cheapestTtl)} s.`;
  const failed = rows.flatMap((row) => row.failedExpectations);
  return [
    'Hits, and with them speed, depend on the product of rate and TTL alone.',
    'The worst staleness is the TTL; each life in a cache is as long as the TTL it came with.',
    ...(words ? [`Of what was played, ${words.join(', ')} costs least.${theory}`] : []),
    ...failed.map((text) => `Expected, and not so: ${text}.`),
  ];
}

/** A row for each figure that theory knows, for each value that was played. */
function tableOfCells(
  cells: readonly Cell[],
  played: readonly ScenarioRow[],
): readonly (readonly string[])[] {
  const all = played.flatMap(({ comparisons }) => comparisons);
  const judged = new Set(
    all.filter(({ verdict }) => verdict !== 'not judged').map(({ metric }) => metric),
  );
  const rows = cells.flatMap(({ given, figures }) => {
    const values = Object.entries(given).map(([name, value]) => `${name} ${value}`);
    return [...figures].flatMap(([metric, figure]) => {
      const { unit, mean, predicted, disagreeing, runs } = figure;
      if (mean === undefined || predicted === undefined) return [];
      const good = judged.has(metric) ? 'agrees' : '';
      const verdict = disagreeing === 0 ? good : `${disagreeing} of ${runs} disagree`;
      const [measured, expected] = [printFigure(mean, unit), printFigure(predicted, unit)];
      return [[values.join(', '), metric, measured, expected, verdict]];
    });
  });
  return [['values', 'metric', 'measured', 'predicted', 'verdict'], ...rows];
}

/** Each formula once, and where it is from. */
function cited(rows: readonly ScenarioRow[]): readonly (readonly string[])[] {
  const all = rows.flatMap(({ comparisons }) =>
    comparisons.flatMap(({ predicted }) => predicted ?? []),
  );
  const once = new Map(all.map((prediction) => [prediction.metric, prediction]));
  return [
    ['metric', 'formula, and whose it is'],
    ...[...once.values()].map(({ metric, formula, cite = '' }) => [
      metric,
      cite === '' ? formula : `${formula} (${cite})`,
    ]),
  ];
}
