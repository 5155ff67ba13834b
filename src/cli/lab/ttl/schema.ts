/**
 * What a scenario file may say (docs/lab/scenarios.md), as schemas whose messages say what was
 * expected. Only the form: whether nodes exist and zones load is seen later (`read-scenario.ts`).
 */

import * as v from 'valibot';
import { parseDuration, type Duration } from '../../../lab/experiment/duration.ts';
import { keysOf, type Schema } from '../../config/key.ts';
import { address, domainName, integer, text } from '../../config/values.ts';
import type { DnsName } from '../../../wire/name.ts';
import type { Costs } from '../../../lab/ttl/scenario.ts';
import { NS_PER_MS } from '../../../sim/units.ts';

/** Keys as they are written in the property names here. */
function keys<Value>(properties: v.ObjectEntries): Schema<Value> {
  return keysOf<Value>(properties, (name) => name);
}

/** In milliseconds. */
const duration: Schema<number> = reading('a duration such as 20ms, 5s, 2h, 1d', (given) =>
  typeof given === 'string' ? parseDuration(given as Duration) / NS_PER_MS : undefined,
);

/** In milliseconds, ahead or, with a minus, back. */
const step: Schema<number> = reading('a duration such as 2s, or -500ms to go back', (given) => {
  const [, sign, size] = /^(-?)(.*)$/.exec(String(given)) ?? [];
  const ms = parseDuration(size as Duration) / NS_PER_MS;
  return sign === '-' ? -ms : ms;
});

/** No crystal that works is wrong by more. */
const MOST_PPM = 10_000;

const drift: Schema<number> = reading('parts in a million, such as 20ppm or -20ppm', (given) => {
  const [, count] = /^(-?\d+(?:\.\d+)?)ppm$/.exec(String(given)) ?? [];
  const ppm = Number(count);
  return Math.abs(ppm) <= MOST_PPM ? ppm : undefined;
});

/** TTLs: in whole seconds, as in a master file or with a unit. */
const ttlSeconds: Schema<number> = reading('a TTL such as 300 or 5m', (given) => {
  const seconds =
    typeof given === 'number' ? given : parseDuration(String(given) as Duration) / 1e9;
  return Number.isInteger(seconds) && seconds >= 0 && seconds < 2 ** 31 ? seconds : undefined;
});

const RATE_UNITS = { s: 1, m: 60, h: 3600, d: 86_400, day: 86_400, hour: 3600, min: 60 } as const;

export const RATE_WORDS = 'a rate with its unit, such as 5/s or 1/day';

/** Per second, of text such as '5/s' or '1/day'; undefined when it is none. */
export function rateOf(given: unknown): number | undefined {
  const [, count, unit] = /^(\d+(?:\.\d+)?)\/(s|m|min|h|hour|d|day)$/.exec(String(given)) ?? [];
  const perSecond = Number(count) / RATE_UNITS[unit as keyof typeof RATE_UNITS];
  return perSecond > 0 ? perSecond : undefined;
}

const rate: Schema<number> = reading(RATE_WORDS, rateOf);

/** YAML 1.2 knows `on` and `off` as words only. */
const toggle: Schema<boolean> = reading('true, false, on or off', (given) => {
  if (given === 'on' || given === true) return true;
  return given === 'off' || given === false ? false : undefined;
});

/** 0 to 1, also '90%'. */
const chance: Schema<number> = reading('a chance from 0 to 1, as 0.9 or 90%', (given) => {
  const [, size, percent] = /^(\d*\.?\d+)(%?)$/.exec(String(given)) ?? [];
  const value = Number(size) / (percent === '%' ? 100 : 1);
  return value >= 0 && value <= 1 ? value : undefined;
});

function reading<Value>(
  expected: string,
  read: (given: unknown) => Value | undefined,
): Schema<Value> {
  return v.pipe(
    v.unknown(),
    v.rawTransform<unknown, Value>(({ dataset, addIssue, NEVER }) => {
      try {
        const value = read(dataset.value);
        if (value !== undefined) return value;
      } catch {
        // What a reader throws says less than what was expected.
      }
      addIssue({ message: expected });
      return NEVER;
    }),
  );
}

