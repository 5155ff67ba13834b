/**
 * The checkers, tried on protocols that are broken on purpose: the fuzzer catches each mutant, by
 * the property that its description names, within few seeds, and makes of it a scenario of a few
 * events. (The table in docs/lab/mutants.md is made by bench/lab-mutants.mjs.)
 */
import { describe, expect, test } from 'vitest';

import type { Experiment } from '../../../src/lab/experiment/experiment.ts';
import { EXPERIMENTS } from '../../../src/lab/experiment/registry.ts';
import { drawTrial } from '../../../src/lab/fuzz/draw-trial.ts';
import { shrink } from '../../../src/lab/fuzz/shrink.ts';
import { playTrial, sizeOf, type Trial } from '../../../src/lab/fuzz/trial.ts';

/** Every mutant is caught within so many. */
const WITHIN_SEEDS = 100;
/** A scenario that people read. */
const FEW_EVENTS = 20;
/** Shrunk always; all of them in slow mode. */
const SAMPLE = ['A1 never-stop', 'A2 forget-retransmit-rtt', 'A5 nack-once', 'B5 no-epoch'].concat([
  'B8 token-duplicated',
  'B9 no-disk',
  'B9 first-log-wins',
  'B10 skips-a-neighbour',
]);
/**
 * Rules whose breach takes several faults in one order: hundreds of seeds have not found them, so
 * they are played by hand (test/lab/agreement/raft-scripts.test.ts and two-propose.test.ts).
 */
const RARE: ReadonlySet<string> = new Set([
  ...['D2 commit-old-term', 'D2 forget-vote', 'D2 no-term-check', 'D2 trust-disk'],
  'D1 no-disk',
]);
const IS_SLOW = Number(process.env['FUZZ_RUNS']) > 100_000;

interface Case {
  readonly name: string;
  readonly experiment: Experiment;
  readonly mutant: string;
  /** Any of them may be the first to be seen. */
  readonly properties: readonly string[];
}
const CASES: readonly Case[] = EXPERIMENTS.flatMap((experiment) =>
  Object.entries(experiment.mutants)
    .filter(([mutant]) => !RARE.has(`${experiment.id} ${mutant}`))
    .map(([mutant, description]) => {
      const [, named = ''] = /(?:violates|:) ([\w ,]+)$/.exec(description) ?? [];
      const name = `${experiment.id} ${mutant}`;
      return { name, experiment, mutant, properties: named.split(', ') };
    }),
);

function firstCaught({ experiment, mutant, properties }: Case): Trial | undefined {
  for (let seed = 1; seed <= WITHIN_SEEDS; seed += 1) {
    const trial = drawTrial(experiment, String(seed), { mutant });
    if (playTrial(trial).violations.some(({ property }) => properties.includes(property)))
      return trial;
  }
  return undefined;
}

describe(`broken on purpose, caught within ${WITHIN_SEEDS} seeds`, () => {
  test.each(CASES)('$name: $properties', (one) => {
    const trial = firstCaught(one);
    expect(trial).toBeDefined();
    if (trial === undefined || !(IS_SLOW || SAMPLE.includes(one.name))) return;
    const small = shrink(trial);
    const { commands, faults } = sizeOf(small!.trial);
    expect(commands + faults).toBeLessThan(FEW_EVENTS);
    expect(small!.run.violations.map(({ property }) => property)).toContain(small!.property);
  });

  test('the sample is of mutants that there are', () => {
    expect(CASES.map(({ name }) => name)).toEqual(expect.arrayContaining(SAMPLE));
  });
});
