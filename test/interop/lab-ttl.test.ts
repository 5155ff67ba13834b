/**
 * One scenario on TTLs in virtual time, and on real sockets around ts-dns, Unbound and BIND: hit
 * ratios agree with each other and with theory, worst staleness is the TTL, nobody fails.
 */
import { spawnSync } from 'node:child_process';
import { describe, expect, test } from 'vitest';

import { findObstacle, titleOf } from './support/requirements.ts';
import { checkout } from './support/ts-dns.ts';

const TEST_MS = 180_000;
/** Twenty to fill the caches, then thirty that are measured. */
const SECONDS = 50;
const TTL_SECONDS = 10;
/** Whole seconds, and the way of a busy machine. */
const SLACK_SECONDS = 1.5;

interface Told {
  readonly apart: number;
  readonly model: { readonly hitRatio: number };
  readonly rows: readonly {
    readonly name: string;
    readonly metrics: {
      readonly queries: number;
      readonly hitRatio: number;
      readonly failedRatio: number;
      readonly maxStalenessMs: number;
    };
  }[];
}

const obstacle = findObstacle(['network namespaces', 'program unbound', 'program named']);

describe.skipIf(obstacle !== undefined)(titleOf('one TTL, three resolvers', obstacle), () => {
  test(
    'hit ratios are within 3 % of each other, of virtual time and of theory',
    () => {
      const scenario = `${checkout}docs/lab/ttl/real.yaml`;
      const words = ['lab', 'ttl', scenario, '--real', '--set', `seconds=${SECONDS}`, '--json'];
      const { status, stdout, stderr } = spawnSync(
        process.execPath,
        [`${checkout}bin/ts-dns`, ...words],
        { encoding: 'utf8', timeout: TEST_MS },
      );
      expect({ status, stderr }).toEqual({ status: 0, stderr: '' });
      const { rows, model, apart } = JSON.parse(stdout) as Told;
      expect(rows.map(({ name }) => name)).toEqual(['virtual time', 'ts-dns', 'unbound', 'bind']);
      expect(apart).toBeLessThan(0.03);
      for (const { name, metrics } of rows) {
        expect(metrics.queries, name).toBeGreaterThan(1200);
        expect(Math.abs(metrics.hitRatio - model.hitRatio), name).toBeLessThan(0.03);
        expect(metrics.failedRatio, name).toBeLessThan(0.002);
        const worstMs = (TTL_SECONDS + SLACK_SECONDS) * 1000;
        expect(metrics.maxStalenessMs, name).toBeLessThan(worstMs);
      }
    },
    TEST_MS,
  );
});
