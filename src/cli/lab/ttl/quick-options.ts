/** `ts-dns lab ttl --zone FILE --name NAME --rate N/s …`: from the command line to a scenario. */

import { existsSync } from 'node:fs';
import { parseDuration, type Duration } from '../../../lab/experiment/duration.ts';
import type { Costs } from '../../../lab/ttl/scenario.ts';
import { readZone } from '../../zone-files.ts';
import { UsageError } from '../usage-error.ts';
import { writeQuickScenario } from './quick-scenario.ts';
import { RATE_WORDS, rateOf } from './schema.ts';

export interface QuickOptions {
  readonly zone?: string;
  readonly name?: string;
  readonly rate?: string;
  readonly change?: string;
  readonly ttl?: string;
  readonly duration?: string;
  readonly costs?: string;
  readonly out?: string;
  readonly seed?: string;
}

/** Writes it, and returns its file. Nothing is written unless everything is right. */
export async function makeQuickScenario(options: QuickOptions): Promise<string> {
  const { zone: zoneFile, name, rate, change, seed = '1', duration = '1d' } = options;
  if (zoneFile === undefined || name === undefined || rate === undefined) {
    throw new UsageError('lab ttl needs a scenario file, or --zone FILE --name NAME --rate N/s');
  }
  checkRate('--rate', rate);
  if (change !== undefined) checkRate('--change', change);
  checkDuration(duration);
  const zone = await readZone({ file: zoneFile, origin: undefined });
  const ttls = ttlsOf(options.ttl ?? '5..86400');
  const costs = options.costs === undefined ? undefined : costsOf(options.costs);
  const folder = options.out ?? 'ttl-scenario';
  if (existsSync(folder)) {
    throw new UsageError(`${folder} is there already: name another with --out`);
  }
  const quick = { zone, name, rate, change, ttls, duration, seed, costs };
  return writeQuickScenario(quick, folder);
}

function checkRate(option: string, text: string): void {
  if (rateOf(text) === undefined) {
    throw new UsageError(`${option}: expected ${RATE_WORDS}, got '${text}'`);
  }
}

function checkDuration(text: string): void {
  try {
    parseDuration(text as Duration);
  } catch {
    throw new UsageError(`--duration: expected a duration such as 2h or 30d, got '${text}'`);
  }
}

function costsOf(text: string): Costs {
  const [, query, stale] = /^(\d+(?:\.\d+)?):(\d+(?:\.\d+)?)$/.exec(text) ?? [];
  if (query !== undefined && stale !== undefined) {
    return { query: Number(query), stale: Number(stale) };
  }
  throw new UsageError(`--costs: expected QUERY:STALE, such as 1:10, got '${text}'`);
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