const nodeKey = v.pipe(
  v.string(),
  v.regex(/^[a-z][a-z0-9-]*$/i, 'a name of letters, digits and -'),
);
const nodeName: Schema<string> = v.pipe(v.unknown(), nodeKey);
const names = v.pipe(
  v.unknown(),
  v.transform((given) => (Array.isArray(given) ? (given as unknown[]) : [given])),
  v.array(text),
);
const optional = v.exactOptional;

export interface RawNode {
  readonly role: 'auth' | 'primary' | 'secondary' | 'resolver' | 'forwarder' | 'client';
  readonly address?: string;
  readonly zones?: Readonly<Record<string, string>>;
  /** Of a secondary: the server that it takes `zone` from. */
  readonly of?: string;
  readonly zone?: DnsName;
  readonly hints?: string;
  readonly to?: string;
  readonly serveStale?: boolean;
  readonly prefetch?: boolean;
  readonly maxTtl?: number;
  readonly minTtl?: number;
  readonly count?: number;
  readonly resolver?: string;
}

const ROLES = 'auth, primary, secondary, resolver, forwarder or client';

const node = keys<RawNode>({
  role: v.picklist(['auth', 'primary', 'secondary', 'resolver', 'forwarder', 'client'], ROLES),
  address: optional(address),
  zones: optional(v.record(v.string(), text, 'zones as ORIGIN: FILE')),
  of: optional(nodeName),
  zone: optional(domainName),
  hints: optional(nodeName),
  to: optional(nodeName),
  serveStale: optional(toggle),
  prefetch: optional(toggle),
  maxTtl: optional(ttlSeconds),
  minTtl: optional(ttlSeconds),
  count: optional(integer({ from: 1, to: 5000, what: 'clients' })),
  resolver: optional(nodeName),
});

export interface RawLink {
  readonly between?: readonly string[];
  readonly from?: readonly string[];
  readonly to?: readonly string[];
  readonly delay: number;
  readonly jitter?: number;
  readonly loss?: number;
}

const link = keys<RawLink>({
  between: optional(names),
  from: optional(names),
  to: optional(names),
  delay: duration,
  jitter: optional(duration),
  loss: optional(chance),
});

export interface RawArrivals {
  readonly poisson?: number;
  readonly every?: number;
  readonly diurnal?: { readonly mean: number; readonly amplitude: number };
  readonly log?: string;
}

export interface RawWorkload {
  readonly from: string;
  readonly q?: string;
  readonly names?: {
    readonly zipf: { readonly n: number; readonly s: number; readonly as: string };
  };
  readonly arrivals: RawArrivals;
}

const workload = keys<RawWorkload>({
  from: nodeName,
  q: optional(text),
  names: optional(
    keys({
      zipf: keys({
        n: integer({ from: 1, to: 100_000, what: 'names' }),
        s: v.number("Zipf's exponent, such as 0.9"),
        as: v.pipe(text, v.includes('%d', 'a name with %d in it, such as h%d.example.com.')),
      }),
    }),
  ),
  arrivals: keys<RawArrivals>({
    poisson: optional(rate),
    every: optional(duration),
    diurnal: optional(keys({ mean: rate, amplitude: chance })),
    log: optional(text),
  }),
});

export interface RawEvent {
  readonly at?: number;
  readonly for?: number;
  readonly update?: { readonly zone: DnsName; readonly replace: string };
  readonly ttl?: { readonly name: string; readonly to: number };
  readonly loss?: { readonly to: readonly string[]; readonly p: number };
  readonly partition?: readonly (readonly string[])[];
  readonly crash?: readonly string[];
  readonly churn?: { readonly name: string; readonly rate: number };
  /** `step` in milliseconds, ahead or back; `drift` in ppm. */
  readonly clock?: {
    readonly nodes: readonly string[];
    readonly step?: number;
    readonly drift?: number;
  };
}

const event = keys<RawEvent>({
  at: optional(duration),
  for: optional(duration),
  update: optional(keys({ zone: domainName, replace: text })),
  ttl: optional(keys({ name: text, to: ttlSeconds })),
  loss: optional(keys({ to: names, p: chance })),
  partition: optional(v.array(names, 'groups of nodes, as [[a], [b, c]]')),
  crash: optional(names),
  churn: optional(keys({ name: text, rate })),
  clock: optional(keys({ nodes: names, step: optional(step), drift: optional(drift) })),
});

