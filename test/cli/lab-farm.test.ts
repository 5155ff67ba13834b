/** Many runs on several threads: results do not depend on how many there are. */
import { fileURLToPath, pathToFileURL } from 'node:url';
import { describe, expect, test } from 'vitest';
import { playTasks } from '../../src/cli/lab-farm.ts';
import type { ScenarioRow } from '../../src/cli/lab/ttl/play-scenario.ts';
import type { FuzzReport, LabTask } from '../../src/cli/lab/lab-task.ts';

/** Sources cannot be threads: the built program plays. */
const built = fileURLToPath(new URL('../../dist/bundle/lab-thread.js', import.meta.url));
const program = pathToFileURL(built);

function tasks(count: number, id = 'A1'): readonly LabTask<FuzzReport>[] {
  return Array.from({ length: count }, (_, index) => ({
    kind: 'fuzz',
    id,
    seeds: [3 * index + 1, 3 * index + 3],
    fixed: {},
    mutant: 'no-dedup',
  }));
}

async function seedsOf(threads: number, count: number): Promise<FuzzReport['seeds']> {
  const seeds = [];
  for await (const report of playTasks<FuzzReport>(tasks(count), {
    threads,
    program,
    aloneSeconds: 0,
  })) {
    seeds.push(...report.seeds);
  }
  return seeds;
}

describe('the farm', () => {
  test('three threads say what one says, in the same order', async () => {
    const alone = await seedsOf(1, 12);
    expect(alone.map(({ seed }) => seed)).toEqual(Array.from({ length: 36 }, (_, at) => at + 1));
    expect(alone.some(({ violation }) => violation !== undefined)).toBe(true);
    expect(await seedsOf(3, 12)).toEqual(alone);
  });

  test('a long run that is played here says how far it is', async () => {
    const shares: number[] = [];
    const task = { kind: 'scenario', file: 'docs/lab/ttl/what-it-costs.yaml', set: {} } as const;
    const onShare = (share: number): void => void shares.push(share);
    for await (const _ of playTasks<ScenarioRow>([task], { threads: 1, onShare }));
    expect(shares.length).toBeGreaterThan(3);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
    expect(Math.max(...shares)).toBeLessThanOrEqual(1);
  });

  test('whoever has seen enough stops, and no thread is left', async () => {
    const endless = (function* forever(): Generator<LabTask<FuzzReport>> {
      for (;;) yield* tasks(1);
    })();
    let taken = 0;
    for await (const { seeds } of playTasks<FuzzReport>(endless, {
      threads: 2,
      program,
      aloneSeconds: 0,
    })) {
      taken += seeds.length;
      if (taken >= 6) break;
    }
    expect(taken).toBe(6);
  });

  test('what goes wrong in a thread is told here', async () => {
    const run = playTasks(tasks(1, 'nobody'), { threads: 2, program, aloneSeconds: 0 });
    await expect(run.next()).rejects.toThrow("there is no experiment 'nobody'");
  });
});
