/**
 * `ts-dns lab ttl`: a scenario on zone files, once or for every combination of its sweep, or one
 * made out of a zone and a name.
 */

import { spawn } from 'node:child_process';
import { existsSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { modelScenario } from '../../../lab/ttl/scenario-model.ts';
import { runScenario } from '../../../lab/ttl/scenario-run.ts';
import { formatProblem } from '../../../zone/problem.ts';
import { CommandError } from '../../failure.ts';
import { readZone } from '../../zone-files.ts';
import { packageVersion } from '../../version.ts';
import { UsageError } from '../usage-error.ts';
import { failedExpectations } from './expectations.ts';
import { writeQuickScenario } from './quick-scenario.ts';
import { readScenarioFile, type ReadScenario } from './read-scenario.ts';
import type { RawScenario, SweepValue } from './schema.ts';
import { printRows, type ScenarioRow } from './ttl-table.ts';
import type { Variables } from './variables.ts';

export interface TtlCommandOptions {
  readonly zone?: string;
  readonly name?: string;
  readonly rate?: string;
  readonly change?: string;
  readonly ttl?: string;
  readonly duration?: string;
  readonly out?: string;
  readonly set?: readonly string[];
  readonly seed?: string;
  readonly json?: boolean;
  /** Without the sweep: as `vars` and `--set` say. */
  readonly once?: boolean;
}

/** More than this, and somebody has made a slip: refused. */
const MAX_RUNS = 10_000;

/** Exit status: 0, or 1 when an expectation of the scenario does not hold. */
export async function runTtlCommand(
  file: string | undefined,
  options: TtlCommandOptions,
): Promise<number> {
  const scenarioFile = file ?? (await quickScenario(options));
  const set = variablesOf(options.set ?? []);
  const { raw } = readOrFail(scenarioFile, set);
  const combinations = options.once === true ? [{}] : combinationsOf(raw.sweep ?? {});
  const rows =
    combinations.length === 1 && options.once === true
      ? [await runOnce(scenarioFile, set, options)]
      : await runAll(scenarioFile, { combinations, set, options });
  print(raw, rows, { file: scenarioFile, options });
  return rows.some((row) => row.failedExpectations.length > 0) ? 1 : 0;
}

function print(
  raw: RawScenario,
  rows: readonly ScenarioRow[],
  { file, options }: { readonly file: string; readonly options: TtlCommandOptions },
): void {
  if (options.json === true) {
    for (const row of rows) {
      const told = { scenario: raw.name, version: packageVersion(), ...row };
      process.stdout.write(`${JSON.stringify(told)}\n`);
    }
    return;
  }
  const failed = rows.flatMap((row) => row.failedExpectations);
  const hash = rows.length === 1 ? `  # trace ${rows[0]?.traceHash ?? ''}` : '';
  const lines = [
    `${raw.name}   (virtual time)`,
    '',
    printRows(rows),
    '',
    ...failed.map((text) => `expected: ${text}`),
    `repro: ts-dns lab ttl ${file}${reproOptions(options)}${hash}`,
  ];
  process.stdout.write(`${lines.join('\n')}\n`);
}

function reproOptions({ set = [], seed, once }: TtlCommandOptions): string {
  const words = [
    ...set.map((one) => ` --set ${one}`),
    ...(seed === undefined ? [] : [` --seed ${seed}`]),
    ...(once === true ? [' --once'] : []),
  ];
  return words.join('');
}

async function runOnce(
  file: string,
  set: Variables,
  { seed }: TtlCommandOptions,
): Promise<ScenarioRow> {
  const { scenario, raw } = readOrFail(file, set);
  const used = seed ?? scenario.seed;
  const { metrics, traceHash } = await runScenario(scenario, { seed: used });
  return {
    variables: { ...raw.vars, ...set },
    seed: used,
    metrics,
    model: modelScenario(scenario),
    traceHash,
    failedExpectations: failedExpectations(raw.expect ?? [], metrics),
  };
}

interface Sweep {
  readonly combinations: readonly Variables[];
  readonly set: Variables;
  readonly options: TtlCommandOptions;
}

/** Each combination in a process of its own, as many at once as there are processors. */
async function runAll(file: string, { combinations, set, options }: Sweep): Promise<ScenarioRow[]> {
  const rows = new Array<ScenarioRow>(combinations.length);
  const waiting = [...combinations.entries()];
  let done = 0;
  const work = async (): Promise<void> => {
    for (let next = waiting.shift(); next; next = waiting.shift()) {
      const [index, combination] = next;
      rows[index] = await runInProcess(file, { ...set, ...combination }, options);
      done += 1;
      if (process.stderr.isTTY) process.stderr.write(`\r${done} of ${combinations.length} runs`);
    }
  };
  await Promise.all(Array.from({ length: availableParallelism() }, work));
  if (process.stderr.isTTY) process.stderr.write('\r\u001B[K');
  return rows;
}

function runInProcess(
  file: string,
  set: Variables,
  { seed }: TtlCommandOptions,
): Promise<ScenarioRow> {
  const words = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  const seeded = seed === undefined ? [] : ['--seed', seed];
  const program = process.argv[1] ?? '';
  const args = [program, 'lab', 'ttl', file, '--once', '--json', ...words, ...seeded];
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString()));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString()));
    child.on('error', reject);
    child.on('close', () => {
      if (out === '')
        reject(new CommandError(err.trim() || 'a run of the sweep ended without a word'));
      else resolve(JSON.parse(out) as ScenarioRow);
    });
  });
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

