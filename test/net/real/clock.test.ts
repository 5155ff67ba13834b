import { once } from 'node:events';
import { expect, test } from 'vitest';

import { createClock } from '../../../src/net/real/clock.ts';

test('a delay beyond 2^31-1 ms is not cut to one millisecond', async () => {
  const clock = createClock(() => {});
  const warnings: Error[] = [];
  const note = (warning: Error): void => void warnings.push(warning);
  process.on('warning', note);
  let hasFired = false;
  const timer = clock.schedule(2 ** 31, () => {
    hasFired = true;
  });
  // Node reports an overflow as a warning, in the order of reporting.
  process.emitWarning('the last one');
  await once(process, 'warning');
  await new Promise<void>((resolve) => {
    clock.schedule(3, resolve);
  });
  timer.cancel();
  process.off('warning', note);
  expect(hasFired).toBe(false);
  expect(warnings.map(({ name }) => name)).not.toContain('TimeoutOverflowWarning');
});

test('wall time is the time of day, in milliseconds since 1970', () => {
  const before = Date.now();
  const wall = createClock(() => {}).wall();
  expect(wall).toBeGreaterThanOrEqual(before);
  expect(wall).toBeLessThanOrEqual(Date.now());
});
