import { expect, test } from 'vitest';

import { printPlotPage } from '../../../src/lab/picture/plot-page.ts';

test('figures stand to the right, and words, formulas among them, to the left', () => {
  const page = printPlotPage({
    ...{ title: 'E4', quote: '', question: '', lookFor: [], figures: [], repro: [] },
    tables: [
      [
        ['metric', 'measured', 'predicted', 'formula', 'disagree'],
        ['stale.window', '113.5s', '–', '', '0 of 2'],
        ['answered', '98.30%', '1.2e-7', '1 − p^r', '1 of 2'],
      ],
    ],
  });
  const headings = [...page.matchAll(/<th( class="figure")?>([a-z]+)<\/th>/g)];
  const figures = headings.filter(([, look]) => look !== undefined).map(([, , name]) => name);
  expect(figures).toEqual(['measured', 'predicted', 'disagree']);
});
