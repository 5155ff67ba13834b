import { describe, expect, test } from 'vitest';

import { headOfLineNs } from '../../../src/lab/transport/head-of-line.ts';

const MS = 1_000_000;

describe('the wait for earlier messages', () => {
  test('is nothing without loss', () => {
    expect(headOfLineNs({ loss: 0, timerNs: 60 * MS, intervalNs: MS })).toBe(0);
  });

  test('is the message its own repair when messages are far apart', () => {
    const waitNs = headOfLineNs({ loss: 0.1, timerNs: 60 * MS, intervalNs: 100_000 * MS });
    expect(waitNs / MS).toBeCloseTo((60 * 0.1) / 0.9, 1);
  });

  test('adds up for two: a repair behind, or the own', () => {
    // p small: the own loss costs τ, a loss one interval ago τ − T, two ago τ − 2T…
    const p = 1e-6;
    const waitNs = headOfLineNs({ loss: p, timerNs: 60 * MS, intervalNs: 20 * MS });
    expect(waitNs / (p * MS)).toBeCloseTo(60 + 40 + 20, 2);
  });
});
