/** docs/lab/ttl/scenario.schema.json says the same as the reader of scenarios. */

import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, test } from 'vitest';
import { parse } from 'yaml';

import { readScenario } from '../../../../src/cli/lab/ttl/read-scenario.ts';
import { scenarioSchema } from '../../../../src/cli/lab/ttl/schema.ts';
import { isValid } from '../../../support/json-schema.ts';

const folder = fileURLToPath(new URL('../../../../docs/lab/ttl', import.meta.url));
const schema = JSON.parse(readFileSync(join(folder, 'scenario.schema.json'), 'utf8')) as object;
const file = join(folder, 'what-it-costs.yaml');
const text = readFileSync(file, 'utf8');

interface Verdicts {
  readonly schema: boolean;
  readonly reader: boolean;
}

/** Whether each of the two takes the example where `from` stands for `to`. */
function verdictsOn(from: string, to: string): Verdicts {
  expect(text).toContain(from);
  const edited = text.replace(from, to);
  return {
    schema: isValid(schema as never, parse(edited)),
    reader: readScenario(file, Buffer.from(edited)).ok,
  };
}

test.each(readdirSync(folder).filter((name) => name.endsWith('.yaml')))('%s is valid', (name) => {
  const example = readFileSync(join(folder, name));
  expect(isValid(schema as never, parse(example.toString()))).toBe(true);
  expect(readScenario(join(folder, name), example).ok).toBe(true);
});

describe('both refuse', () => {
  test.each([
    ['lab: ttl/v1', 'lab: ttl/v2'],
    ['lab: ttl/v1', 'laboratory: ttl/v1'],
    ['name: what', "name: ''\n#"],
    ['duration: 12h', 'duration: 12'],
    ['duration: 12h', 'duration: 12 h'],
    ['seed: 7', 'seed: [7]'],
    ['{ ttl: 60 }', '[60]'],
    ['{ ttl: 60 }', '{ ttl: true }'],
    ['role: resolver', 'role: resolverr'],
    ['role: resolver, ', ''],
    ['serveStale: off', 'serveStale: of'],
    ['serveStale: off', 'serveStale: 1'],
    ['serveStale: off', 'servestale: off'],
    ['serveStale: off', 'maxTtl: 5.5'],
    ['serveStale: off', 'maxTtl: 5 minutes'],
    ['serveStale: off', 'minTtl: -1'],
    ['role: client, count: 20, resolver: res', 'role: client, count: 20'],
    ['count: 20', 'count: 0'],
    ['count: 20', 'count: 5001'],
    ['role: resolver, hints: root', 'role: forwarder, hints: root'],
    ['role: resolver, hints: root', 'role: secondary, of: ns1'],
    ['- { churn: {', '- { at: 1h, clock: { step: 2s } }\n  - { churn: {'],
    ['- { churn: {', '- { at: 1h, clock: { nodes: res, drift: 20 } }\n  - { churn: {'],
    ["zones: { '.': root.zone }", 'zones: root.zone'],
    ["role: auth, zones: { '.': root.zone }", 'role: auth'],
    ['  res: {', '  9res: {'],
    ["between: ['*', '*'], ", ''],
    ["between: ['*', '*']", "between: ['*']"],
    ["between: ['*', '*']", 'between: res'],
    ["between: ['*', '*']", "between: ['*', '*'], from: res"],
    ["between: ['*', '*']", "from: ['*']"],
    ['delay: 20ms', 'jitter: 20ms'],
    ['delay: 20ms', 'delay: 20'],
    ['delay: 20ms', 'delay: 20ms, loss: 1.5'],
    ['delay: 20ms', 'delay: 20ms, loss: 101%'],
    ['delay: 20ms', "delay: 20ms, loss: ''"],
    ['delay: 20ms', 'delay: 20ms, loss: much'],
    ['poisson: 0.2/s', 'poisson: 0.2'],
    ['poisson: 0.2/s', 'poisson: 0/s'],
    ['poisson: 0.2/s', 'poisson: 1/fortnight'],
    ['poisson: 0.2/s', 'poisson: 1/s, every: 5s'],
    ['{ poisson: 0.2/s }', '{}'],
    ['q: www.example.com. A, ', ''],
    ['q: www.example.com. A', "q: ''"],
    ['q: www.example.com. A', 'names: { zipf: { n: 3, s: 1, as: h.example.com. } }'],
    ['q: www.example.com. A', 'names: { zipf: { n: 0, s: 1, as: h%d.example.com. } }'],
    ['q: www.example.com. A', 'names: { zipf: { n: 3, as: h%d.example.com. } }'],
    ['{ poisson: 0.2/s }', '{ log: queries.log }'],
    ['{ churn: {', '{ churns: {'],
    ['{ churn: { name: www.example.com. A, rate: 6/h } }', '{ at: 5m }'],
    ['{ churn: {', '{ crash: ns1, churn: {'],
    ['rate: 6/h', 'rate: 6'],
    ['- { churn: {', '- { at: noon, churn: {'],
    ['ttl: [5, 15, 30, 60, 120, 300, 700]', 'ttl: 5'],
    ['ttl: [5, 15, 30, 60, 120, 300, 700]', 'ttl: [5, true]'],
    ['ttl: [5, 15, 30, 60, 120, 300, 700]', 'ttl: 5-700'],
    ['{ query: 1, stale: 1 }', '{ query: 1 }'],
    ['{ query: 1, stale: 1 }', '{ query: 1, stale: -1 }'],
    ['metric: hitRatio', 'metric: hits'],
    ['model: jung2003, ', ''],
    ['model: jung2003', 'model: jung2003, op: <='],
    ['within: 3.29se', 'within: 3.29'],
    ['within: 3.29se', 'within: 0se'],
    ['op: <=', 'op: =<'],
    [", value: '${ttl}s'", ''],
    ["value: '${ttl}s'", 'value: little'],
    ["value: '${ttl}s'", 'value: x%'],
  ])('%s → %s', (from, to) => {
    expect(verdictsOn(from, to)).toEqual({ schema: false, reader: false });
  });
});

