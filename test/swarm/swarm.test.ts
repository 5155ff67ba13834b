/**
 * Some hundred seeds of the swarm, quickly; `npm run swarm` runs ten thousand. A seed that fails:
 * `npm run swarm -- --seed 4711 --verbose`.
 */
import { expect, test } from 'vitest';

import { runSeed } from './run.ts';

const SEEDS = Math.ceil(Number(process.env['FUZZ_RUNS']) / 200);

test('random topologies with random faults: never a wrong answer, whatever is asked', async () => {
  let due = 0;
  for (let seed = 0; seed < SEEDS; seed++) {
    const { problems, figures } = await runSeed(seed);
    expect(problems, `seed ${seed}`).toEqual([]);
    due += figures.due;
  }
  expect(due).toBeGreaterThan(SEEDS);
}, 600_000);

test('one seed is one run, to the packet', async () => {
  const [one, other] = [await runSeed(42, true), await runSeed(42, true)];
  expect(one.transcript).toBe(other.transcript);
  expect(one.transcript).toContain('===');
});
