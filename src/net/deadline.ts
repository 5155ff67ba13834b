/**
 * A deadline as a `Cancellation` on an injected clock, so that it also works in virtual time
 * (`AbortSignal.timeout` would run on the machine's clock).
 */

import { CancellationSource, type Cancellation } from './cancellation.ts';
import type { Clock } from './ports.ts';

export interface Deadline {
  /** Aborts when the time is over or when `parent` does. */
  readonly signal: Cancellation;
  /** Releases the timer and the parent; the signal stays as it is. Idempotent. */
  cancel(): void;
}

/** Call `cancel` in a `finally`: a pending timer keeps the process alive. */
export function startDeadline(clock: Clock, delayMs: number, parent?: Cancellation): Deadline {
  const source = new CancellationSource();
  const abort = (): void => {
    cancel();
    source.abort(parent?.aborted === true ? parent.reason : undefined);
  };
  const timer = clock.schedule(delayMs, abort);
  const cancel = (): void => {
    timer.cancel();
    parent?.removeEventListener('abort', abort);
  };
  if (parent?.aborted === true) abort();
  else parent?.addEventListener('abort', abort, { once: true });
  return { signal: source, cancel };
}
