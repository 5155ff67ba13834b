/**
 * A deadline as an `AbortSignal` on an injected clock, so that it also works in virtual time
 * (`AbortSignal.timeout` would run on the machine's clock).
 */

import type { Clock } from './ports.ts';

export interface Deadline {
  /** Aborts when the time is over or when `parent` does. */
  readonly signal: AbortSignal;
  /** Releases the timer and the parent; the signal stays as it is. Idempotent. */
  cancel(): void;
}

/** Call `cancel` in a `finally`: a pending timer keeps the process alive. */
export function startDeadline(clock: Clock, delayMs: number, parent?: AbortSignal): Deadline {
  const controller = new AbortController();
  const abort = (): void => {
    cancel();
    controller.abort(parent?.aborted === true ? parent.reason : undefined);
  };
  const timer = clock.schedule(delayMs, abort);
  const cancel = (): void => {
    timer.cancel();
    parent?.removeEventListener('abort', abort);
  };
  if (parent?.aborted === true) abort();
  else parent?.addEventListener('abort', abort, { once: true });
  return { signal: controller.signal, cancel };
}