describe('both take', () => {
  test.each([
    ['seed: 7', 'seed: seven'],
    ['duration: 12h', "duration: '${ttl}m'"],
    ['serveStale: off', 'serveStale: true, prefetch: on, maxTtl: 7d, minTtl: 0'],
    ['delay: 20ms', 'delay: 20ms, jitter: 1.5ms, loss: 0.5%'],
    ['delay: 20ms', 'delay: 20ms, loss: .5'],
    ["between: ['*', '*']", "from: '*', to: [ns1, ns2]"],
    ['poisson: 0.2/s', 'every: 90s'],
    ['poisson: 0.2/s', 'diurnal: { mean: 100/day, amplitude: 0.5 }'],
    ['q: www.example.com. A', 'names: { zipf: { n: 3, s: 0.9, as: h%d.example.com. } }'],
    ['- { churn: {', '- { at: 1h, clock: { nodes: res, step: -2s, drift: 9ppm } }\n  - { churn: {'],
    [
      'role: primary, zones: { example.com.: example.zone } }\n  res',
      'role: secondary, of: ns1, zone: example.com. }\n  res',
    ],
    ['- { churn: {', '- { at: 90m, for: 5m, crash: ns1 }\n  - { churn: {'],
    ['- { churn: {', '- { at: 1h, for: 5m, loss: { to: [ns1, ns2], p: 90% } }\n  - { churn: {'],
    ['- { churn: {', '- { at: 1h, partition: [[res], [ns1, ns2]] }\n  - { churn: {'],
    ['- { churn: {', '- { at: 1h, ttl: { name: www.example.com., to: 5m } }\n  - { churn: {'],
    ['ttl: [5, 15, 30, 60, 120, 300, 700]', 'ttl: [5, 60]\n  seeds: 1..30'],
    ["value: '${ttl}s'", 'value: 0.5%'],
  ])('%s → %s', (from, to) => {
    expect(verdictsOn(from, to)).toEqual({ schema: true, reader: true });
  });
});

test('the reader knows more: which nodes there are, what zones hold, how times fit', () => {
  for (const [from, to] of [
    ['resolver: res', 'resolver: ress'],
    ['com.zone', 'no.zone'],
    ['- { churn: {', '- { at: 13h, crash: ns1 }\n  - { churn: {'],
    ['vars: { ttl: 60 }', 'vars: { tll: 60 }'],
  ] as const) {
    expect(verdictsOn(from, to)).toEqual({ schema: true, reader: false });
  }
});

test('no object of the reader has a key that the schema has not, or lacks one', () => {
  const inSchema = new Set<string>();
  collectJson(schema, inSchema);
  const inReader = new Set<string>();
  collectReader(scenarioSchema, inReader);
  expect([...inReader].toSorted()).toEqual([...inSchema].toSorted());
});

/** The keys of each closed object, as one line. */
function collectJson(part: unknown, into: Set<string>): void {
  if (typeof part !== 'object' || part === null) return;
  const { properties, additionalProperties } = part as {
    readonly properties?: object;
    readonly additionalProperties?: unknown;
  };
  if (properties && additionalProperties === false) into.add(keysOf(properties));
  for (const inner of Object.values(part)) collectJson(inner, into);
}

/** Valibot's schemas are plain objects: `entries` of objects, and other schemas within. */
function collectReader(part: unknown, into: Set<string>, seen = new Set<unknown>()): void {
  if (typeof part !== 'object' || part === null || seen.has(part)) return;
  seen.add(part);
  const { entries } = part as { readonly entries?: object };
  if (entries && Object.keys(entries).length > 0) into.add(keysOf(entries));
  for (const inner of Object.values(part)) collectReader(inner, into, seen);
}

function keysOf(object: object): string {
  return Object.keys(object).toSorted().join(' ');
}
