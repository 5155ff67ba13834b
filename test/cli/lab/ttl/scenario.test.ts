import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { describe, expect, onTestFinished, test } from 'vitest';

import { readScenario, readScenarioFile } from '../../../../src/cli/lab/ttl/read-scenario.ts';
import { main } from '../../../../src/cli/ts-dns.ts';
import { runScenario } from '../../../../src/lab/ttl/scenario-run.ts';
import type { ScenarioMetrics } from '../../../../src/lab/ttl/scenario-meter.ts';
import { captured } from '../../captured.ts';

const folder = fileURLToPath(new URL('../../../../docs/lab/ttl', import.meta.url));
const file = join(folder, 'low-vs-high.yaml');
const text = readFileSync(file, 'utf8');

async function playWith(ttl: number): Promise<{ metrics: ScenarioMetrics; traceHash: string }> {
  const read = readScenarioFile(file, { ttl: String(ttl) });
  if (!read.ok) throw new Error(read.error.map(({ message }) => message).join('\n'));
  return runScenario(read.value.scenario);
}

/** Every problem of the scenario where `from` stands for `to`, as line:column and message. */
function problemsWith(from: string, to: string): readonly string[] {
  expect(text).toContain(from);
  const read = readScenario(file, Buffer.from(text.replace(from, to)));
  if (read.ok) return [];
  return read.error.map(({ line, column, message }) => `${line}:${column} ${message}`);
}

describe('low TTL against high TTL, on zone files', () => {
  test('low: fresh soon, and lost with its servers; high: stale, and indifferent', async () => {
    const low = (await playWith(60)).metrics;
    const high = (await playWith(7200)).metrics;
    expect(low.maxStalenessMs).toBeLessThanOrEqual(60_000 + 20);
    expect(high.maxStalenessMs).toBeGreaterThan(60_000);
    expect(high.hitRatio).toBeGreaterThan(low.hitRatio);
    // Half an hour of two is a quarter, less what caches ride out.
    expect(low.failedRatio).toBeGreaterThan(0.15);
    expect(high.failedRatio).toBeLessThan(0.02);
    expect(low.upstreamPerSecond['ns1']! + low.upstreamPerSecond['ns2']!).toBeGreaterThan(
      10 * (high.upstreamPerSecond['ns1']! + high.upstreamPerSecond['ns2']!),
    );
  });

  test('is the same run every time', async () => {
    expect((await playWith(7200)).traceHash).toBe((await playWith(7200)).traceHash);
  });
});

describe('secondaries and clocks', () => {
  const secondary = readFileSync(join(folder, 'secondary.yaml'), 'utf8');
  const read = (yaml: string): ReturnType<typeof readScenario> =>
    readScenario(join(folder, 'secondary.yaml'), Buffer.from(yaml));
  const metricsOf = async (yaml: string): Promise<ScenarioMetrics> => {
    const scenario = read(yaml);
    if (!scenario.ok) throw new Error(scenario.error.map(({ message }) => message).join('\n'));
    return (await runScenario(scenario.value.scenario)).metrics;
  };

  test('a secondary hears of changes, and answers without its primary until EXPIRE', async () => {
    const { maxStalenessMs, failedRatio } = await metricsOf(secondary);
    // What was changed before the cut is everywhere after the TTL; what was changed in it is not.
    expect(maxStalenessMs).toBeGreaterThan(1_500_000);
    expect(maxStalenessMs).toBeLessThanOrEqual(1_860_000);
    expect(failedRatio).toBeGreaterThan(0.2);
    const healed = secondary.replace('for: 60m, partition', 'for: 20m, partition');
    expect((await metricsOf(healed)).failedRatio).toBe(0);
  });

  test.each([
    ['of: ns1, ', '', 'a secondary takes a `zone` from the node that it is `of`'],
    ['of: ns1', 'of: ns3', "there is no auth or primary 'ns3'"],
    ['of: ns1, zone: example.com.', 'of: ns1, zone: example.org.', 'no server has the zone example.org.'], // prettier-ignore
    ['nodes: res, drift', 'nodes: c, drift', "there is no auth or primary or secondary or resolver"], // prettier-ignore
    ['drift: 100ppm, step: -2s', 'drift: 100', 'expected parts in a million, such as 20ppm'],
    ['drift: 100ppm, step: -2s', 'step: 2', 'expected a duration such as 2s, or -500ms to go back'],
    [', drift: 100ppm, step: -2s', '', 'a clock has a `step`, a `drift` or both'],
  ])('%s → %s', (from, to, expected) => {
    expect(secondary).toContain(from);
    const scenario = read(secondary.replace(from, to));
    const told = scenario.ok ? [] : scenario.error.map(({ message }) => message);
    expect(told.join('\n')).toContain(expected);
  });
});

