/** What questions leave behind on a signal that outlives them: nothing. */
import { getEventListeners } from 'node:events';
import { expect, test } from 'vitest';

import { plainInternet, questionOf } from './fixture.ts';

test('a signal that outlives its questions holds on to none of them', async () => {
  const internet = await plainInternet();
  const resolver = internet.resolver();
  const { signal } = new AbortController();
  const names = ['www.example.com.', 'far.example.com.', 'www.glueless.com.', 'loop.example.com.'];
  const questions = names.flatMap((name) => [questionOf(name), questionOf(name, 'TXT')]);
  const asked = questions.map((question) => resolver.resolve(question, signal));
  expect(getEventListeners(signal, 'abort').length).toBeGreaterThan(0);
  await internet.world.run(Promise.all(asked));
  expect(getEventListeners(signal, 'abort')).toEqual([]);
  expect(internet.leftOpen).toBe(0);
});
