/**
 * The checkers, tried on protocols that are broken on purpose: each mutant is caught, by the
 * property that its description names, within a few seeds of bad lines; and the protocols as they
 * are pass the same checkers on the same lines.
 */
import { describe, expect, test } from 'vitest';

import type { Experiment } from '../../../src/lab/experiment/experiment.ts';
import { defaultsOf, type ParameterValue } from '../../../src/lab/experiment/parameters.ts';
import { play } from '../../../src/lab/experiment/play.ts';
import { TRANSPORT_EXPERIMENTS } from '../../../src/lab/transport/experiments.ts';
import { SeededRandom } from '../../../src/sim/random.ts';
import { runOf } from './runs.ts';

/** 200, and 10,000 in slow mode. */
const SEEDS = Number(process.env['FUZZ_RUNS']) / 100;

/** Numbers of three bits need lines on which nothing is overtaken. */
const FIFO_LINE = '--messages 12 --interval 0ms --rtt 20ms --loss 20% --ack-loss 20% --bits 3';
const LINE = '--messages 12 --interval 0ms --rtt 20ms --jitter 10ms --loss 20% --ack-loss 20%';

/** Where each mutant shows, and within how many seeds. */
const MUTANTS: readonly (readonly [line: string, mutant: string, within: number])[] = [
  [`A1 ${LINE}`, 'no-dedup', 1],
  [`A1 ${LINE}`, 'retransmit-off', 1],
  ['A1 --messages 12 --rtt 4ms --bits 3', 'no-wraparound', 1],
  [`A1 ${LINE}`, 'any-ack', 3],
  ['A1 --messages 1 --rtt 4ms', 'never-stop', 1],
  ['A2 --messages 40 --initial-rto 40ms', 'forget-retransmit-rtt', 1],
  [`A2 ${LINE}`, 'no-dedup', 5],
  [`A2 ${LINE}`, 'retransmit-off', 1],
  [`A3 ${FIFO_LINE} --window 7`, 'no-wraparound', 1],
  [`A3 ${FIFO_LINE} --window 7`, 'window-too-large', 1],
  [`A3 ${LINE}`, 'retransmit-off', 1],
  [`A4 ${FIFO_LINE} --window 4`, 'no-wraparound', 1],
  [`A4 ${FIFO_LINE} --window 4`, 'window-too-large', 1],
  [`A4 ${LINE}`, 'retransmit-off', 1],
  [`A4 ${LINE}`, 'no-dedup', 1],
  [`A4 ${LINE} --layer reliable-ordered`, 'no-fifo', 1],
  [`A5 ${LINE}`, 'nack-lost-tail', 10],
  [`A5 ${LINE}`, 'nack-once', 3],
  [`A5 ${LINE}`, 'no-dedup', 3],
  [`A6 ${LINE}`, 'fast-only', 5],
  [`A6 ${LINE}`, 'ack-ahead', 3],
  [`A6 ${LINE}`, 'no-fifo', 1],
  [`A7 ${LINE}`, 'only-full-batches', 1],
  [`A7 ${LINE}`, 'no-dedup', 5],
  [`A8 ${LINE}`, 'fec-wrong-parity', 3],
  ['A9 --messages 2 --loss 40%', 'no-probe', 5],
  [`A9 ${LINE}`, 'no-dedup', 5],
  ['A11', 'ack-before-deliver', 1],
  ['A11', 'keys-in-memory', 1],
  ['game --messages 100 --jitter 200ms', 'no-drop', 1],
  ['email --messages 100 --jitter 60ms', 'no-dedup', 1],
];

describe('a protocol that is broken on purpose', () => {
  test.each(MUTANTS)('%s: %s is caught within %d seeds', (line, mutant, within) => {
    const [id] = line.split(' ');
    const { mutants } = TRANSPORT_EXPERIMENTS.find((one) => one.id === id) as Experiment;
    const property = /violates ([\w ]+)$/.exec(mutants[mutant] ?? '')?.[1];
    const found = new Set<string>();
    for (let seed = 1; seed <= within && !found.has(property ?? ''); seed += 1) {
      for (const violation of runOf(line, { seed: String(seed), mutant }).violations) {
        found.add(violation.property);
      }
    }
    expect([...found]).toContain(property);
    for (let seed = 1; seed <= 20; seed += 1) {
      expect(runOf(line, { seed: String(seed) }).violations).toEqual([]);
    }
  });

  test('every mutant of every experiment is in the table', () => {
    const known = MUTANTS.map(([line, mutant]) => `${line.split(' ')[0]} ${mutant}`);
    const all = TRANSPORT_EXPERIMENTS.flatMap(({ id, mutants }) =>
      Object.keys(mutants).map((mutant) => `${id} ${mutant}`),
    );
    expect(known).toEqual(all);
  });
});

/** Values that the experiment claims to survive, chosen by the seed. */
function drawn({ parameters, claims }: Experiment, seed: string): Record<string, ParameterValue> {
  const random = new SeededRandom(seed, 'parameters');
  const values: Record<string, ParameterValue> = { ...defaultsOf(parameters) };
  for (const [name, choices] of Object.entries(claims?.draw ?? {})) {
    const list = choices as readonly ParameterValue[];
    values[name] = list[random.below(list.length)] ?? 0;
  }
  return values;
}

test('a datagram may be lost at a receiver that is down, and its copy arrive later', () => {
  const exactlyOnce = TRANSPORT_EXPERIMENTS.find(({ id }) => id === 'A11') as Experiment;
  const values = drawn(exactlyOnce, '1704');
  expect(play(exactlyOnce, values, { seed: '1704' }).violations).toEqual([]);
});

describe('a protocol as it is', () => {
  test.each(TRANSPORT_EXPERIMENTS.filter(({ claims }) => claims))(
    '$id $title keeps its promises on bad lines',
    (experiment) => {
      for (let seed = 1; seed <= SEEDS; seed += 1) {
        const values = drawn(experiment, String(seed));
        const { violations, end } = play(experiment, values, { seed: String(seed) });
        expect({ seed, values, violations, end }).toMatchObject({ violations: [] });
        expect(end).not.toBe('endless');
      }
    },
  );
});
