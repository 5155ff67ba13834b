import { fileURLToPath } from 'node:url';
import { expect, test } from 'vitest';

import { readScenarioFile } from '../../../src/cli/lab/ttl/read-scenario.ts';
import { standardErrorOf } from '../../../src/lab/ttl/batch-means.ts';
import { FilmCamera } from '../../../src/lab/ttl/film.ts';
import { meanStaleness } from '../../../src/lab/ttl/formulas.ts';
import { worstStalenessMs } from '../../../src/lab/ttl/scenario-bounds.ts';
import { compareScenario } from '../../../src/lab/ttl/scenario-compare.ts';
import { modelScenario } from '../../../src/lab/ttl/scenario-model.ts';
import { ScenarioMeter } from '../../../src/lab/ttl/scenario-meter.ts';
import type { TtlScenario } from '../../../src/lab/ttl/scenario.ts';
import { nameOf } from '../../../src/wire/name-text.ts';

const file = fileURLToPath(new URL('../../../docs/lab/ttl/what-it-costs.yaml', import.meta.url));

function scenarioWith(ttl: number): TtlScenario {
  const read = readScenarioFile(file, { ttl });
  if (!read.ok) throw new Error(read.error[0]?.message);
  return read.value.scenario;
}

test('a film has a bar for each life of a record, and a tooth for each time of lying', () => {
  const scenario = scenarioWith(60);
  const camera = new FilmCamera(scenario);
  const question = scenario.workload[0]!.questions[0]!;
  const answer = (atMs: number, value: string, ttlSeconds: number, staleMs: number): void =>
    camera.onAnswer({ population: 'c', question, value, atMs, ttlSeconds, staleMs });
  camera.onTruth(question, 'old', 0);
  answer(1000, 'old', 60, 0);
  answer(31_000, 'old', 30, 0);
  camera.onTruth(question, 'new', 40_000);
  answer(41_000, 'old', 20, 1000);
  answer(60_500, 'old', 1, 20_500);
  // Who still lies when the film ends is shown to its last lie.
  expect(camera.finish()!.staleness[0]?.points.at(-1)).toEqual({ atMs: 60_500, staleMs: 20_500 });
  answer(70_000, 'new', 60, 0);
  const film = camera.finish()!;
  expect(film.record).toBe('www.example.com. A');
  expect(film.lanes).toEqual([
    {
      name: 'authority',
      bars: [
        { fromMs: 0, toMs: 40_000, version: 1 },
        { fromMs: 40_000, toMs: scenario.durationMs, version: 2 },
      ],
    },
    {
      name: 'res',
      bars: [
        { fromMs: 1000, toMs: 61_000, version: 1 },
        { fromMs: 70_000, toMs: 130_000, version: 2 },
      ],
    },
  ]);
  expect(film.staleness[0]?.points).toEqual([
    { atMs: 40_000, staleMs: 0 },
    { atMs: 41_000, staleMs: 1000 },
    { atMs: 60_500, staleMs: 20_500 },
    { atMs: 70_000, staleMs: 0 },
  ]);
});

test('batches shorter than two TTLs say nothing of their spread', () => {
  const timeline = Array.from({ length: 120 }, (_, index) => {
    return { fresh: 10, stale: index % 2, failed: 0, misses: 0, staleMs: 0 };
  });
  const of = ({ stale }: { readonly stale: number }): number => stale;
  const error = standardErrorOf(timeline, { durationMs: 120_000, ttlSeconds: 0, of });
  // Half of the batches 0 of 10, half 1 of 11: (1 − r · 11)² and (r · 10)² with r = 60 / 1260.
  const [one, none] = [(1 - (60 / 1260) * 11) ** 2, ((60 / 1260) * 10) ** 2];
  expect(error).toBeCloseTo(Math.sqrt((60 * (one + none) * 120) / 119) / 1260, 12);
  expect(standardErrorOf(timeline, { durationMs: 120_000, ttlSeconds: 3, of })).toBeUndefined();
  const seldom = timeline.map((part, index) => ({ ...part, stale: index % 20 === 0 ? 1 : 0 }));
  expect(standardErrorOf(seldom, { durationMs: 120_000, ttlSeconds: 0, of })).toBeUndefined();
});

test('an answer has been untrue for about μT²/6 where little changes within a TTL', () => {
  const model = { rate: 100, ttl: 60, fetching: 0 };
  expect(meanStaleness(model, 1e-5)).toBeCloseTo((1e-5 * 60 ** 2) / 6, 3);
  expect(meanStaleness(model, 0)).toBe(0);
});

test('the worst staleness is the TTL and the way, and a day more where stale is served', () => {
  const scenario = scenarioWith(60);
  expect(worstStalenessMs(scenario)).toBe(60_020);
  const resolvers = scenario.resolvers.map((one) => ({ ...one, servesStale: true }));
  expect(worstStalenessMs({ ...scenario, resolvers })).toBe(86_460_020);
  // A week of EXPIRE, and a crystal that makes seconds of 1.0001.
  const [root, com, ns1, ns2] = scenario.servers;
  const copy = { ...ns2!, zones: [], copies: [{ origin: nameOf('example.com.'), primary: 'ns1' }] };
  expect(worstStalenessMs({ ...scenario, servers: [root!, com!, ns1!, copy] })).toBe(604_860_040);
  const clock = { kind: 'clock', atMs: 0, nodes: ['res'], stepMs: 0, ppm: 100 } as const;
  expect(worstStalenessMs({ ...scenario, events: [clock] })).toBeCloseTo(60_026.0026, 3);
});

test.each([
  [60_020, 'agrees'],
  [60_021, 'disagrees'],
])('an answer that has been untrue for %d ms with a TTL of 60 s: %s', (staleMs, verdict) => {
  const scenario = scenarioWith(60);
  const meter = new ScenarioMeter(['ns1'], scenario.durationMs);
  meter.add({ atMs: 1, latencyMs: 2, outcome: 'hit', staleMs });
  const compared = compareScenario(scenario, meter.finish(), undefined);
  const worst = compared.find(({ metric }) => metric === 'staleness.max');
  expect(worst).toMatchObject({ verdict, predicted: { kind: 'at most' } });
});

test('a run that is too short for its TTL is not judged, neither way', () => {
  const scenario = { ...scenarioWith(60), durationMs: 600_000 };
  const meter = new ScenarioMeter(['ns1'], scenario.durationMs);
  meter.add({ atMs: 1, latencyMs: 2, outcome: 'miss', staleMs: 0 });
  const compared = compareScenario(scenario, meter.finish(), modelScenario(scenario));
  const hits = compared.find(({ metric }) => metric === 'hitRatio');
  expect(hits?.predicted?.value).toBeGreaterThan(0.9);
  expect(hits?.verdict).toBe('not judged');
});
