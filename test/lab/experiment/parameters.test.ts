import { describe, expect, test } from 'vitest';

import { formatDuration, parseDuration } from '../../../src/lab/experiment/duration.ts';
import { type Parameter, readParameter } from '../../../src/lab/experiment/parameters.ts';

const help = '';

describe('what people write for a parameter', () => {
  test.each<[Parameter, string, number | boolean | string]>([
    [{ kind: 'duration', default: '1ms', help }, '1.5ms', 1_500_000],
    [{ kind: 'fraction', default: 0, help }, '10%', 0.1],
    [{ kind: 'fraction', default: 0, help }, '0.25', 0.25],
    [{ kind: 'count', default: 1, min: 0, max: 9, help }, '9', 9],
    [{ kind: 'number', default: 1, min: -5, max: 5, help }, '-2.5', -2.5],
    [{ kind: 'flag', default: false, help }, 'true', true],
    [{ kind: 'choice', choices: ['a', 'b'], default: 'a', help }, 'b', 'b'],
  ])('%j: %s', (parameter, text, value) => {
    expect(readParameter('x', parameter, text)).toBe(value);
  });

  test.each<[Parameter, string, string]>([
    [
      { kind: 'duration', default: '1ms', help },
      '5',
      "x: expected a duration such as 5ms, 2s, 1h, got '5'",
    ],
    [
      { kind: 'duration', default: '1ms', max: '1s', help },
      '2s',
      "x: expected a duration from 0ns to 1s, got '2s'",
    ],
    [
      { kind: 'fraction', default: 0, help },
      '101%',
      "x: expected a fraction from 0 to 1, as 0.1 or 10%, got '101%'",
    ],
    [
      { kind: 'count', default: 1, min: 1, max: 9, help },
      '1.5',
      "x: expected a whole number from 1 to 9, got '1.5'",
    ],
    [
      { kind: 'number', default: 1, min: 0, max: 5, help },
      '',
      "x: expected a number from 0 to 5, got ''",
    ],
    [
      { kind: 'choice', choices: ['a', 'b'], default: 'a', help },
      'c',
      "x: expected one of a, b, got 'c'",
    ],
  ])('%j: not %s', (parameter, text, message) => {
    expect(() => readParameter('x', parameter, text)).toThrow(message);
  });

  test.each([
    [0, '0ns'],
    [1_500_000, '1.5ms'],
    [24_000_000, '24ms'],
    [90_000_000_000, '1.5m'],
    [1_000_001, '1.000001ms'],
    [1_000_000_001, '1000.000001ms'],
  ] as const)('%d ns is written %s, and read back', (ns, text) => {
    expect(formatDuration(ns)).toBe(text);
    expect(parseDuration(text)).toBe(ns);
  });
});
