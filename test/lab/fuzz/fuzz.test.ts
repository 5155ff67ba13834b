import { describe, expect, test } from 'vitest';

import type { Checker, Experiment } from '../../../src/lab/experiment/experiment.ts';
import type { Fault } from '../../../src/lab/run/fault.ts';
import { ddmin } from '../../../src/lab/fuzz/ddmin.ts';
import { drawTrial } from '../../../src/lab/fuzz/draw-trial.ts';
import { causalEvents, narrate } from '../../../src/lab/fuzz/narrative.ts';
import { shrink } from '../../../src/lab/fuzz/shrink.ts';
import { playTrial } from '../../../src/lab/fuzz/trial.ts';
import { Recorder } from '../../../src/lab/run/recorder.ts';
import { sliding } from '../sliding.ts';

const experiment = sliding();
const seeds = Array.from({ length: 300 }, (_, seed) => String(seed + 1));

describe('fuzzing', () => {
  test('a protocol that keeps its claims passes, whatever happens', () => {
    for (const seed of seeds) {
      expect({ seed, violations: playTrial(drawTrial(experiment, seed)).violations }).toEqual({
        seed,
        violations: [],
      });
    }
  });

  test('a seed is one trial, and another seed another', () => {
    const [one, again, other] = ['5', '5', '6'].map((seed) => drawTrial(experiment, seed));
    expect(again).toEqual({ ...one, experiment });
    expect(other!.mishaps).not.toEqual(one!.mishaps);
    expect(playTrial(one!).traceHash).toBe(playTrial(again!).traceHash);
  });

  const trials = seeds.map((seed) => drawTrial(experiment, seed));

  test('every claimed class is tried, alone and not at all, and no other', () => {
    const kinds = trials.map(({ mishaps }) => new Set(mishaps.map(([first]) => first!.kind)));
    const all = new Set<Fault['kind']>(kinds.flatMap((set) => [...set]));
    expect([...all].toSorted()).toEqual([
      'crash',
      'cut',
      'delay',
      'double',
      'drop',
      'hold',
      'partition',
      'pause',
    ]);
    expect(kinds.some(({ size }) => size === 0)).toBe(true);
    expect(kinds.some(({ size }) => size === 1)).toBe(true);
    expect(kinds.some(({ size }) => size > 5)).toBe(true);
    const partitions = trials.flatMap(({ mishaps }) =>
      mishaps.filter(([first]) => first!.kind === 'partition'),
    );
    // Some come and go, or are followed by others.
    expect(partitions.some(({ length }) => length > 2)).toBe(true);
    const claimless = { ...experiment, claims: { survives: [] } };
    expect(seeds.flatMap((seed) => drawTrial(claimless, seed).mishaps)).toEqual([]);
  });

  test('whatever breaks is mended, and only who may fail does', () => {
    const ends: Partial<Record<Fault['kind'], Fault['kind']>> = {
      crash: 'restart',
      pause: 'resume',
      partition: 'heal',
      cut: 'heal',
      hold: 'release',
    };
    for (const { mishaps, untilNs } of trials) {
      for (const mishap of mishaps) {
        const first = mishap[0]!;
        const last = mishap.at(-1)!;
        expect(last.kind).toBe(ends[first.kind] ?? first.kind);
        if (mishap.length > 1) expect(last.atNs).toBeGreaterThan(first.atNs);
        expect(untilNs - last.atNs).toBeGreaterThanOrEqual(10_000_000_000);
        if (first.kind === 'crash') expect(first).toMatchObject({ node: 1 });
      }
    }
  });
});

describe('shrinking', () => {
  test.each(['no-dedup', 'no-disk'])('%s is found, and shrinks to a few events', (mutant) => {
    const trial = seeds
      .map((seed) => drawTrial(experiment, seed, { mutant }))
      .find((candidate) => playTrial(candidate).violations.length > 0)!;
    const small = shrink(trial)!;
    const recorder = new Recorder();
    const run = playTrial(small.trial, { observers: [(event) => recorder.observe(event)] });
    const violation = run.violations.find(({ property }) => property === small.property)!;
    expect(violation).toBeDefined();
    expect(small.property).toBe(playTrial(trial).violations[0]!.property);
    const happened = recorder.events.filter(({ kind }) => kind !== 'fault' && kind !== 'start');
    expect(happened.length).toBeLessThan(20);
    expect(small.trial.mishaps.length).toBeLessThanOrEqual(2);
    expect(small.trial.commands?.length ?? 1).toBeLessThanOrEqual(2);
    const story = narrate(violation, recorder.events, run.nodes);
    expect(story).toContain(`So ${small.property} is violated: ${violation.text}.`);
    expect(causalEvents(violation, recorder.events).length).toBeLessThan(recorder.events.length);
  });

  test('there is nothing to shrink in a trial that fails nothing', () => {
    expect(shrink(drawTrial(experiment, '1'))).toBeUndefined();
  });

  test('what is lost by chance is written down and taken out, down to the loss that matters', () => {
    const silent: Experiment = {
      ...experiment,
      claims: { survives: [], draw: { loss: [0.4], messages: [8] } },
      checkers: () => [thirdIsKept()],
    };
    const trial = seeds
      .map((seed) => drawTrial(silent, seed))
      .find((candidate) => playTrial(candidate).violations.length > 0)!;
    const small = shrink(trial)!.trial;
    expect(small.values['loss']).toBe(0);
    expect(small.mishaps).toHaveLength(1);
    expect(small.mishaps[0]).toMatchObject([{ kind: 'drop', from: 0, to: 1 }]);
  });
});

function thirdIsKept(): Checker {
  const property = 'data 3 is not lost';
  const lost: number[] = [];
  return {
    property,
    observe: ({ id, kind, text, detail }) => {
      if (kind === 'lose' && text === 'data' && detail === 3) lost.push(id);
    },
    finish: () => lost.slice(0, 1).map((id) => ({ property, text: 'it is', events: [id] })),
  };
}

describe('delta debugging', () => {
  const items = Array.from({ length: 40 }, (_, item) => item);

  test.each([[[7]], [[3, 31]], [[0, 20, 39]], [[]]])('finds %j and nothing else', (needed) => {
    const fails = (part: readonly number[]): boolean => needed.every((item) => part.includes(item));
    expect(ddmin(items, fails)).toEqual(needed);
  });
});
