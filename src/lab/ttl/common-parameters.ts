/** The parameters that experiments on TTLs share, and how they become a run. */

import { ParameterError, type ValuesOf } from '../experiment/parameters.ts';
import { poisson } from './arrivals.ts';
import type { CacheModel } from './formulas.ts';
import { MAX_DAYS, type TtlRunOptions } from './ttl-run.ts';
import { NS_PER_MS, NS_PER_S } from '../../sim/units.ts';

export const COMMON = {
  rate: {
    kind: 'number',
    default: 0.1,
    min: 0.000_001,
    max: 1000,
    help: 'questions a second at the cache (λ)',
  },
  ttl: {
    kind: 'duration',
    default: '10s',
    max: '7d',
    help: 'TTL of the record, whole seconds (T)',
  },
  queries: { kind: 'count', default: 20_000, min: 10, max: 10_000_000, help: 'questions in all' },
  'client-delay': {
    kind: 'duration',
    default: '1ms',
    max: '1s',
    help: 'client to resolver, one way',
  },
  'server-delay': {
    kind: 'duration',
    default: '10ms',
    max: '1s',
    help: 'resolver to authority, one way',
  },
} as const;

type CommonValues = ValuesOf<typeof COMMON>;

/** Seconds, rounded down: TTLs are whole. */
export function secondsOf(ns: number): number {
  return Math.floor(ns / NS_PER_S);
}

export function modelOf(values: CommonValues): CacheModel {
  return {
    rate: values.rate,
    ttl: secondsOf(values.ttl),
    fetching: (2 * values['server-delay']) / NS_PER_S,
  };
}

/** One way, in seconds. */
export function wayOf(values: Pick<CommonValues, 'server-delay'>): number {
  return values['server-delay'] / NS_PER_S;
}

export function runOf(
  values: CommonValues,
  seed: string,
): Pick<
  TtlRunOptions,
  'seed' | 'ttlSeconds' | 'gaps' | 'queries' | 'clientDelayMs' | 'serverDelayMs'
> {
  const days = values.queries / values.rate / 86_400;
  if (days > MAX_DAYS) {
    throw new ParameterError(
      `queries: ${values.queries} at ${values.rate} a second take ${Math.ceil(days)} days, ` +
        `and virtual time ends after ${MAX_DAYS}`,
    );
  }
  return {
    seed,
    ttlSeconds: secondsOf(values.ttl),
    gaps: (random) => poisson(values.rate, random),
    queries: values.queries,
    clientDelayMs: values['client-delay'] / NS_PER_MS,
    serverDelayMs: values['server-delay'] / NS_PER_MS,
  };
}