export const METRICS = [
  'hitRatio',
  'failedRatio',
  'staleRatio',
  'staleness.max',
  'staleness.mean',
  'lat.mean',
  'lat.p50',
  'lat.p99',
  'upstream.qps',
] as const;

export interface RawExpectation {
  readonly metric: (typeof METRICS)[number];
  readonly op?: '<=' | '>=' | '<' | '>';
  /** A duration counts in milliseconds. */
  readonly value?: number;
  readonly model?: 'jung2003';
  /** Standard errors from what the model says. */
  readonly within?: number;
}

const expectation = keys<RawExpectation>({
  metric: v.picklist(METRICS, METRICS.join(', ')),
  op: optional(v.picklist(['<=', '>=', '<', '>'], "'<=', '>=', '<' or '>'")),
  model: optional(v.literal('jung2003', "'jung2003': the theory of docs/lab")),
  within: optional(
    reading('standard errors such as 3se', (given) => {
      const [, count] = /^(\d+(?:\.\d+)?)se$/.exec(String(given)) ?? [];
      return Number(count) > 0 ? Number(count) : undefined;
    }),
  ),
  value: optional(
    reading('a number, a percentage or a duration', (given) => {
      if (typeof given === 'number') return given;
      const written = String(given);
      const [, percent] = /^(\d+(?:\.\d+)?)%$/.exec(written) ?? [];
      if (percent !== undefined) return Number(percent) / 100;
      return parseDuration(written as Duration) / NS_PER_MS;
    }),
  ),
});

export type SweepValue = number | string;

export interface RawScenario {
  readonly lab: 'ttl/v1';
  readonly name: string;
  readonly seed?: number | string;
  readonly duration: number;
  readonly vars?: Readonly<Record<string, SweepValue>>;
  readonly nodes: Readonly<Record<string, RawNode>>;
  readonly links?: readonly RawLink[];
  readonly workload: readonly RawWorkload[];
  readonly events?: readonly RawEvent[];
  /** `seeds` is no variable, but the seed of a run. */
  readonly sweep?: Readonly<Record<string, readonly SweepValue[]>>;
  readonly costs?: Costs;
  readonly expect?: readonly RawExpectation[];
}

const value = v.union([v.number(), v.string()], 'a number or text');

/** More values than that are a slip, and need not be written down to be refused. */
const RANGE_LENGTH = 1_000_000;

/** A list, or a range of whole numbers such as 1..30. */
const sweepValues: Schema<readonly SweepValue[]> = reading(
  'a list of values, or a range such as 1..30',
  (given) => {
    if (Array.isArray(given)) return given.every(isSweepValue) ? given : undefined;
    const [, first, last] = /^(\d{1,9})\.\.(\d{1,9})$/.exec(String(given)) ?? [];
    const length = Number(last) - Number(first) + 1;
    if (!(length >= 1 && length <= RANGE_LENGTH)) return undefined;
    return Array.from({ length }, (_, index) => Number(first) + index);
  },
);

function isSweepValue(given: unknown): given is SweepValue {
  return typeof given === 'number' || typeof given === 'string';
}

const price = v.pipe(v.number('a price'), v.minValue(0, 'a price of at least 0'));

export const scenarioSchema: Schema<RawScenario> = keys<RawScenario>({
  lab: v.literal('ttl/v1', "'ttl/v1'"),
  name: text,
  seed: optional(value),
  duration,
  vars: optional(v.record(v.string(), value, 'variables as NAME: VALUE')),
  nodes: v.record(nodeKey, node, 'nodes as NAME: { role: … }'),
  links: optional(v.array(link, 'a list of links')),
  workload: v.pipe(v.array(workload, 'a list'), v.minLength(1, 'at least one kind of question')),
  events: optional(v.array(event, 'a list of events')),
  sweep: optional(v.record(v.string(), sweepValues, 'NAME: [VALUE, …]')),
  costs: optional(keys<Costs>({ query: price, stale: price })),
  expect: optional(v.array(expectation, 'a list of expectations')),
});
