/**
 * Every protocol under everything that it claims to survive, and the same protocol broken on
 * purpose: the whole one violates nothing over all seeds, the broken one is caught within few.
 */

import { describe, expect, test } from 'vitest';

import { GOSSIP_EXPERIMENTS } from '../../../src/lab/gossip/experiments.ts';
import { ORDER_EXPERIMENTS } from '../../../src/lab/order/experiments.ts';
import { firstViolation } from './swarm.ts';

/** 200 usually, 10,000 in slow mode. */
const SEEDS = Math.min(10_000, Math.ceil(Number(process.env['FUZZ_RUNS'] ?? 20_000) / 100));
/** A broken protocol is found within so many. */
const MUTANT_SEEDS = 200;

describe(`${SEEDS} seeds, faults as claimed`, () => {
  const experiments = [...ORDER_EXPERIMENTS, ...GOSSIP_EXPERIMENTS];
  test.each(experiments.map(({ id }) => id))('%s violates nothing', (id) => {
    expect(firstViolation(id, SEEDS)).toBeUndefined();
  });
});

describe(`broken on purpose, caught within ${MUTANT_SEEDS} seeds`, () => {
  const MUTANTS: readonly (readonly [string, string, string])[] = [
    ['B0', 'no-holdback', 'FIFO order'],
    ['B1', 'no-waiting', 'total order'],
    ['B2', 'ack-missing-one', 'total order'],
    ['B2', 'no-tie-break', 'total order'],
    ['B3', 'no-holdback', 'total order'],
    ['B3', 'skip-number-on-timeout', 'total order'],
    ['B4', 'no-holdback', 'total order'],
    ['B4', 'skip-number-on-timeout', 'total order'],
    ['B5', 'no-epoch', 'total order'],
    ['B5', 'no-backup-before-multicast', 'total order'],
    ['B6', 'no-holdback', 'total order'],
    ['B6', 'skip-number-on-timeout', 'total order'],
    ['B6b', 'uses-released', 'validity'],
    ['B6b', 'overlapping-blocks', 'total order'],
    ['B7', 'no-holdback', 'total order'],
    ['B8', 'token-duplicated', 'total order'],
    ['B8', 'old-token-taken', 'total order'],
    ['B9', 'minority-commit', 'total order'],
    ['B9', 'no-disk', 'total order'],
    ['B9', 'first-log-wins', 'total order'],
  ];

  test('every mutant is in this table', () => {
    const all = ORDER_EXPERIMENTS.flatMap(({ id, mutants }) =>
      Object.keys(mutants).map((mutant) => `${id} ${mutant}`),
    );
    expect(MUTANTS.map(([id, mutant]) => `${id} ${mutant}`)).toEqual(all);
  });

  test.each(MUTANTS)('%s %s: %s', (id, mutant, property) => {
    expect(firstViolation(id, MUTANT_SEEDS, { mutant, property })).toBeDefined();
  });
});
