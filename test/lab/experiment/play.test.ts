import { expect, test } from 'vitest';

import { defaultsOf } from '../../../src/lab/experiment/parameters.ts';
import { play, statusOf } from '../../../src/lab/experiment/play.ts';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';
import { printRun } from '../../../src/lab/report/table.ts';

test('a protocol that sends faster than anything arrives is stopped before memory is gone', () => {
  const experiment = findExperiment('A1')!;
  // Ten million copies would be under way before the first acknowledgement.
  const own = { messages: 1, timer: 1000, rtt: 10_000_000_000 };
  const values = { ...defaultsOf(experiment.parameters), ...own };
  const run = play(experiment, values, { seed: '1', maxUnderWay: 1000 });
  expect(run.end).toBe('endless');
  expect(run.eventCount).toBeLessThan(10_000);
  expect(statusOf({ ...run, comparisons: [], violations: [] })).toBe(2);
  expect(printRun(run)).toContain('stopped: more was under way, or happened, than is waited for');
});
