/** The same protocols on real sockets: as many messages, and the same order for all. */

import { describe, expect, test } from 'vitest';

import { defaultsOf } from '../../../src/lab/experiment/parameters.ts';
import { playReal } from '../../../src/lab/experiment/play-real.ts';
import { findExperiment } from '../../../src/lab/experiment/registry.ts';
import { createRealRuntime } from '../../../src/net/real/runtime.ts';
import { measured, MS, run, violatedBy } from './runs.ts';

/** B1 leaves out what comes after its wait, which on a busy machine must not be a matter of luck. */
const FAR_FROM_TIES: Readonly<Record<string, object>> = { B1: { wait: 400 * MS } };

describe('on real sockets as in virtual time', () => {
  test.each(['B0', 'B1', 'B2', 'B3', 'B4', 'B5', 'B6', 'B6b', 'B7', 'B8', 'B9'])(
    '%s',
    async (id) => {
      const experiment = findExperiment(id);
      if (experiment === undefined) throw new Error(`there is no ${id}`);
      // On a busy machine datagrams overtake each other, and are sent again though nothing is lost.
      const values = { messages: 5, interval: 20 * MS, links: 'fifo', ...FAR_FROM_TIES[id] };
      const all = { ...defaultsOf(experiment.parameters), ...values };
      const real = await playReal(experiment, all, { seed: '1', runtime: createRealRuntime() });
      const simulated = run(id, { values });
      for (const metric of ['msgs.perBroadcast', 'octets.perBroadcast', 'delivered']) {
        expect([metric, measured(real, metric)]).toEqual([metric, measured(simulated, metric)]);
      }
      expect(violatedBy(real)).toEqual([]);
    },
  );
});
