/** Several meters of one run as one. */

import type { Meter } from '../experiment/experiment.ts';
import type { Measurements } from '../experiment/prediction.ts';

/** One meter after the other. */
export function together(...meters: readonly Meter[]): Meter {
  return {
    observe: (event) => {
      for (const meter of meters) meter.observe(event);
    },
    finish: () => Object.assign({}, ...meters.map((meter) => meter.finish())) as Measurements,
  };
}
