/**
 * `ts-dns lab ttl --real --resolver ts-dns,unbound,bind`: one scenario on real sockets with each
 * of these in the middle, all at once, each in a network namespace of its own, beside the same
 * scenario in virtual time.
 */

import { spawn } from 'node:child_process';
import type { RealMetrics } from '../../../../lab/ttl/real-play.ts';
import { obstacleToReal, scaleScenario } from '../../../../lab/ttl/real-scenario.ts';
import { modelScenario, type ScenarioModel } from '../../../../lab/ttl/scenario-model.ts';
import type { ScenarioMetrics } from '../../../../lab/ttl/scenario-meter.ts';
import { runScenario } from '../../../../lab/ttl/scenario-run.ts';
import type { TtlScenario } from '../../../../lab/ttl/scenario.ts';
import { CommandError, failureReason } from '../../../failure.ts';
import { packageVersion } from '../../../version.ts';
import { UsageError } from '../../usage-error.ts';
import { readOrFail } from '../play-scenario.ts';
import { tableOfReal, type RealRow } from './real-table.ts';
import { RESOLVER_PROGRAMS, type ResolverProgram } from './resolver-programs.ts';
import { playInside, warmUpMs } from './inside.ts';
import { checkSet, type Variables } from '../variables.ts';

export interface RealOptions {
  /** Names with commas between. */
  readonly resolver?: string;
  /** Of time: how many times shorter. */
  readonly scale?: string;
  readonly seed?: string;
  readonly json?: boolean;
  /** Within a namespace already. */
  readonly inside?: boolean;
}

/** Of hit ratios, from each other and from theory. */
const TOLERANCE = 0.03;

/** Exit status: 0, or 1 when hit ratios are further apart than 3 %. */
export async function runReal(file: string, set: Variables, options: RealOptions): Promise<number> {
  const programs = programsOf(options.resolver ?? RESOLVER_PROGRAMS.join(','));
  const { scenario: asWritten, raw } = readOrFail(file, set);
  checkSet(set, raw.vars);
  const factor = factorOf(options.scale ?? '1');
  const scenario = scaleScenario(asWritten, factor);
  const obstacle = obstacleToReal({ ...scenario, links: asWritten.links });
  if (obstacle !== undefined) throw new UsageError(`--real cannot play ${file}: ${obstacle}`);
  if (warmUpMs(scenario) >= scenario.durationMs) {
    throw new UsageError(`--real cannot play ${file}: it is to last for more than two TTLs`);
  }
  const seed = options.seed ?? scenario.seed;
  if (options.inside === true) {
    const metrics = await playInside(scenario, programs[0]!, seed);
    process.stdout.write(`${JSON.stringify(metrics)}\n`);
    return 0;
  }
  if (process.platform !== 'linux') {
    throw new UsageError('--real needs the network namespaces of Linux');
  }
  const model = modelScenario(scenario);
  const words = wordsFor(file, set, { ...options, seed });
  const virtual = { name: 'virtual time', metrics: await playVirtually(scenario, seed) };
  const real = await Promise.all(
    programs.map(async (name): Promise<RealRow> => {
      return { name, metrics: await playInNamespace([...words, '--resolver', name]) };
    }),
  );
  return tell([virtual, ...real], { raw, model, factor, isJson: options.json === true });
}

function programsOf(text: string): readonly ResolverProgram[] {
  return text.split(',').map((name) => {
    const known = RESOLVER_PROGRAMS.find((one) => one === name);
    if (known !== undefined) return known;
    throw new UsageError(`--resolver: expected ${RESOLVER_PROGRAMS.join(', ')}, got '${name}'`);
  });
}

function factorOf(text: string): number {
  const factor = Number(text);
  if (factor >= 1 && factor <= 100_000) return factor;
  throw new UsageError(`--scale: expected how many times shorter, from 1 on, got '${text}'`);
}

function wordsFor(file: string, set: Variables, { scale, seed }: RealOptions): readonly string[] {
  const variables = Object.entries(set).flatMap(([name, value]) => ['--set', `${name}=${value}`]);
  return [
    ...['lab', 'ttl', file, '--real', '--inside', ...variables],
    ...(scale === undefined ? [] : ['--scale', scale]),
    ...(seed === undefined ? [] : ['--seed', seed]),
  ];
}

/** What is measured there is measured here, too: not while caches are filled. */
async function playVirtually(scenario: TtlScenario, seed: string): Promise<ScenarioMetrics> {
  const { metrics } = await runScenario(scenario, { seed, warmUpMs: warmUpMs(scenario) });
  return metrics;
}

function playInNamespace(words: readonly string[]): Promise<RealMetrics> {
  // Whoever is not root becomes it in a user namespace.
  const unshare = process.getuid?.() === 0 ? ['--net'] : ['--user', '--map-root-user', '--net'];
  const program = [process.execPath, process.argv[1] ?? '', ...words];
  return new Promise((resolve, reject) => {
    const child = spawn('unshare', [...unshare, '--', ...program], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    let out = '';
    let err = '';
    child.stdout.on('data', (chunk: Buffer) => (out += chunk.toString('utf8')));
    child.stderr.on('data', (chunk: Buffer) => (err += chunk.toString('utf8')));
    child.on('error', (error) => {
      reject(new CommandError(`--real: cannot start unshare: ${failureReason(error)}`));
    });
    child.on('close', (status) => {
      if (status === 0 && out !== '') resolve(JSON.parse(out) as RealMetrics);
      else
        reject(new CommandError(err.trim().replace(/^ts-dns: /, '') || `--real: status ${status}`));
    });
  });
}

interface Told {
  readonly raw: { readonly name: string };
  readonly model: ScenarioModel | undefined;
  readonly factor: number;
  readonly isJson: boolean;
}

function tell(rows: readonly RealRow[], { raw, model, factor, isJson }: Told): number {
  const ratios = [...rows.map(({ metrics }) => metrics.hitRatio), model?.hitRatio ?? []].flat();
  const apart = Math.max(...ratios) - Math.min(...ratios);
  if (isJson) {
    const told = { scenario: raw.name, version: packageVersion(), factor, model, apart, rows };
    process.stdout.write(`${JSON.stringify(told)}\n`);
  } else {
    const scaled = factor === 1 ? '' : `, in a ${factor}th of the time`;
    const bound = apart <= TOLERANCE ? 'within' : 'more than';
    const lines = [
      `${raw.name}   (real sockets${scaled})`,
      '',
      ...tableOfReal(rows, model),
      '',
      `hit ratios, theory among them, are ${(apart * 100).toFixed(2)} % apart: ${bound} 3 %`,
    ];
    process.stdout.write(`${lines.join('\n')}\n`);
  }
  return apart <= TOLERANCE ? 0 : 1;
}
