/** A line of log now and then while thousands of zones are loaded; none when that is quick. */

import type { Logger } from '../net/logger.ts';
import type { Clock } from '../net/ports.ts';

const INTERVAL_MS = 2000;

/** To be called after each of `total` zones, with the number of those that are done. */
export function loadProgress(
  total: number,
  { clock, logger }: { readonly clock: Clock; readonly logger: Logger },
): (done: number) => void {
  let nextMs = clock.monotonic() + INTERVAL_MS;
  return (done) => {
    const nowMs = clock.monotonic();
    if (nowMs < nextMs || done === total) return;
    logger.info({ done, total }, 'loading zones');
    nextMs = nowMs + INTERVAL_MS;
  };
}
