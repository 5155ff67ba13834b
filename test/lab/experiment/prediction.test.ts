import { describe, expect, test } from 'vitest';

import { compare, type Prediction } from '../../../src/lab/experiment/prediction.ts';

const predict = (kind: Prediction['kind'], value: number): readonly Prediction[] => [
  { metric: 'm', kind, value, formula: 'f' },
];
const verdictOf = (
  measured: { value: number; standardError?: number },
  prediction: readonly Prediction[],
): string | undefined => compare({ m: { ...measured, unit: 'count' } }, prediction)[0]?.verdict;

describe('a measurement beside its prediction', () => {
  test.each([
    ['exact', 10, 'agrees'],
    ['exact', 11, 'disagrees'],
    ['at most', 10, 'agrees'],
    ['at most', 10.1, 'disagrees'],
    ['at least', 10, 'agrees'],
    ['at least', 9.9, 'disagrees'],
    ['published', 99, 'not judged'],
  ] as const)('%s 10, measured %d: %s', (kind, value, verdict) => {
    expect(verdictOf({ value }, predict(kind, 10))).toBe(verdict);
  });

  test('statistical: within 3.29 standard errors, and unknown without one', () => {
    expect(verdictOf({ value: 13.2, standardError: 1 }, predict('statistical', 10))).toBe('agrees');
    expect(verdictOf({ value: 13.4, standardError: 1 }, predict('statistical', 10))).toBe(
      'disagrees',
    );
    expect(verdictOf({ value: 10.1 }, predict('statistical', 10))).toBe('unknown');
    expect(verdictOf({ value: 10, standardError: NaN }, predict('statistical', 10))).toBe(
      'unknown',
    );
  });

  test('what was predicted and not measured is not passed over', () => {
    expect(compare({}, predict('exact', 1))).toMatchObject([{ verdict: 'not measured' }]);
  });
});
