import { expect, test } from 'vitest';

import { Truth } from '../../../src/lab/ttl/truth.ts';

test('an answer is stale since the next value became true, also where a value comes back', () => {
  const truth = new Truth();
  truth.set('a', 0);
  truth.set('b', 100);
  truth.set('a', 200);
  expect(truth.staleMs('a', 250)).toBe(0);
  expect(truth.staleMs('b', 250)).toBe(50);
  expect(truth.versionsBehind('b')).toBe(1);
  expect(truth.staleMs('never true', 250)).toBeUndefined();
});
