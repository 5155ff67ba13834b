import { expect, test } from 'vitest';

import { agreeing } from '../../../src/lab/clocks/sweep-plot.ts';
import { FALSETICKERS } from '../../../src/lab/clocks/experiments/c4-falsetickers.ts';
import { defaultsOf } from '../../../src/lab/experiment/parameters.ts';
import { play } from '../../../src/lab/experiment/play.ts';

const MS = 1_000_000;

test('between the ends of three intervals one, two, three and again fewer agree', () => {
  const said = [
    { server: 'a', lowNs: 11, highNs: 13 },
    { server: 'b', lowNs: 10, highNs: 12 },
    { server: 'c', lowNs: 8, highNs: 12 },
  ];
  expect(agreeing(said)).toEqual([
    { from: 8, to: 10, count: 1 },
    { from: 10, to: 11, count: 2 },
    { from: 11, to: 12, count: 3 },
    { from: 12, to: 13, count: 1 },
  ]);
});

test('the sweep over one round: honest intervals hold the truth, the liar’s is elsewhere', () => {
  const values = { ...defaultsOf(FALSETICKERS.parameters), lie: 30 * MS, rounds: 1 };
  const [picture] = FALSETICKERS.plots!.run!(values);
  play(FALSETICKERS, values, { seed: '1', observers: [(event) => picture!.observe(event)] });
  const { layers } = picture!.finish()!;
  const bars = layers.flatMap((layer) => (layer.mark === 'bars' ? layer.bars : []));
  const said = bars.filter(({ lane }) => lane !== 'the sweep');
  expect(said.map(({ series }) => series)).toEqual([
    ...new Array<string>(3).fill('in the majority'),
    'outside',
  ]);
  expect(said.slice(0, 3).every(({ from, to }) => from <= 0 && to >= 0)).toBe(true);
  const liar = said[3]!;
  expect((liar.from + liar.to) / 2 / MS).toBeCloseTo(30, -1);
  expect(bars.some(({ series }) => series === '3 of 4')).toBe(true);
});