function readOrFail(file: string, set: Variables): ReadScenario {
  if (!existsSync(file)) throw new CommandError(`${file}: no such file`);
  const read = readScenarioFile(file, set);
  if (read.ok) return read.value;
  const count = read.error.length === 1 ? 'one error' : `${read.error.length} errors`;
  const lines = [...read.error.map(formatProblem), `${file}: not run because of ${count}`];
  throw new CommandError(lines.join('\n'));
}

function variablesOf(set: readonly string[]): Variables {
  return Object.fromEntries(
    set.map((text) => {
      const [, name, value] = /^([a-zA-Z]\w*)=(.*)$/.exec(text) ?? [];
      if (name === undefined || value === undefined) {
        throw new UsageError(`--set: expected NAME=VALUE, got '${text}'`);
      }
      return [name, value];
    }),
  );
}

async function quickScenario(options: TtlCommandOptions): Promise<string> {
  const { zone: zoneFile, name, rate, change, seed = '1', duration = '1d' } = options;
  if (zoneFile === undefined || name === undefined || rate === undefined) {
    throw new UsageError('lab ttl needs a scenario file, or --zone FILE --name NAME --rate N/s');
  }
  const zone = await readZone({ file: zoneFile, origin: undefined });
  const ttls = ttlsOf(options.ttl ?? '5..86400');
  const folder = options.out ?? 'ttl-scenario';
  if (existsSync(folder))
    throw new UsageError(`${folder} is there already: name another with --out`);
  return writeQuickScenario({ zone, name, rate, change, ttls, duration, seed }, folder);
}

/** '60,300' as they are; '5..86400' as what people choose between the two. */
function ttlsOf(text: string): readonly number[] {
  const [, first, last] = /^(\d+)\.\.(\d+)$/.exec(text) ?? [];
  if (first === undefined || last === undefined) {
    const listed = text.split(',').map(Number);
    if (listed.every((ttl) => Number.isInteger(ttl) && ttl >= 0)) return listed;
    throw new UsageError(`--ttl: expected seconds such as 60,300 or 5..86400, got '${text}'`);
  }
  const [from, to] = [Math.max(1, Number(first)), Number(last)];
  if (to <= from) throw new UsageError(`--ttl: ${first}..${last} is empty`);
  const between = CUSTOMARY_TTLS.filter((ttl) => ttl > from && ttl < to);
  return [from, ...between, to];
}

/** What people choose. */
const CUSTOMARY_TTLS = [1, 5, 30, 60, 300, 1800, 3600, 14_400, 86_400];