describe('a scenario with an error is told where', () => {
  test.each([
    ['role: forwarder', 'role: forwarde', '13:17 expected auth, primary, secondary, resolver, forwarder or client'], // prettier-ignore
    [
      'resolver: home',
      'resolver: hom',
      "15:51 there is no resolver or forwarder 'hom': is it 'home'?",
    ],
    ['0.5/s', '0.5', '20:60 expected a rate with its unit, such as 5/s or 1/day'],
    ['duration: 2h', 'duration: 2', '5:11 expected a duration such as 20ms, 5s, 2h, 1d'],
    ['at: 60m', 'at: 3h', '29:5 after the end of the scenario'],
    ['to: [ns1, ns2]', 'to: [ns1, ns3]', "29:5 there is no node 'ns3': is it 'ns1'?"],
    ['root.zone', 'rot.zone', '/rot.zone: no such file'],
    ['zone: example.com.', 'zone: example.org.', '28:5 no server has the zone example.org.'],
    ['192.0.2.2', '192.0.2.256', '28:55 A: expected an IPv4 address'],
    ['seed: 42', 'sed: 42', "4:1 there is no key 'sed' here: is it 'seed'?"],
    ['ttl: [60, 7200]', 'tll: [60, 7200]', "31:8 no variable is 'tll': is it 'ttl'?"],
    ['{ ttl: 60 }', '{ tll: 60 }', "28:55 there is no variable 'ttl': vars sets tll"],
  ])('%s → %s', (from, to, expected) => {
    expect(problemsWith(from, to).join('\n')).toContain(expected);
  });

  test('also in a zone file, with its line', () => {
    const own = mkdtempSync(join(tmpdir(), 'ttl-'));
    onTestFinished(() => rmSync(own, { recursive: true }));
    writeFileSync(join(own, 'root.zone'), '@ 1 SOA a. b. 1 1 1 1 1\n@ 1 NS a.\na. 1 A 1.2.3\n');
    const read = readScenario(join(own, 's.yaml'), Buffer.from(text));
    const [problem] = read.ok ? [] : read.error;
    expect(problem).toMatchObject({ file: join(own, 'root.zone'), line: 3, column: 8 });
  });
});

describe('ts-dns lab ttl', () => {
  test('makes a scenario of a zone and a name, and refuses to write over it', async () => {
    const own = mkdtempSync(join(tmpdir(), 'ttl-'));
    onTestFinished(() => rmSync(own, { recursive: true }));
    const zone = join(own, 'my.zone');
    writeFileSync(zone, '$ORIGIN my.example.\n@ 60 SOA ns h 1 1 1 1 60\n@ 60 NS ns\nns 60 A 192.0.2.7\nwww 60 A 192.0.2.8\n'); // prettier-ignore
    const out = join(own, 'out');
    const quick = ['--zone', zone, '--name', 'www.my.example', '--rate', '1/s', '--change', '10/h'];
    const words = ['lab', 'ttl', ...quick, '--duration', '30m', '--out', out];
    const made = await captured(() => main([...words, '--ttl', '60', '--once']));
    expect(made).toMatchObject({ status: 0, err: '' });
    expect(made.out).toMatch(/\n +60 +\d+ +9\d\.\d\d% +9\d\.\d\d%/);
    const again = await captured(() => main(words));
    expect(again.status).toBe(2);
    expect(again.err).toContain('is there already');
  });

  test.each([
    [[], 'lab ttl needs a scenario file, or --zone FILE --name NAME --rate N/s'],
    [['nowhere.yaml'], 'cannot read nowhere.yaml: no such file'],
    [[file, '--set', 'ttl'], "--set: expected NAME=VALUE, got 'ttl'"],
  ])('%j: one clear line', async (words, message) => {
    const run = await captured(() => main(['lab', 'ttl', ...words]));
    expect(run.status).toBe(2);
    expect(run.err.trimEnd()).toBe(`ts-dns: ${message}`);
  });
});
