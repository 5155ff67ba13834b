import { expect, test } from 'vitest';

import { History } from '../../../src/lab/history/history.ts';
import { type HistoryFormat, printHistory } from '../../../src/lab/history/print-history.ts';
import { eventsOf } from './told.ts';

const LINES = [
  ...['0 submit write x 7', '1 submit read x', '1 deliver value -1', '0 deliver gives up'],
  ...['1 submit cas x 7 8', '1 deliver mismatch', '0 submit write x 9', '0 deliver ok'],
  ...['1 submit write x 5', '1 deliver refused'],
] as const;

function printed(format: HistoryFormat, ...lines: readonly string[]): readonly string[] {
  const history = new History();
  for (const event of eventsOf(...lines)) history.observe(event);
  return [...printHistory(history.operations, format)];
}

test('for Knossos: who gives up never asks again, and is followed by another client', () => {
  expect(printed('edn', ...LINES).join('')).toBe(
    `{:index 0, :time 0, :process 0, :type :invoke, :f :write, :value 7}
{:index 1, :time 1000, :process 1, :type :invoke, :f :read, :value nil}
{:index 2, :time 2000, :process 1, :type :ok, :f :read, :value nil}
{:index 3, :time 3000, :process 0, :type :info, :f :write, :value 7}
{:index 4, :time 4000, :process 1, :type :invoke, :f :cas, :value [7 8]}
{:index 5, :time 5000, :process 1, :type :fail, :f :cas, :value [7 8]}
{:index 6, :time 6000, :process 2, :type :invoke, :f :write, :value 9}
{:index 7, :time 7000, :process 2, :type :ok, :f :write, :value 9}
{:index 8, :time 8000, :process 1, :type :invoke, :f :write, :value 5}
{:index 9, :time 9000, :process 1, :type :fail, :f :write, :value 5}
`,
  );
});

test('several keys are pairs', () => {
  const lines = ['0 submit write x 7', '0 deliver ok', '1 submit cas y 1 2'];
  expect(printed('edn', ...lines).map((line) => line.split(':value ')[1])).toEqual([
    '["x" 7]}\n',
    '["x" 7]}\n',
    '["y" [1 2]]}\n',
  ]);
});

test('for Porcupine: every call returns, at the end if nobody has heard of it', () => {
  expect(printed('json', ...LINES).map((line) => JSON.parse(line) as unknown)).toEqual([
    { ClientId: 0, Kind: false, Value: { op: 'write', key: 'x', value: 7 }, Id: 0 },
    { ClientId: 1, Kind: false, Value: { op: 'read', key: 'x' }, Id: 1 },
    { ClientId: 1, Kind: true, Value: { value: null }, Id: 1 },
    { ClientId: 1, Kind: false, Value: { op: 'cas', key: 'x', from: 7, value: 8 }, Id: 2 },
    { ClientId: 1, Kind: true, Value: { ok: false }, Id: 2 },
    { ClientId: 2, Kind: false, Value: { op: 'write', key: 'x', value: 9 }, Id: 3 },
    { ClientId: 2, Kind: true, Value: { ok: true }, Id: 3 },
    { ClientId: 0, Kind: true, Value: { unknown: true }, Id: 0 },
  ]);
});
