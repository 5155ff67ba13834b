/** Every protocol under everything that it claims to survive: nothing is violated. */

import { describe, expect, test } from 'vitest';

import { EXPERIMENTS } from '../../../src/lab/experiment/registry.ts';
import { drawTrial } from '../../../src/lab/fuzz/draw-trial.ts';
import { playTrial } from '../../../src/lab/fuzz/trial.ts';

/** 40 usually, 2,000 in slow mode; `ts-dns lab fuzz ID --seeds 1..10000` plays the same. */
const SEEDS = Math.ceil(Number(process.env['FUZZ_RUNS']) / 500);

describe(`${SEEDS} seeds, faults as claimed`, () => {
  test.each(EXPERIMENTS)('$id $title violates nothing', (experiment) => {
    for (let seed = 1; seed <= SEEDS; seed += 1) {
      const { violations } = playTrial(drawTrial(experiment, String(seed)));
      expect({ seed, violations }).toEqual({ seed, violations: [] });
    }
  });
});
