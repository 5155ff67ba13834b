/**
 * `ts-dns lab sweep` plays an experiment with every combination of values, each with many seeds.
 * Without values it plays those that the experiment's own pictures are made of.
 */

import { printParameter, type ParameterValue } from '../../lab/experiment/parameters.ts';
import { statusOf } from '../../lab/experiment/play.ts';
import type { SweepPlot } from '../../lab/plot/plan.ts';
import type { Plot } from '../../lab/plot/plot.ts';
import { plotSweep } from '../../lab/plot/plot-sweep.ts';
import { plansFor } from '../../lab/plot/usual-plans.ts';
import { printFigure, printTable } from '../../lab/report/table.ts';
import { type Cell, cellOf } from '../../lab/sweep/cell.ts';
import { playTasks } from '../lab-farm.ts';
import { givenValues, namedCard, namedValues } from './named.ts';
import type { SeedRun, SeedTask } from './play-seed.ts';
import { plotPage, writePlots } from './plot/plot-files.ts';
import { Progress } from './progress.ts';
import { readSeeds } from './seeds.ts';
import { UsageError } from './usage-error.ts';
import { checkWritable, writeFile } from './write-file.ts';

export interface SweepOptions {
  readonly seeds: string;
  readonly json?: string;
  readonly yes?: boolean;
  readonly svg?: string;
  readonly html?: string;
}

/** Some minutes of short runs. */
const MAX_RUNS = 10_000;
type Values = Readonly<Record<string, ParameterValue>>;
type Card = ReturnType<typeof namedCard>;

/** What is played together: combinations of values, and the pictures that they are for. */
interface Part {
  readonly words: readonly string[];
  readonly combinations: readonly Values[];
  /** Undefined: whatever these values can fill. */
  readonly plans: readonly SweepPlot[] | undefined;
}

/** Exit status: the worst of all runs'. */
export async function sweepExperiment(
  id: string,
  words: readonly string[],
  options: SweepOptions,
): Promise<number> {
  checkWritable(options.json, options.svg, options.html);
  const card = namedCard(id);
  const parts = partsOf(card, words);
  const { first, last } = readSeeds(options.seeds);
  const seeds = Array.from({ length: last - first + 1 }, (_, index) => String(first + index));
  const combinations = parts.flatMap((part) => part.combinations);
  const total = combinations.length * seeds.length;
  if (total > MAX_RUNS && options.yes !== true) {
    throw new UsageError(`these are ${total} runs, more than ${MAX_RUNS}: say --yes to play them`);
  }
  const tasks = combinations.flatMap((given) =>
    seeds.map((seed) => ({ id: card.id, values: { ...namedValues(card, []), ...given }, seed })),
  );
  const runs = await playAll(card, tasks);
  const swept = parts.map((part) => {
    const firstCell = combinations.indexOf(part.combinations[0] ?? {});
    const cells = part.combinations.map((given, index) => {
      const at = (firstCell + index) * seeds.length;
      const own = runs.slice(at, at + seeds.length).map(({ comparisons }) => comparisons);
      return cellOf({ given, values: { ...namedValues(card, []), ...given } }, own);
    });
    return { ...part, cells };
  });
  await writeOutputs({ card, swept, tasks, runs, options });
  return runs.map(statusOf).reduce<0 | 1 | 2>(worse, 0);
}

/** A violation outweighs what is unknown. */
function worse(a: 0 | 1 | 2, b: 0 | 1 | 2): 0 | 1 | 2 {
  if (a === 1 || b === 1) return 1;
  return a === 2 || b === 2 ? 2 : 0;
}

function partsOf(card: Card, words: readonly string[]): readonly Part[] {
  const plans = card.plots?.sweeps ?? [];
  if (words.length === 0 && plans.length > 0) {
    const sweeps = new Map(plans.map((plan) => [sweepWords(plan).join(' '), plan]));
    return [...sweeps].map(([text, { sweep }]) => {
      const same = plans.filter((plan) => sweepWords(plan).join(' ') === text);
      return partOf(card, sweepWords({ sweep }), same);
    });
  }
  return [partOf(card, words, undefined)];
}

function partOf(card: Card, words: readonly string[], plans: Part['plans']): Part {
  const combinations = combinationsOf(words).map((some) => givenValues(card, some));
  return { words, combinations, plans };
}

/** As people would type them. */
function sweepWords({ sweep }: Pick<SweepPlot, 'sweep'>): readonly string[] {
  return Object.entries(sweep).flatMap(([name, list]) => [`--${name}`, list]);
}

