/** Means over seeds and their uncertainty. */
import { describe, expect, test } from 'vitest';
import type { Comparison } from '../../../src/lab/experiment/prediction.ts';
import { cellOf } from '../../../src/lab/sweep/cell.ts';

const run = (value: number, standardError?: number): readonly Comparison[] => [
  {
    metric: 'm',
    measured: { value, unit: 'ratio', ...(standardError !== undefined && { standardError }) },
    predicted: { metric: 'm', kind: 'exact', value: 2, formula: '2' },
    verdict: value === 2 ? 'agrees' : 'disagrees',
  },
];
const figureOf = (runs: readonly (readonly Comparison[])[]) =>
  cellOf({ given: {}, values: {} }, runs).figures.get('m')!;

describe('a cell of a sweep', () => {
  test('the interval of a few runs is as wide as Student says', () => {
    const figure = figureOf([run(1), run(2), run(3)]);
    expect(figure).toMatchObject({ mean: 2, predicted: 2, disagreeing: 2, runs: 3 });
    // The standard deviation is 1, of the mean 1/√3; 4.303 with two degrees of freedom.
    expect(figure.halfWidth).toBeCloseTo(4.303 / Math.sqrt(3), 9);
  });

  test('runs that know their own error are believed, and more of them know better', () => {
    expect(figureOf([run(2, 0.1)]).halfWidth).toBeCloseTo(0.196, 9);
    expect(figureOf([run(1, 0.1), run(3, 0.1)]).halfWidth).toBeCloseTo(0.196 / Math.SQRT2, 9);
  });

  test('one run alone without an error has no interval', () => {
    expect(figureOf([run(2)]).halfWidth).toBeUndefined();
  });

  test('what no run measured has no mean', () => {
    const missing = run(2).map((comparison): Comparison => ({
      ...comparison,
      measured: undefined,
    }));
    expect(figureOf([missing]).mean).toBeUndefined();
  });
});