async function playAll(card: Card, tasks: readonly SeedTask[]): Promise<readonly SeedRun[]> {
  const progress = new Progress();
  const runs: SeedRun[] = [];
  for await (const run of playTasks<SeedRun>(tasks.map((task) => ({ kind: 'seed', ...task })))) {
    runs.push(run);
    progress.tell(`${card.id}: ${runs.length} of ${tasks.length} runs`);
  }
  progress.clear();
  return runs;
}

interface Swept {
  readonly card: Card;
  readonly swept: readonly (Part & { readonly cells: readonly Cell[] })[];
  readonly tasks: readonly SeedTask[];
  readonly runs: readonly SeedRun[];
  readonly options: SweepOptions;
}

async function writeOutputs({ card, swept, tasks, runs, options }: Swept): Promise<void> {
  const { json, svg, html, seeds } = options;
  const lines = runs.map((run, index) => lineOf(tasks[index], run));
  if (json !== undefined && json !== '-') writeFile(json, lines);
  const tables = swept.map(({ cells }) => tableOf(card, cells));
  const repro = swept.map(({ words }) => {
    return `ts-dns lab sweep ${[card.id, ...words, '--seeds', seeds].join(' ')}`;
  });
  if (svg !== undefined || html !== undefined) {
    const plots = swept.flatMap((part) => plotsOf(card, part));
    if (plots.length === 0) {
      throw new UsageError(`nothing to draw: give a parameter several values, as --loss 0,5,10%`);
    }
    if (svg !== undefined) await writePlots(svg, plots);
    if (html !== undefined) writeFile(html, [await plotPage(card, { plots, tables, repro })]);
  }
  const text = tables.map((table, at) => {
    return `${printTable(table).join('\n')}\n\nrepro: ${repro[at] ?? ''}\n`;
  });
  process.stdout.write(json === '-' ? lines.join('') : text.join('\n'));
}

function plotsOf(card: Card, { cells, plans }: Swept['swept'][number]): readonly Plot[] {
  return (plans ?? plansFor(card, cells)).flatMap((plan) => plotSweep(card, plan, cells) ?? []);
}

/** '--loss', '0,10%' and '--timer', '5ms' are two lists of words: one for each value. */
function combinationsOf(words: readonly string[]): readonly (readonly string[])[] {
  return words.reduce<readonly (readonly string[])[]>(
    (lists, word) => {
      const choices = word.startsWith('--') && !word.includes('=') ? [word] : listOf(word);
      return lists.flatMap((list) => choices.map((choice) => [...list, choice]));
    },
    [[]],
  );
}

/** '5,20ms' has the unit of its last one: 5ms and 20ms. '--loss=1,2%' keeps its name. */
function listOf(word: string): readonly string[] {
  const [, name = '', list = ''] = /^(--[^=]*=)?(.*)$/.exec(word) ?? [];
  const unit = /[a-z%]*$/.exec(list)?.[0] ?? '';
  return list.split(',').map((one) => `${name}${/^[\d.]+$/.test(one) ? one + unit : one}`);
}

const HEADINGS = ['values', 'metric', 'measured', 'predicted', 'disagree'];

function tableOf(card: Card, cells: readonly Cell[]): readonly (readonly string[])[] {
  const rows = cells.flatMap(({ given, figures }) => {
    const told = Object.entries(given).map(([name, value]) => {
      const parameter = card.parameters[name];
      return `${name} ${parameter ? printParameter(parameter, value) : String(value)}`;
    });
    const judged = [...figures].filter(([, { predicted }]) => predicted !== undefined);
    return judged.map(([metric, { unit, mean, predicted, disagreeing, runs }]) => [
      told.join(' '),
      metric,
      mean === undefined ? '–' : printFigure(mean, unit),
      predicted === undefined ? '' : printFigure(predicted, unit),
      `${disagreeing} of ${runs}`,
    ]);
  });
  return [HEADINGS, ...rows];
}

function lineOf(task: SeedTask | undefined, run: SeedRun): string {
  const { traceHash, comparisons, violations } = run;
  const metrics = comparisons.map(({ metric, measured }) => [metric, measured?.value ?? null]);
  const found = { metrics: Object.fromEntries(metrics) as object, violations };
  const told = { experiment: task?.id, params: task?.values, seed: task?.seed };
  return `${JSON.stringify({ ...told, traceHash, ...found })}\n`;
}
